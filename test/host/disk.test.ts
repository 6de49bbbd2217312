import { spawnSync } from 'node:child_process'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DiskUsage, Mount } from '../../src/core/facts.ts'
import { type MountLookup, mountLookup } from '../../src/core/mounts.ts'
import type { Reading } from '../../src/core/reading.ts'
import { askablePath, capturedDiskUsage, usageOf } from '../../src/host/disk.ts'
import { makeFiles } from '../../src/host/files.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount, withTinyDisk } from '../support/tiny-disk.ts'

const folder = realpathSync(tempFolder('disk'))
const files = makeFiles(liveBase)

const usage = (reading: Reading<DiskUsage>): DiskUsage => {
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return reading.value
}

const table = (...entries: [mountPoint: string, type: string][]): MountLookup =>
  mountLookup(
    entries.map(
      ([mountPoint, type]): Mount => ({
        id: 1,
        source: 'x',
        rootInside: '/',
        mountPoint,
        type,
        readOnly: false,
        device: '0:1',
        superOptions: 'rw',
      }),
    ),
  )

describe('diskUsage of the live host', () => {
  it('says what df says', () => {
    const df = spawnSync('df', ['-B1', '--output=size,pcent,itotal', '/'], { encoding: 'utf8' })
    const [size, percent, inodes] = (df.stdout.split('\n')[1] ?? '').trim().split(/\s+/)
    const { totalBytes, usedPercent, totalInodes } = usage(files.diskUsage('/'))
    expect(totalBytes).toBe(Number(size))
    // df rounds up, and files come and go between the two.
    expect(Math.abs(usedPercent - Number.parseInt(percent ?? '', 10))).toBeLessThanOrEqual(1.1)
    expect(String(totalInodes)).toBe(inodes)
  })

  it('a file system without space has none, rather than a full one', () => {
    expect(files.diskUsage('/proc').kind).toBe('absent')
  })

  it('a path that is not there is absent', () => {
    expect(files.diskUsage(join(folder, 'none')).kind).toBe('absent')
  })

  it.skipIf(!canMount)(
    'a full tmpfs is 100%, out of inodes too (skipped where mounting is not allowed)',
    () => {
      const disk = join(folder, 'tiny')
      withTinyDisk(disk, 'size=64k,nr_inodes=10', () => {
        const empty = { totalBytes: 65_536, usedPercent: 0, totalInodes: 10 }
        expect(usage(files.diskUsage(disk))).toMatchObject(empty)
        for (let i = 0; i < 9; i++) writeFileSync(join(disk, `f${i}`), '')
        writeFileSync(join(disk, 'f0'), 'x'.repeat(65_536))
        const full = { totalBytes: 65_536, availableBytes: 0, usedPercent: 100, usedInodesPercent: 100 }
        expect(usage(files.diskUsage(disk))).toMatchObject(full)
      })
    },
  )
})

describe('usageOf', () => {
  const figures = {
    blockSize: 4096,
    blocks: 100,
    blocksAvailable: 45,
    blocksFree: 50,
    files: 10,
    filesFree: 4,
  }

  it('is a share of what ordinary users can have: the 5 blocks kept for root count as neither', () => {
    expect(usage(usageOf(figures, '/'))).toEqual({
      totalBytes: 409_600,
      availableBytes: 184_320,
      usedPercent: (50 / 95) * 100,
      totalInodes: 10,
      usedInodesPercent: 60,
    })
  })

  it('without a fixed number of inodes has no share of them', () => {
    expect(usage(usageOf({ ...figures, files: 0, filesFree: 0 }, '/')).usedInodesPercent).toBeNull()
  })

  it('property: whatever the figures, shares lie between 0 and 100', () => {
    const figure = fc.nat()
    fc.assert(
      fc.property(
        figure,
        figure,
        figure,
        figure,
        figure,
        (blocks, blocksAvailable, blocksFree, n, filesFree) => {
          const reading = usageOf(
            { blockSize: 4096, blocks, blocksAvailable, blocksFree, files: n, filesFree },
            '/',
          )
          if (reading.kind !== 'value') return
          const { usedPercent, usedInodesPercent } = reading.value
          for (const share of [usedPercent, usedInodesPercent ?? 0]) {
            expect(share).toBeGreaterThanOrEqual(0)
            expect(share).toBeLessThanOrEqual(100)
          }
        },
      ),
    )
  })
})

