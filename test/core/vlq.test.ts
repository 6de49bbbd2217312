import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packNumbers, packTimes, unpackNumbers, unpackTimes } from '../../src/core/vlq.ts'

describe('packed numbers', () => {
  it('come back as they were, up to the largest that is safe', () => {
    const some = [0, 1, -1, 31, 32, -32, 2 ** 31, 2 ** 40 + 1, -(2 ** 51), 2 ** 51, 7, 7]
    expect(unpackNumbers(packNumbers(some))).toEqual(some)
    const safe = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })
    const numbers = fc.array(safe)
    fc.assert(
      fc.property(numbers, (list) => {
        expect(unpackNumbers(packNumbers(list))).toEqual(list)
      }),
    )
  })

  it('of a rhythm are one character each', () => {
    const times = [1_800_000_000, 1_800_000_900, 1_800_001_800, 1_800_002_700, 1_800_009_999]
    expect(unpackTimes(packTimes(times))).toEqual(times)
    const week = Array.from({ length: 672 }, (_, i) => 1_800_000_000 + i * 900)
    expect(packTimes(week).length).toBeLessThan(690)
  })

  it('are as source maps have them, and short where a series moves little', () => {
    expect(packNumbers([0, 1, 0, 16, 16])).toBe('ACDgBA')
    expect(packNumbers([])).toBe('')
  })
})
