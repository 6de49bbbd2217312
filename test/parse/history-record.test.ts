import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HistoryRecord, recordOf } from '../../src/core/history.ts'
import { decodeRecord, encodeRecord, recordBytes } from '../../src/parse/history-record.ts'

const count = fc.option(fc.integer({ min: 0, max: 0xfffffffe }))
const bytes = fc.double({ min: 0, max: 2 ** 53, noNaN: true })
const anyRecord: fc.Arbitrary<HistoryRecord> = fc
  .record({
    sequence: fc.integer({ min: 1, max: 0xfffffffe }),
    samples: fc.integer({ min: 1, max: 100_000 }),
    firstAtMs: fc.integer({ min: 0, max: 4e12 }),
    span: fc.integer({ min: 0, max: 86_400_000 }),
    floorBytes: bytes,
    meanBytes: bytes,
    peakBytes: bytes,
    usedBytes: fc.option(bytes),
    limitBytes: fc.option(bytes),
    swapBytes: fc.option(bytes),
    cpuSeconds: fc.option(bytes),
    cpuFell: fc.boolean(),
    processes: count,
    openFiles: count,
    threads: count,
    identity: fc.integer({ min: 0, max: 0xffffffff }),
  })
  .map(({ span, ...rest }) => ({ ...rest, lastAtMs: rest.firstAtMs + span }))

describe('a record of history', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decodeRecord(encodeRecord(record))).toEqual(record)
      }),
    )
  })

  it('with a bit flipped, or cut off, anywhere is a gap and never another figure', () => {
    const whole = encodeRecord({
      ...recordOf({
        atMs: 1.8e12,
        leakBytes: 5e8,
        usedBytes: 6e8,
        limitBytes: null,
        swapBytes: 0,
        cpuSeconds: 7,
        processes: 3,
        openFiles: null,
        threads: 9,
        identity: 77,
      }),
      sequence: 12,
    })
    expect(decodeRecord(new Uint8Array(recordBytes))).toBe('empty')
    for (let at = 0; at < recordBytes; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Uint8Array.from(whole)
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        expect(decodeRecord(flipped)).toBe('broken')
      }
      expect(decodeRecord(whole.subarray(0, at))).toBe(at === 0 ? 'empty' : 'broken')
      const torn = Uint8Array.from(whole).fill(0, at)
      expect(decodeRecord(torn)).toBe(at === 0 ? 'empty' : 'broken')
    }
  })

  it('of any bytes is empty or broken, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(220), (given, from) => {
        expect(['empty', 'broken']).toContain(decodeRecord(given, from))
      }),
    )
  })
})
