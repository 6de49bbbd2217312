import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAuxv } from '../../src/parse/auxv.ts'

/** As a machine of that word size and byte order writes it. */
const auxv = (pairs: [number, number][], wordBytes: 4 | 8, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(pairs.length * 2 * wordBytes)
  const view = new DataView(bytes.buffer)
  pairs.flat().forEach((word, i) => {
    if (wordBytes === 4) view.setUint32(i * 4, word, littleEndian)
    else view.setBigUint64(i * 8, BigInt(word), littleEndian)
  })
  return bytes
}

const pairs = (pageBytes: number, ticks: number): [number, number][] => [
  [33, 0x7fff_1000],
  [16, 0x0f8b_fbff],
  [6, pageBytes],
  [17, ticks],
  [3, 0x5570_0040],
  [0, 0],
]

describe('parseAuxv', () => {
  it.each([
    ['x64', 8, true, 4096],
    ['arm64 of a Raspberry Pi 5', 8, true, 16_384],
    ['arm64 of RHEL', 8, true, 65_536],
    ['32-bit Raspberry Pi', 4, true, 4096],
    ['s390x', 8, false, 4096],
    ['32-bit big-endian', 4, false, 4096],
  ] as const)('%s', (_, wordBytes, littleEndian, pageBytes) => {
    expect(parseAuxv(auxv(pairs(pageBytes, 100), wordBytes, littleEndian))).toEqual({
      pageBytes,
      ticksPerSecond: 100,
    })
  })

  it('agrees with getconf here', () => {
    const ask = (name: string): number => Number(execFileSync('getconf', [name], { encoding: 'utf8' }))
    expect(parseAuxv(readFileSync('/proc/self/auxv'))).toEqual({
      pageBytes: ask('PAGESIZE'),
      ticksPerSecond: ask('CLK_TCK'),
    })
  })

  it.each([
    ['nothing', []],
    ['no page size', [[17, 100]]],
    ['no clock tick', [[6, 4096]]],
    [
      'an odd page size',
      [
        [6, 5000],
        [17, 100],
      ],
    ],
    [
      'a page size of 0',
      [
        [6, 0],
        [17, 100],
      ],
    ],
    [
      'half a disk sector',
      [
        [6, 256],
        [17, 100],
      ],
    ],
    [
      'a giant page',
      [
        [6, 2 ** 31],
        [17, 100],
      ],
    ],
    [
      'no ticks',
      [
        [6, 4096],
        [17, 0],
      ],
    ],
  ] as [string, [number, number][]][])('refuses %s', (_, wrong) => {
    expect(parseAuxv(auxv(wrong, 8, true))).toBeNull()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const units = parseAuxv(bytes)
        return units === null || (units.pageBytes >= 1024 && units.ticksPerSecond >= 1)
      }),
    )
  })
})
