import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMeminfo } from '../../src/parse/meminfo.ts'

const raspberry = `MemTotal:        8255592 kB
MemFree:          142336 kB
MemAvailable:     660444 kB
Buffers:           12104 kB
Cached:           820028 kB
SwapCached:         9012 kB
Active(anon):    6110276 kB
SwapTotal:        524284 kB
SwapFree:         141564 kB
Shmem:            418244 kB
SReclaimable:      41120 kB
SUnreclaim:        60012 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`

describe('parseMeminfo', () => {
  it('reads the fields in bytes', () => {
    expect(parseMeminfo(raspberry)).toEqual({
      kind: 'value',
      value: {
        totalBytes: 8_255_592 * 1024,
        freeBytes: 142_336 * 1024,
        availableBytes: 660_444 * 1024,
        buffersBytes: 12_104 * 1024,
        cachedBytes: 820_028 * 1024,
        shmemBytes: 418_244 * 1024,
        slabReclaimableBytes: 41_120 * 1024,
        slabUnreclaimableBytes: 60_012 * 1024,
        swapTotalBytes: 524_284 * 1024,
        swapFreeBytes: 141_564 * 1024,
      },
    })
  })

  it('has no available figure before Linux 3.14, and no swap where there is none', () => {
    const old = parseMeminfo('MemTotal: 2048 kB\nMemFree: 1024 kB\n')
    expect(old).toMatchObject({ kind: 'value', value: { availableBytes: null, swapTotalBytes: 0 } })
  })

  it.each([
    ['empty', ''],
    ['no total', 'MemFree: 12 kB\n'],
    ['a total of 0', 'MemTotal: 0 kB\n'],
    ['another unit', 'MemTotal: 12 MB\n'],
    ['negative', 'MemTotal: -12 kB\n'],
    ['cut in the middle', 'MemTot'],
    ['a line that only ends so', 'xMemTotal: 12 kB extra\n'],
  ])('%s is malformed, not zero', (_, text) => {
    expect(parseMeminfo(text)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throws, and what it reads is never negative', () => {
    const line = fc
      .tuple(fc.constantFrom('MemTotal', 'MemFree', 'Shmem', 'SwapFree'), fc.integer())
      .map(([k, v]) => `${k}: ${v} kB`)
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ unit: 'binary' }))), (lines) => {
        const read = parseMeminfo(lines.join('\n'))
        return (
          read.kind !== 'value' || Object.values(read.value).every((bytes) => bytes === null || bytes >= 0)
        )
      }),
    )
  })
})
