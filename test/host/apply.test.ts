import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WriteFileAction } from '../../src/core/action.ts'
import type { LogLine } from '../../src/core/log-line.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeHttp } from '../../src/host/http.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount, unmount } from '../support/tiny-disk.ts'

const top = tempFolder('apply')
let count = 0
const folder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path)
  return path
}

const tools = { run: makeRun(liveBase), http: makeHttp() }

const applyTo = ({ live = true, dryRun = false }: { live?: boolean; dryRun?: boolean } = {}) => {
  const lines: LogLine[] = []
  const apply = makeApply({
    ...tools,
    base: { ...liveBase, live },
    dryRun,
    log: (line) => lines.push(line),
  })
  return { apply, lines }
}

const write = (path: string, more: Partial<WriteFileAction> = {}): WriteFileAction => ({
  kind: 'write-file',
  path,
  content: 'new\n',
  mode: 0o640,
  onlyIfMissing: false,
  reason: 'asked for by init',
  ...more,
})

describe('write-file', () => {
  it('writes the file and the folders it needs, whatever the umask', async () => {
    const at = folder()
    const { apply } = applyTo()
    const before = process.umask(0o077)
    try {
      expect(await apply(write(join(at, 'a/b/config.yaml')))).toEqual({ outcome: 'done', detail: '' })
    } finally {
      process.umask(before)
    }
    expect(readFileSync(join(at, 'a/b/config.yaml'), 'utf8')).toBe('new\n')
    expect(['a', 'a/b', 'a/b/config.yaml'].map((name) => statSync(join(at, name)).mode & 0o777)).toEqual([
      0o750, 0o750, 0o640,
    ])
    expect(readdirSync(join(at, 'a/b'))).toEqual(['config.yaml'])
  })

  it('logs what and why before it is done', async () => {
    const path = join(folder(), 'x')
    const order: string[] = []
    const apply = makeApply({
      ...tools,
      base: liveBase,
      dryRun: false,
      log: ({ level, text }) => order.push(`${level} ${text} (${existsSync(path) ? 'after' : 'before'})`),
    })
    await apply(write(path, { reason: 'because\nof this' }))
    expect(order).toEqual([`INFO write ${path} (4 bytes): because\\nof this (before)`])
  })

  it('replaces what is there, unless it is only for when nothing is', async () => {
    const path = join(folder(), 'x')
    writeFileSync(path, 'old\n')
    const { apply, lines } = applyTo()
    expect(await apply(write(path, { onlyIfMissing: true }))).toEqual({
      outcome: 'skipped',
      detail: 'it is there already',
    })
    expect([readFileSync(path, 'utf8'), lines]).toEqual(['old\n', []])
    expect(await apply(write(path))).toMatchObject({ outcome: 'done' })
    expect(readFileSync(path, 'utf8')).toBe('new\n')
  })

  it('never goes through a symlink, nor over what is no file', async () => {
    const at = folder()
    writeFileSync(join(at, 'victim'), 'mine')
    symlinkSync('victim', join(at, 'link'))
    symlinkSync('nowhere', join(at, 'dangling'))
    mkdirSync(join(at, 'folder'))
    spawnSync('mkfifo', [join(at, 'fifo')])
    const { apply, lines } = applyTo()
    for (const name of ['link', 'dangling', 'folder', 'fifo'])
      expect(await apply(write(join(at, name))), name).toMatchObject({ outcome: 'failed' })
    expect(await apply(write(join(at, 'dangling'), { onlyIfMissing: true }))).toMatchObject({
      outcome: 'skipped',
    })
    expect(readFileSync(join(at, 'victim'), 'utf8')).toBe('mine')
    expect(lstatSync(join(at, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(at).sort()).toEqual(['dangling', 'fifo', 'folder', 'link', 'victim'])
    expect(lines[0]).toEqual({
      level: 'ERROR',
      text: `write ${at}/link (4 bytes) failed: ${at}/link is a symbolic link`,
    })
  })

  it('of many who make one file at once, one makes it', async () => {
    const path = join(folder(), 'x')
    const { apply } = applyTo()
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => apply(write(path, { onlyIfMissing: true, content: `${i}` }))),
    )
    expect(made.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
    expect(made.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(9)
  })

  it('says why it failed, once in the log, and leaves nothing behind', async () => {
    const at = folder()
    writeFileSync(join(at, 'file'), '')
    const { apply, lines } = applyTo()
    expect(await apply(write(join(at, 'file/below/x')))).toMatchObject({ outcome: 'failed' })
    expect(lines.filter(({ level }) => level === 'ERROR')).toHaveLength(1)
    expect(readdirSync(at)).toEqual(['file'])
  })

  it.skipIf(!canMount)('on a read-only file system (skipped where mounting is not allowed)', async () => {
    const at = folder()
    const results: unknown[] = []
    const { apply } = applyTo()
    const actions = [write(join(at, 'x')), write(join(at, 'new/x'))]
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=4k', 'oh-test', at])
    try {
      for (const action of actions) results.push(await apply(action))
    } finally {
      unmount(at)
    }
    expect(results).toEqual([
      { outcome: 'failed', detail: expect.stringMatching(/: read-only file system \(EROFS\)$/) },
      { outcome: 'failed', detail: expect.stringMatching(/: read-only file system \(EROFS\)$/) },
    ])
  })
})

describe('what changes nothing', () => {
  it('--dry-run only says it', async () => {
    const at = folder()
    const { apply, lines } = applyTo({ dryRun: true })
    expect(await apply(write(join(at, 'new/x')))).toEqual({
      outcome: 'dry-run',
      detail: `would write ${at}/new/x (4 bytes)`,
    })
    writeFileSync(join(at, 'there'), 'old')
    expect(await apply(write(join(at, 'there'), { onlyIfMissing: true }))).toMatchObject({
      outcome: 'skipped',
    })
    expect([readdirSync(at), lines]).toEqual([['there'], []])
  })

  it('a captured host cannot be changed', async () => {
    const at = folder()
    const { apply } = applyTo({ live: false })
    expect(await apply(write(join(at, 'x')))).toMatchObject({ outcome: 'failed' })
    expect(readdirSync(at)).toEqual([])
  })

  it('a path that would write on the terminal is escaped', async () => {
    const { apply } = applyTo({ dryRun: true })
    expect((await apply(write(`${folder()}/\u001b[31mx`))).detail).toMatch(/\\x1b\[31mx/)
  })
})
