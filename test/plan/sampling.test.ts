import { describe, expect, it } from 'vitest'
import { sampleTimes } from '../../src/plan/sampling.ts'

describe('sampleTimes', () => {
  it('thins out: 5 minutes to half an hour, 15 to two hours, two hours after', () => {
    const minutes = sampleTimes(24 * 3600, null).map((seconds) => seconds / 60)
    expect(minutes.filter((minute) => minute < 30)).toEqual([0, 5, 10, 15, 20, 25])
    expect(minutes.filter((minute) => minute >= 30).slice(0, 10)).toEqual([
      30, 45, 60, 75, 90, 105, 120, 240, 360, 480,
    ])
    expect(minutes.at(-1)).toBe(1440)
  })

  it('looks often enough in a short window, and at both its ends', () => {
    expect(sampleTimes(15, null)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(sampleTimes(1800, null)).toHaveLength(31)
    expect(sampleTimes(10, 4)).toEqual([0, 4, 8, 10])
    expect(sampleTimes(10, 60)).toEqual([0, 10])
  })
})