describe('diskUsage of a captured host', () => {
  const figures = { blockSize: 1024, blocks: 10, blocksAvailable: 5, blocksFree: 5, files: 0, filesFree: 0 }
  const mounts = table(['/', 'ext4'], ['/run', 'tmpfs'])

  it('is that of the mount the path lies on', () => {
    const text = JSON.stringify({ '/': figures, '/run': { ...figures, blocks: 20 } })
    expect(usage(capturedDiskUsage(text, '/var/log', mounts)).totalBytes).toBe(10_240)
    expect(usage(capturedDiskUsage(text, '/run/x', mounts)).totalBytes).toBe(20_480)
  })

  it('is not that of another mount when its own was not recorded', () => {
    expect(capturedDiskUsage(JSON.stringify({ '/': figures }), '/run/x', mounts).kind).toBe('absent')
  })

  it.each([
    ['', 'failed'],
    ['null', 'failed'],
    ['"x"', 'failed'],
    ['[]', 'absent'],
    ['{"/":', 'failed'],
    ['{"/":null}', 'failed'],
    ['{"/":{"blocks":1}}', 'failed'],
    [JSON.stringify({ '/': { ...figures, blocks: -1 } }), 'failed'],
    [JSON.stringify({ '/': { ...figures, files: '7' } }), 'failed'],
    ['{"__proto__":{}}', 'absent'],
  ])('hostile df.json: %s', (text, kind) => {
    expect(capturedDiskUsage(text, '/', mounts).kind).toBe(kind)
  })

  it('is absent for a mounted disk, of which nothing was recorded', () => {
    mkdirSync(join(folder, 'mounted/etc'), { recursive: true })
    expect(makeFiles(capturedBase(join(folder, 'mounted'))).diskUsage('/')).toEqual({
      kind: 'absent',
      what: 'cmd/df.json',
    })
  })

  it('is found by the capture’s own mounts', () => {
    const root = join(folder, 'captured')
    mkdirSync(join(root, 'proc/self'), { recursive: true })
    mkdirSync(join(root, 'cmd'))
    writeFileSync(
      join(root, 'proc/self/mountinfo'),
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /t rw - tmpfs t rw\n',
    )
    writeFileSync(join(root, 'cmd/df.json'), JSON.stringify({ '/t': figures }))
    const captured = makeFiles(capturedBase(root))
    expect(usage(captured.diskUsage('/t/below')).usedPercent).toBe(50)
    expect(captured.diskUsage('/').kind).toBe('absent')
  })
})

describe('askablePath: what could hang is not touched', () => {
  // The "dead" mounts are plain folders here: only the table says otherwise.
  mkdirSync(join(folder, 'dead/below'), { recursive: true })
  mkdirSync(join(folder, 'auto/mounted'), { recursive: true })
  symlinkSync('dead/below', join(folder, 'to-dead'))
  symlinkSync(join(folder, 'to-dead'), join(folder, 'to-to-dead'))
  const mounts = table(
    ['/', 'ext4'],
    [`${folder}/dead`, 'nfs4'],
    [`${folder}/auto`, 'autofs'],
    [`${folder}/auto/mounted`, 'ext4'],
  )

  it.each(['dead', 'dead/below', 'to-dead', 'to-to-dead', 'auto', 'auto/not-mounted', 'auto/../dead'])(
    '%s',
    (path) => {
      expect(
        askablePath(join(folder, 'x', '..', path).replace(`${folder}/x/..`, folder), mounts),
      ).toMatchObject({
        kind: 'failed',
        cause: 'refused',
      })
    },
  )

  it('says which mount and why', () => {
    expect(askablePath(`${folder}/to-dead`, mounts)).toMatchObject({
      what: `${folder}/to-dead`,
      detail: `is on ${folder}/dead (nfs4), which is not asked: it could hang`,
    })
  })

  it('what lies beside it, or is mounted below autofs, is asked', () => {
    expect(askablePath(`${folder}/auto/mounted`, mounts)).toEqual({
      kind: 'value',
      value: `${folder}/auto/mounted`,
    })
    expect(askablePath(folder, mounts).kind).toBe('value')
  })

  it('the root is asked whatever its type, since this program runs from it', () => {
    expect(askablePath('/etc', table(['/', '9p']))).toEqual({ kind: 'value', value: '/etc' })
  })
})
