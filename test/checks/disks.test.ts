import { describe, expect, it } from 'vitest'
import { type DiskItem, disks } from '../../src/checks/disks.ts'
import type { DiskUsage } from '../../src/core/facts.ts'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import { capturedHost } from '../support/captured-host.ts'

const limits = disks.limits.default
const withPaths = (...paths: string[]) => ({ ...limits, paths })

const mountinfo = [
  '21 1 8:1 / / rw - ext4 /dev/sda1 rw',
  '22 21 0:25 / /run/hot rw - tmpfs tmpfs rw',
  '23 21 0:60 / /mnt/nas rw - nfs4 nas:/x rw',
  '24 21 0:61 / /mnt/phone rw - fuse.sshfs me@phone:/ rw',
  '25 21 8:9 / /not/in/df rw - ext4 /dev/sda9 rw',
].join('\n')

const figures = (usedBlocks: number, usedInodes: number, inodes = 1000) => ({
  blockSize: 4096,
  blocks: 1000,
  blocksAvailable: 1000 - usedBlocks,
  blocksFree: 1000 - usedBlocks,
  files: inodes,
  filesFree: inodes - usedInodes,
})

const host = () => {
  const df = { '/': figures(500, 10), '/run/hot': figures(920, 0, 0) }
  return capturedHost({
    files: { '/proc/self/mountinfo': mountinfo, '/cmd/df.json': JSON.stringify(df) },
  })
}

const usage = (usedPercent: number, usedInodesPercent: number | null = null): DiskUsage => ({
  totalBytes: 4096,
  availableBytes: 1024,
  usedPercent,
  totalInodes: 100,
  usedInodesPercent,
})

const judge = (item: Partial<DiskItem>) =>
  disks.judge([{ item: '/x', type: 'ext4', usage: value(usage(1)), ...item }], limits)

