import { describe, expect, it } from 'vitest'
import { couldGrowBy } from '../../src/leak/could-grow.ts'
import type { SeriesPoint } from '../../src/leak/series.ts'
import { judgeLeak } from '../../src/leak/verdict.ts'

const MiB = 1024 ** 2
const rate = 20 * MiB

/** A sample a minute. */
const series = (count: number, mebibytes: (minute: number) => number, identity = 'a'): SeriesPoint[] =>
  Array.from({ length: count }, (_, i) => ({ atMs: i * 60_000, bytes: mebibytes(i) * MiB, identity }))

const random = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
}

describe('the look that spares a verdict', () => {
  it('says no to what does not grow, and to too few', () => {
    const noise = random(1)
    expect(couldGrowBy([], rate)).toBe(false)
    expect(
      couldGrowBy(
        series(4, (i) => 100 + 200 * i),
        rate,
      ),
    ).toBe(false)
    expect(
      couldGrowBy(
        series(60, () => 4000 + 50 * noise()),
        rate,
      ),
    ).toBe(false)
    expect(
      couldGrowBy(
        series(60, (i) => 500 + 5 * i),
        rate,
      ),
    ).toBe(false)
    // Levelled off long ago.
    expect(
      couldGrowBy(
        series(60, (i) => Math.min(1000, 500 + 200 * i)),
        rate,
      ),
    ).toBe(false)
  })

  it('says yes to the newest five that leak, and to a sawtooth whose floor rises', () => {
    expect(
      couldGrowBy(
        series(60, (i) => 200 + 60 * Math.max(0, i - 55)),
        rate,
      ),
    ).toBe(true)
    expect(
      couldGrowBy(
        series(40, (i) => 500 + 25 * i + 300 * ((i % 7) / 7)),
        rate,
      ),
    ).toBe(true)
  })

  it('says yes where a restart was followed by the same growth, and where the clock was set back', () => {
    const life = series(8, (i) => 100 + 60 * i)
    const after = series(2, () => 100, 'b').map((point) => ({ ...point, atMs: point.atMs + 480_000 }))
    expect(couldGrowBy([...life, ...after], rate)).toBe(true)
    expect(couldGrowBy(series(12, () => 100).reverse(), rate)).toBe(true)
  })

  it('never says no where a verdict finds a leak of that rate', () => {
    const noise = random(7)
    let leaks = 0
    for (let round = 0; round < 300; round++) {
      const [slope, base, teeth, late] = [
        15 + 200 * noise(),
        20 + 2000 * noise(),
        300 * noise(),
        30 * noise(),
      ]
      const count = 5 + Math.floor(85 * noise())
      const period = 2 + Math.floor(9 * noise())
      const points = series(
        count,
        (i) => base + slope * Math.max(0, i - late) + (teeth * (i % period)) / period + 10 * noise(),
      )
      const { verdict, slopeBytesPerMinute } = judgeLeak(points, null)
      if (verdict !== 'leak' || (slopeBytesPerMinute ?? 0) < rate) continue
      leaks++
      expect(couldGrowBy(points.slice(-60), rate)).toBe(true)
    }
    expect(leaks).toBeGreaterThan(100)
  })
})
