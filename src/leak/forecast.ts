import { floorsOf } from './floors.ts'
import type { Life } from './life.ts'
import { roughQuantile } from './robust.ts'
import type { Ceiling, LeakVerdict } from './series.ts'
import { partOf, spanMs, type Track } from './track.ts'
import { type Slope, senSlope } from './trend.ts'

const dayMs = 86_400_000

export interface Course {
  onsetAtMs: number
  /** Of today: of the newest part where growth speeds up. */
  slope: Slope
  /** How much faster the slope becomes, in bytes per millisecond squared; 0 for steady growth. */
  bend: number
}

/** How fast memory grows from `onsetAtMs` on. */
export const courseOf = ({ track, growth }: Life, onsetAtMs: number): Course => {
  const grown = partOf(track, Math.min(indexAt(track, onsetAtMs), track.atMs.length - 5))
  const floors = growth.floors.atMs.length < 24 ? growth.floors : floorsOf(grown, 24)
  const steady = senSlope(floors)
  const n = floors.atMs.length
  if (n < 9) return { onsetAtMs, slope: steady, bend: 0 }
  const third = Math.floor(n / 3)
  const early = senSlope(partOf(floors, 0, third + 1))
  const late = senSlope(partOf(floors, n - third - 1))
  const apart = (spanMs(floors) * 2) / 3
  const isSpeedingUp = late.best > steady.best * 1.2 && late.low > early.high
  if (!isSpeedingUp) return { onsetAtMs, slope: steady, bend: 0 }
  const bend = (late.best - early.best) / apart
  const now = late.best + (bend * spanMs(floors)) / 6
  return {
    onsetAtMs,
    slope: { best: now, low: Math.max(steady.best, late.low), high: now + late.high - late.best },
    bend,
  }
}

/**
 * How long until the ceiling. The range comes from the range of the slope, from how far peaks stand above the line that
 * the floors make, and from whether growth goes on speeding up.
 */
export const forecast = (
  raw: Track,
  { onsetAtMs, slope, bend }: Course,
  ceiling: Ceiling | null,
): LeakVerdict['secondsToLimit'] => {
  if (ceiling === null || !(slope.best > 0)) return null
  const room = ceiling.limitBytes - ceiling.usedBytes
  const { above, below } = sway(raw, onsetAtMs, slope.best)
  const seconds = (bytes: number, rate: number, bending: number): number =>
    timeTo(bytes, rate, bending) / 1000
  const best = seconds(room - above, slope.best, bend * 0.7)
  return {
    best,
    low: Math.min(best, seconds(room - above * 1.3, Math.max(slope.best, slope.high), bend * 1.6) * 0.9),
    high:
      slope.low > 0 ? Math.max(best, seconds(room + below, Math.min(slope.best, slope.low), 0) * 1.1) : null,
  }
}

/** Milliseconds until that many bytes more. */
const timeTo = (bytes: number, rate: number, bend: number): number => {
  if (bytes <= 0) return 0
  return bend > 0 ? (Math.sqrt(rate * rate + 2 * bend * bytes) - rate) / bend : bytes / rate
}

/** How far the newest peaks and lows stand from the last sample, the growth taken away; over a day where there is one. */
const sway = (raw: Track, onsetAtMs: number, rate: number): { above: number; below: number } => {
  const n = raw.atMs.length
  const last = raw.atMs[n - 1] as number
  const newest = Math.max(indexAt(raw, onsetAtMs), Math.min(Math.floor(n * 0.75), n - 30))
  const from = Math.max(
    0,
    Math.min(n - 1, newest, Math.max(indexAt(raw, onsetAtMs), indexAt(raw, last - dayMs))),
  )
  const level = raw.bytes
    .subarray(from)
    .map((bytes, i) => bytes + rate * (last - (raw.atMs[from + i] as number)))
  const now = raw.bytes[n - 1] as number
  return {
    above: Math.max(0, roughQuantile(level, 0.97) - now),
    below: Math.max(0, now - roughQuantile(level, 0.1)),
  }
}

const indexAt = ({ atMs }: Track, at: number): number => {
  const found = atMs.findIndex((one) => one >= at)
  return found < 0 ? atMs.length - 1 : found
}
