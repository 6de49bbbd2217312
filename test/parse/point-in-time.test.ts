import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePointInTime } from '../../src/parse/point-in-time.ts'

const nowMs = 1_800_000_000_000

describe('parsePointInTime', () => {
  it.each([
    ['2h', nowMs - 7_200_000],
    ['1h 30m', nowMs - 5_400_000],
    ['2026-01-31T03:00:00Z', Date.UTC(2026, 0, 31, 3)],
    ['2026-01-31T03:00:00+02:00', Date.UTC(2026, 0, 31, 1)],
    ['2026-01-31', new Date(2026, 0, 31).getTime()],
    ['2026-01-31 03:05', new Date(2026, 0, 31, 3, 5).getTime()],
    ['2026-01-31T03:05:07', new Date(2026, 0, 31, 3, 5, 7).getTime()],
  ])('%s', (text, expected) => {
    expect(parsePointInTime(text, nowMs)).toBe(expected)
  })

  it.each(['', '90', '1M', 'yesterday', '2026-02-30', '2026-01-31 25:00', '2026-13-01', '31.01.2026'])(
    'refuses %j',
    (text) => {
      expect(parsePointInTime(text, nowMs)).toBeNull()
    },
  )

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePointInTime(text, nowMs)))
  })
})
