import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLineTime } from '../../src/parse/line-time.ts'

const now = Date.UTC(2026, 0, 31, 12)
const local = (...parts: [number, number, number, number, number, number]) => new Date(...parts).getTime()

describe('the time of a log line', () => {
  it.each<[string, number]>([
    ['2026-01-31T03:00:00.123Z ERROR x', Date.UTC(2026, 0, 31, 3, 0, 0, 123)],
    ['2026-01-31T03:00:00,5+02:00 x', Date.UTC(2026, 0, 31, 1, 0, 0, 500)],
    ['[2026-01-31 03:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT', Date.UTC(2026, 0, 31, 3)],
    ['{"level":"error","time":"2026-01-31T03:00:00Z"}', Date.UTC(2026, 0, 31, 3)],
    ['2026-01-31 03:00:00,123 ERROR x', local(2026, 0, 31, 3, 0, 0)],
    ['[2026-01-31 03:00:00] WARN x', local(2026, 0, 31, 3, 0, 0)],
    ['2026/01/31 03:00:00 [error] 7#7: x', local(2026, 0, 31, 3, 0, 0)],
    ['Jan 31 03:00:00 host app[7]: x', local(2026, 0, 31, 3, 0, 0)],
    ['<13>Jan  3 03:00:00 host x', local(2026, 0, 3, 3, 0, 0)],
    ['Dec 31 23:59:59 host x', local(2025, 11, 31, 23, 59, 59)],
    ['1769828400 x', 1_769_828_400_000],
    ['1769828400.123 x', 1_769_828_400_000],
    ['1769828400123 x', 1_769_828_400_123],
    ['[1769828400] x', 1_769_828_400_000],
  ])('%s', (line, time) => expect(parseLineTime(line, now)).toBe(time))

  it.each([
    '',
    'no time at all',
    '2026-13-31T03:00:00Z x',
    '2026-02-30 03:00:00 x',
    '2026-01-31 25:00:00 x',
    '2026-01/31 03:00:00 x',
    'Foo 31 03:00:00 x',
    'Feb 30 03:00:00 x',
    'Jan 31 99:00:00 x',
    '0000000001 x',
    '17698284001 x',
    '12026-01-31 03:00:00',
    `${' '.repeat(300)}2026-01-31T03:00:00Z`,
  ])('none in %j', (line) => expect(parseLineTime(line, now)).toBeNull())

  it('never throws, and is a finite number or nothing', () => {
    const piece = fc.constantFrom(
      '2026-01-31',
      ' ',
      'T',
      '03:00:00',
      '.',
      'Z',
      '+0200',
      'Jan',
      '31',
      '1769828400',
      '[',
      '9',
    )
    const line = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(line, (text) => {
        const time = parseLineTime(text, now)
        expect(time === null || Number.isFinite(time)).toBe(true)
      }),
    )
  })
})