describe('disks', () => {
  it('measures what is mounted, marks what is in RAM, and says what it does not ask', async () => {
    const reading = await disks.read(host(), limits, null)
    if (reading.kind !== 'value') throw new Error(reading.kind)
    expect(disks.judge(reading.value, limits)).toMatchObject([
      { item: '/', code: 'level', status: 'ok', value: 50, args: { inRam: 0, type: 'ext4' } },
      { item: '/', code: 'inodes', status: 'ok', value: 1, args: { totalInodes: 1000 } },
      { item: '/run/hot', code: 'level', status: 'warning', value: 92, args: { inRam: 1, type: 'tmpfs' } },
      { item: '/mnt/nas', code: 'skipped', status: 'ok', args: { type: 'nfs4', reason: 'network' } },
      { item: '/mnt/phone', code: 'skipped', status: 'ok', args: { type: 'fuse.sshfs', reason: 'fuse' } },
    ])
  })

  it('is of what can be filled, so that the share and what is left add up', () => {
    // 500 of 1000 are used, and 300 are left to users.
    const kept = { ...usage(62.5), totalBytes: 1000, availableBytes: 300 }
    expect(judge({ usage: value(kept) })[0]?.args).toMatchObject({ availableBytes: 300, totalBytes: 800 })
    const full = { ...kept, usedPercent: 100, availableBytes: 0 }
    expect(judge({ usage: value(full) })[0]?.args).toMatchObject({ availableBytes: 0, totalBytes: 1000 })
  })

  it('configured paths are looked at, wherever they lie, each once', async () => {
    const limited = withPaths('/run/hot/deep/down', '/run/hot/deep/down', '/')
    const reading = await disks.read(host(), limited, null)
    if (reading.kind !== 'value') throw new Error(reading.kind)
    expect(disks.judge(reading.value, limited)).toMatchObject([
      { item: '/run/hot/deep/down', status: 'warning', value: 92, args: { inRam: 1 } },
      { item: '/', code: 'level', status: 'ok' },
      { item: '/', code: 'inodes', status: 'ok' },
    ])
  })

  it('a configured path that cannot be measured is never fine', async () => {
    const limited = withPaths('/mnt/nas')
    const reading = await disks.read(host(), limited, null)
    if (reading.kind !== 'value') throw new Error(reading.kind)
    expect(disks.judge(reading.value, limited)).toMatchObject([
      { item: '/mnt/nas', code: 'not-found', status: 'unknown' },
    ])
  })

  it('without mountinfo nothing could be measured', async () => {
    expect(await disks.read(capturedHost(), limits, null)).toMatchObject({ kind: 'failed', cause: 'io' })
  })

  describe('a configured network mount on a live host', () => {
    const live = (stat: Reading<{ exitCode: number | null; stdout: string; stderr: string }>) => {
      const captured = capturedHost()
      const asked: string[][] = []
      const answer: Reading<never> = failed('refused', '/mnt/nas', 'it could hang')
      return {
        asked,
        host: {
          ...captured,
          live: true,
          files: { ...captured.files, diskUsage: () => answer },
          run: async (argv: readonly string[]) => {
            asked.push([...argv])
            return stat.kind === 'value' ? value({ signal: null, truncated: false, ...stat.value }) : stat
          },
        },
      }
    }

    it('is asked by a process of its own', async () => {
      const { host: nas, asked } = live(
        value({ exitCode: 0, stdout: '4096 1000 500 300 6400 6000\n', stderr: '' }),
      )
      const reading = await disks.read(nas, withPaths('/mnt/nas'), null)
      // 500 of the 800 that ordinary users could ever have.
      expect(reading).toMatchObject({
        value: [
          {
            usage: {
              value: {
                totalBytes: 4_096_000,
                availableBytes: 300 * 4096,
                usedPercent: 62.5,
                usedInodesPercent: 6.25,
              },
            },
          },
        ],
      })
      expect(asked).toEqual([['stat', '-f', '-c', '%S %b %f %a %c %d', '--', '/mnt/nas']])
    })

    it.each([
      ['a time-out', failed('timeout', 'stat', 'ended after 3 s'), 'timeout'],
      ['an error', value({ exitCode: 1, stdout: '', stderr: 'stale file handle' }), 'io'],
      ['nonsense', value({ exitCode: 0, stdout: 'a b c\n', stderr: '' }), 'malformed'],
      ['too few figures', value({ exitCode: 0, stdout: '1 2 3\n', stderr: '' }), 'malformed'],
      ['nothing', value({ exitCode: 0, stdout: '', stderr: '' }), 'malformed'],
    ] as const)('%s is unknown', async (_, answer, cause) => {
      const limited = withPaths('/mnt/nas')
      const reading = await disks.read(live(answer).host, limited, null)
      if (reading.kind !== 'value') throw new Error(reading.kind)
      expect(disks.judge(reading.value, limited)).toMatchObject([
        { item: '/mnt/nas', code: 'unreadable', status: 'unknown', args: { cause } },
      ])
    })
  })

  it('a mount that an ordinary user may not look at is no fault when nobody asked for it', async () => {
    const captured = host()
    const denied = { ...captured.files, diskUsage: () => failed('denied', '/x', 'EACCES') }
    const reading = await disks.read({ ...captured, files: denied }, limits, null)
    if (reading.kind !== 'value') throw new Error(reading.kind)
    expect(disks.judge(reading.value, limits).map(({ status, code }) => [status, code])).toEqual(
      Array(5).fill(['ok', 'skipped']),
    )
  })

  it.each([
    [79.9, 'ok'],
    [80, 'warning'],
    [94.9, 'warning'],
    [95, 'critical'],
    [100, 'critical'],
  ] as const)('%d %% of the space or of the inodes is %s', (percent, status) => {
    expect(judge({ usage: value(usage(percent)) })).toMatchObject([{ code: 'level', status }])
    expect(judge({ usage: value(usage(1, percent)) })).toMatchObject([
      { code: 'level', status: 'ok' },
      { code: 'inodes', status },
    ])
  })

  it.each([
    [absent('/x'), 'not-found'],
    [failed('vanished', '/x', 'ENOENT'), 'not-found'],
    [failed('io', '/x', 'EIO'), 'unreadable'],
  ])('%j is unknown', (reading, code) => {
    expect(judge({ usage: reading })).toMatchObject([{ code, status: 'unknown', item: '/x' }])
  })
})
