import { spawnSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FolderSize } from '../../src/core/facts.ts'
import { sizeOfFolder } from '../../src/host/folder-size.ts'
import { asNobody } from '../support/as-nobody.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount, withTinyDisk } from '../support/tiny-disk.ts'

const folder = tempFolder('size')
const wide = { maxEntries: 1_000_000, maxMs: 60_000 }

const size = (
  path: string,
  bounds: Parameters<typeof sizeOfFolder>[2] = wide,
  mounts: string[] = [],
): FolderSize => {
  const reading = sizeOfFolder(path, path, bounds, mounts)
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return reading.value
}

const tree = (name: string, layout: Record<string, number>): string => {
  const top = join(folder, name)
  mkdirSync(top)
  for (const [path, bytes] of Object.entries(layout)) {
    mkdirSync(join(top, path, '..'), { recursive: true })
    writeFileSync(join(top, path), 'x'.repeat(bytes))
  }
  return top
}

/** In bytes, as du counts. */
const du = (path: string): number =>
  Number(spawnSync('du', ['-sx', '--block-size=1', path], { encoding: 'utf8' }).stdout.split('\t')[0])

describe('sizeOfFolder', () => {
  it('says what du says', () => {
    const top = tree('plain', { a: 10, 'b/c': 5000, 'b/d/e/f': 100_000, 'g/h': 0 })
    expect(size(top)).toEqual({ bytes: du(top), files: 4, complete: true })
  })

  it('an empty folder has its own blocks only', () => {
    const top = tree('empty', {})
    expect(size(top)).toEqual({ bytes: du(top), files: 0, complete: true })
  })

  it('counts what is on the disk: nothing for a sparse terabyte', () => {
    const top = tree('sparse', { big: 0 })
    truncateSync(join(top, 'big'), 2 ** 40)
    expect(size(top).bytes).toBe(du(top))
    expect(size(top).bytes).toBeLessThan(1_000_000)
  })

  it('counts a file with two names once', () => {
    const top = tree('linked', { a: 100_000 })
    const before = size(top).bytes
    linkSync(join(top, 'a'), join(top, 'b'))
    expect(size(top)).toEqual({ bytes: before, files: 1, complete: true })
  })

  it('follows no symlink, into a circle or out of the folder', () => {
    const top = tree('symlinks', { 'a/b': 10 })
    const before = size(top)
    symlinkSync('/', join(top, 'root'))
    symlinkSync('..', join(top, 'a/up'))
    expect(size(top)).toEqual(before)
  })

  it('names that are not UTF-8 count', () => {
    const top = tree('latin', {})
    const empty = size(top).bytes
    writeFileSync(Buffer.from(`${top}/caf\xe9`, 'latin1'), 'x'.repeat(5000))
    mkdirSync(Buffer.from(`${top}/d\xff`, 'latin1'))
    writeFileSync(Buffer.from(`${top}/d\xff/f`, 'latin1'), 'x'.repeat(5000))
    mkdirSync(join(top, 'größe'))
    writeFileSync(join(top, 'größe', 'ü'), 'x'.repeat(5000))
    expect(size(top)).toEqual({ bytes: du(top), files: 3, complete: true })
    expect(size(top).bytes).toBeGreaterThan(empty + 15_000)
  })

  it('counts folders of one name only, each once, and not the top itself', () => {
    const layout = {
      'a/__pycache__/x': 5000,
      'a/__pycache__/__pycache__/y': 5000,
      'a/z': 50_000,
      '__pycache__/w': 1,
    }
    const top = tree('__pycache__', layout)
    const named = size(top, { ...wide, named: '__pycache__' })
    expect(named).toEqual({
      bytes: du(`${top}/a/__pycache__`) + du(`${top}/__pycache__`),
      files: 3,
      complete: true,
    })
    expect(size(top, { ...wide, named: 'nowhere' })).toEqual({ bytes: 0, files: 0, complete: true })
  })

  it('a file, a missing folder and a missing permission are no empty folder', () => {
    const top = tree('file', { a: 1 })
    expect(sizeOfFolder(`${top}/a`, '/x', wide, [])).toMatchObject({
      kind: 'failed',
      cause: 'malformed',
      what: '/x',
    })
    expect(sizeOfFolder(`${top}/none`, '/x', wide, [])).toEqual({ kind: 'absent', what: '/x' })
  })
})

