import { describe, expect, it } from 'vitest'
import { decideLimit } from '../../src/plan/limits.ts'

const mib = 1024 ** 2
const now = { memoryBytes: null, reservationBytes: null, usedBytes: 100 * mib }

describe('which limit has to be set', () => {
  it('only what differs, by more than a page', () => {
    expect(decideLimit(now, { memoryBytes: 200 * mib, reservationBytes: null }, false)).toEqual({
      kind: 'set',
      limits: { memoryBytes: 200 * mib },
    })
    expect(
      decideLimit(
        { ...now, memoryBytes: 200 * mib - 4096 },
        { memoryBytes: 200 * mib, reservationBytes: 50 * mib },
        false,
      ),
    ).toEqual({ kind: 'set', limits: { reservationBytes: 50 * mib } })
    expect(
      decideLimit(
        { ...now, memoryBytes: 200 * mib },
        { memoryBytes: 200 * mib, reservationBytes: null },
        false,
      ),
    ).toEqual({ kind: 'as-wanted' })
  })

  it('never below what is in use, nor below what is not known, unless forced', () => {
    const wanted = { memoryBytes: 100 * mib, reservationBytes: null }
    expect(decideLimit(now, wanted, false)).toEqual({
      kind: 'too-low',
      wantedBytes: 100 * mib,
      usedBytes: 100 * mib,
    })
    expect(decideLimit({ ...now, usedBytes: null }, wanted, false)).toEqual({ kind: 'use-not-known' })
    expect(decideLimit(now, wanted, true)).toEqual({ kind: 'set', limits: { memoryBytes: 100 * mib } })
    expect(decideLimit({ ...now, usedBytes: 100 * mib - 1 }, wanted, false).kind).toBe('set')
  })

  it('a reservation alone ends nobody', () => {
    expect(
      decideLimit({ ...now, usedBytes: null }, { memoryBytes: null, reservationBytes: mib }, false),
    ).toEqual({
      kind: 'set',
      limits: { reservationBytes: mib },
    })
  })
})
