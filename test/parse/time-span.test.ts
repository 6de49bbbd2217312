import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTimeSpan } from '../../src/parse/time-span.ts'

describe('parseTimeSpan', () => {
  it.each([
    ['0', 0],
    ['1us', 1],
    ['100ms', 100_000],
    ['10s', 10_000_000],
    ['1.500s', 1_500_000],
    ['1.000001s', 1_000_001],
    ['1min 30s', 90_000_000],
    ['2d 3h', 183_600_000_000],
    ['1month', 2_629_800_000_000],
    ['5y 2w', 158_997_600_000_000],
  ])('%s', (text, microseconds) => {
    expect(parseTimeSpan(text)).toBe(microseconds)
  })

  it.each([
    'infinity',
    '',
    '[not set]',
    '5',
    '10 s',
    '-5s',
    '1fortnight',
    's',
    '1s\n',
    '1e3s',
    '999999999999999y',
  ])('%j is none', (text) => {
    expect(parseTimeSpan(text)).toBeNull()
  })

  it('never throws, and is never negative or broken', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{1,20}(\.\d{1,12})?(us|ms|s|min|h|d|w|month|y)$/)),
        (text) => {
          const span = parseTimeSpan(text)
          expect(span === null || (Number.isSafeInteger(span) && span >= 0)).toBe(true)
        },
      ),
    )
  })
})