describe('its bounds', () => {
  const top = tree(
    'bounded',
    Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d${i % 5}/f${i}`, 1])),
  )

  it('stops after so many entries and says that it is not all', () => {
    expect(size(top, { ...wide, maxEntries: 55 }).complete).toBe(true)
    const part = size(top, { ...wide, maxEntries: 54 })
    expect(part.complete).toBe(false)
    expect(part.files).toBe(49)
  })

  it('stops when its time is over', () => {
    expect(size(top, { ...wide, maxMs: 0 })).toMatchObject({ files: 0, complete: false })
  })

  it('a tree deeper than it keeps folders open ends, and is not all', () => {
    const levels = (count: number) => Array.from({ length: count }, () => 'd').join('/')
    expect(size(tree('deep', { [`${levels(255)}/f`]: 1 }))).toMatchObject({ files: 1, complete: true })
    expect(size(tree('deeper', { [`${levels(256)}/f`]: 1 }))).toMatchObject({ files: 0, complete: false })
  })

  it('paths longer than the kernel takes end it, and it is not all', () => {
    const top = tree('long', { f: 1 })
    const path = Array.from({ length: 20 }, () => 'n'.repeat(250)).join('/')
    expect(spawnSync('mkdir', ['-p', path], { cwd: top }).status).toBe(0)
    expect(size(top)).toMatchObject({ files: 1, complete: false })
    spawnSync('rm', ['-rf', 'n'.repeat(250)], { cwd: top })
  })

  it('leaves no folder open', () => {
    const open = () =>
      spawnSync('sh', ['-c', `ls -l /proc/${process.pid}/fd | grep -c -F ${top}`], { encoding: 'utf8' })
        .stdout
    const before = open()
    for (let i = 0; i < 20; i++) size(top, { ...wide, maxEntries: i })
    expect(open()).toBe(before)
  })

  it('property: a lower bound never exceeds the whole', () => {
    const whole = size(top)
    fc.assert(
      fc.property(fc.nat(60), (maxEntries) => {
        const part = size(top, { ...wide, maxEntries })
        expect(part.bytes).toBeLessThanOrEqual(whole.bytes)
        expect(part.complete).toBe(maxEntries >= 55)
      }),
    )
  })
})

describe('other file systems', () => {
  it('a mount point is not even looked at', () => {
    const top = tree('mounted', { 'in/a': 5000, 'dead/b': 5000 })
    expect(size(top, wide, [`${top}/dead`, '/elsewhere']).files).toBe(1)
  })

  it.skipIf(!canMount)('are not entered (skipped where mounting is not allowed)', () => {
    const top = tree('real-mount', { a: 5000 })
    withTinyDisk(join(top, 'mnt'), 'size=64k', () => {
      writeFileSync(join(top, 'mnt/b'), 'x'.repeat(5000))
      expect(size(top)).toEqual({ bytes: du(top), files: 1, complete: true })
    })
  })
})

it.runIf(isRoot)(
  'a folder that may not be read makes it a lower bound (root starts it as an ordinary user)',
  () => {
    chmodSync(folder, 0o755)
    const top = tree('partly', { 'open/a': 10, 'closed/b': 10 })
    chmodSync(join(top, 'closed'), 0o700)
    expect(asNobody(bundle('host/child/read-all.ts', folder), [top])).toMatchObject([
      { size: { kind: 'value', value: { files: 1, complete: false } } },
    ])
  },
)
