import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRfc3339 } from '../../src/parse/rfc3339.ts'

describe('parseRfc3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-22T07:07:14.231016496Z', Date.UTC(2026, 10, 22, 7, 7, 14, 231)],
    ['2024-02-29T23:59:59.999999999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['2026-01-31T03:00:00+02:00', Date.UTC(2026, 0, 31, 1, 0, 0)],
    ['2026-01-01T00:00:00-05:30', Date.UTC(2026, 0, 1, 5, 30, 0)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2026-01-01 00:00:00.5Z', Date.UTC(2026, 0, 1, 0, 0, 0, 500)],
  ])('%s', (text, atMs) => {
    expect(parseRfc3339(text)).toBe(atMs)
  })

  it("is far before the epoch for Go's zero time", () => {
    expect(parseRfc3339('0001-01-01T00:00:00Z')).toBe(-62_135_596_800_000)
  })

  it.each([
    '',
    'now',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00Z\n',
    '+2026-01-01T00:00:00Z',
  ])('%j is no time', (text) => {
    expect(parseRfc3339(text)).toBeNull()
  })

  it('agrees with Date on every instant', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseRfc3339(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseRfc3339(text)))
  })
})
