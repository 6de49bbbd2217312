import { leastGain, leastSamples } from './least.ts'
import type { SeriesPoint } from './series.ts'

/**
 * Whether a verdict on these points could find growth of that rate: in some stretch up to the end of a lifetime the
 * highest of the last third stands above the lowest of the first third by half of what the rate, and the least gain
 * of a verdict, ask for. It costs a hundredth of a verdict and says no to nearly every service that does not leak.
 *
 * @param points the newest, in the order they were recorded
 */
export const couldGrowBy = (points: readonly SeriesPoint[], bytesPerMinute: number): boolean => {
  let bornAt = 0
  for (let end = 1; end <= points.length; end++) {
    if (end < points.length && isSameLife(points[end - 1], points[end])) continue
    if (lifeCouldGrow(points.slice(bornAt, end), bytesPerMinute)) return true
    bornAt = end
  }
  return false
}

const isSameLife = (before: SeriesPoint | undefined, after: SeriesPoint | undefined): boolean =>
  before?.identity === after?.identity || before?.identity === null || after?.identity === null

/** Only what ends with it: growth that a verdict tells of goes on to the end. */
const lifeCouldGrow = (life: readonly SeriesPoint[], bytesPerMinute: number): boolean => {
  for (let count = leastSamples; count <= life.length; count++) {
    const stretch = life.slice(-count)
    const minutes = minutesOf(stretch)
    // A clock that was set back: the verdict knows what to make of it.
    if (minutes < 0) return true
    const third = Math.floor(count / 3)
    const lowest = Math.min(...stretch.slice(0, third).map(({ bytes }) => bytes))
    const highest = Math.max(...stretch.slice(-third).map(({ bytes }) => bytes))
    if (highest - lowest >= Math.max(bytesPerMinute * minutes, lowest * leastGain(count)) / 2) return true
  }
  return false
}

const minutesOf = (stretch: readonly SeriesPoint[]): number =>
  ((stretch.at(-1)?.atMs ?? 0) - (stretch[0]?.atMs ?? 0)) / 60_000
