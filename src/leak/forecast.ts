import { quantile } from './robust.ts'
import type { Ceiling, LeakVerdict } from './series.ts'
import type { Track } from './track.ts'
import type { Slope } from './trend.ts'

/** How long until the ceiling: a range from the range of the slope and from how far peaks stand above the floor. */
export const forecast = (
  track: Track,
  slope: Slope,
  ceiling: Ceiling | null,
): LeakVerdict['secondsToLimit'] => {
  if (ceiling === null || !(slope.best > 0)) return null
  const recent = track.bytes.subarray(Math.max(0, track.bytes.length - 60))
  const wobble = quantile(recent, 0.95) - quantile(recent, 0.05)
  const room = Math.max(0, ceiling.limitBytes - ceiling.usedBytes)
  const seconds = (bytes: number, rate: number): number => Math.max(0, bytes) / rate / 1000
  return {
    best: seconds(room, slope.best),
    low: seconds(room - wobble, Math.max(slope.best, slope.high) * 1.1),
    high: slope.low > 0 ? seconds(room + wobble, slope.low * 0.9) : null,
  }
}
