import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketSecondsOf,
  countIn,
  emptyWindow,
  keptWindow,
  restoreWindow,
  setBackMs,
  withLines,
  withSkipped,
} from '../../../src/checks/probes/log-window.ts'

const now = 1_800_000_000_000
const minute = 60_000
const hour = 3600
const through = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('buckets', () => {
  it.each<[within: number, most: number, seconds: number]>([
    [1, 1500, 1],
    [60, 1500, 6],
    [600, 1500, 60],
    [hour, 1500, 60],
    [24 * hour, 1500, 60],
    [7 * 24 * hour, 1500, 404],
    [hour, 10, 360],
    [hour, 1e9, 60],
    [30 * 24 * hour, 1e9, 1728],
  ])('of a window of %i s, at most %i: %i s each', (within, most, seconds) => {
    expect(bucketSecondsOf(within, most)).toBe(seconds)
  })
})

describe('a window', () => {
  const ago = (minutes: number): number => now - minutes * minute

  it('counts what lies in it, to the width of a bucket', () => {
    const window = withLines(emptyWindow(hour, 1500, now), [ago(0), ago(30), ago(58), ago(62), ago(600)], now)
    expect(countIn(window, now)).toEqual({ count: 3, atLeast: false })
    expect(countIn(window, now + 10 * minute)).toEqual({ count: 2, atLeast: false })
    expect(countIn(window, now + 62 * minute).count).toBe(0)
  })

  it('counts the future as now', () => {
    const window = withLines(emptyWindow(hour, 1500, now), [now + 3600_000], now)
    expect(countIn(window, now).count).toBe(1)
    expect(countIn(window, now + 62 * minute).count).toBe(0)
  })

  it('says "at least" as long as what was skipped may lie in it', () => {
    const window = withSkipped(emptyWindow(hour, 1500, now), now)
    expect(countIn(window, now + 59 * minute).atLeast).toBe(true)
    expect(countIn(window, now + 61 * minute).atLeast).toBe(false)
  })

  it('survives JSON', () => {
    const window = withSkipped(withLines(emptyWindow(hour, 1500, now), [ago(0), ago(0), ago(30)], now), now)
    expect(restoreWindow(through(keptWindow(window)), hour, 1500, now)).toEqual(window)
  })

  it('takes another width', () => {
    const window = withLines(emptyWindow(hour, 1500, now), [ago(1), ago(2), ago(50)], now)
    const coarse = restoreWindow(through(keptWindow(window)), hour, 10, now)
    expect(coarse && countIn(coarse, now).count).toBe(3)
    expect(coarse?.counts.size).toBeLessThanOrEqual(10)
  })

  it('goes back with the clock, and runs out when it should', () => {
    const window = withLines(emptyWindow(hour, 1500, now), [ago(0), ago(30)], now)
    const back = now - 86_400_000
    const restored = restoreWindow(through(keptWindow(window)), hour, 1500, back)
    if (restored === null) throw new Error('not restored')
    expect(setBackMs(restored, back)).toBe(86_400_000)
    expect(countIn(restored, back).count).toBe(2)
    expect(countIn(restored, back + 40 * minute).count).toBe(1)
    expect(countIn(restored, back + 62 * minute).count).toBe(0)
  })

  it('does not go back for a clock that is slewed', () => {
    expect(setBackMs(emptyWindow(hour, 1500, now), now - 30_000)).toBe(0)
  })

  it('never has more than 1,500 buckets, and those take 15 kB', () => {
    const everySecond = Array.from({ length: 90_000 }, (_, i) => now - i * 1000)
    const window = withLines(emptyWindow(90_000, 1e9, now), everySecond, now)
    expect(window.counts.size).toBeLessThanOrEqual(1501)
    expect(JSON.stringify(keptWindow(window)).length).toBeLessThan(15_000)
    expect(countIn(window, now).count).toBeGreaterThanOrEqual(89_999)
  })

  it.each<[string, unknown]>([
    ['nothing', null],
    ['text', 'x'],
    ['no buckets', { bucketSeconds: 60, readAtMs: now }],
    ['a width of 0', { bucketSeconds: 0, readAtMs: now, counts: [] }],
    ['words for numbers', { bucketSeconds: 60, readAtMs: now, counts: ['a', 'b'] }],
    ['less than nothing', { bucketSeconds: 60, readAtMs: now, counts: [3e7, -5] }],
    ['no time', { bucketSeconds: 60, readAtMs: null, counts: [] }],
  ])('is not made of %s', (_, kept) => expect(restoreWindow(kept, hour, 1500, now)).toBeNull())

  it('never throws, and never counts what is not in it', () => {
    fc.assert(fc.property(fc.anything(), (kept) => void restoreWindow(kept, hour, 1500, now)))
    const lines = fc.array(fc.integer({ min: now - 4 * 3600_000, max: now }), { maxLength: 50 })
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 2 * hour }), (atMs, within) => {
        const window = withLines(emptyWindow(within, 1500, now), atMs, now)
        const slackMs = bucketSecondsOf(within, 1500) * 1000
        const { count } = countIn(window, now)
        expect(count).toBeGreaterThanOrEqual(atMs.filter((at) => at > now - within * 1000).length)
        expect(count).toBeLessThanOrEqual(atMs.filter((at) => at > now - within * 1000 - slackMs).length)
      }),
    )
  })
})
