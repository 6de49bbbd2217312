import type { AcceptanceFacts, AcceptanceSample, Criterion } from '../core/acceptance.ts'
import { coverageOf, livesOf } from './acceptance-window.ts'
import { floorsOf } from './floors.ts'
import type { SeriesPoint } from './series.ts'
import { partOf, trackOf } from './track.ts'
import { senSlope } from './trend.ts'
import { judgeLeak } from './verdict.ts'

/** Below so many samples a slope has no range worth its name. */
const leastSamples = 8

interface Rate {
  best: number
  low: number
  high: number
  isLeak: boolean
}

/**
 * Growth against its bound, of each life by itself; the worst counts, so that a restart hides none. By the newer half,
 * since a warm-up that is over is no growth; where the whole is a leak, by the leak's own rate. Passed when all of the
 * range is within the bound, failed when all of it is beyond, or when it is a leak whose rate is.
 */
export const growthOver = (
  samples: readonly AcceptanceSample[],
  bound: number,
  facts: AcceptanceFacts,
): Criterion => {
  const base = { name: 'max-growth', bound } as const
  const rates = livesOf(samples).flatMap((life) => rateOf(life) ?? [])
  const worst = rates.reduce<Rate | null>(
    (most, rate) => (most === null || rate.best > most.best ? rate : most),
    null,
  )
  if (worst === null) {
    const had = samples.length
    const reason =
      had === 0
        ? ({ code: 'no-samples' } as const)
        : ({ code: 'too-few', had, needed: leastSamples } as const)
    return { ...base, measured: null, range: null, result: 'insufficient', reason }
  }
  const measured = { measured: worst.best, range: { low: worst.low, high: worst.high } }
  if (worst.low > bound || (worst.isLeak && worst.best > bound))
    return { ...base, ...measured, result: 'fail', reason: null }
  if (worst.high > bound)
    return { ...base, ...measured, result: 'insufficient', reason: { code: 'uncertain' } }
  const { had, expected, complete } = coverageOf(facts)
  return complete
    ? { ...base, ...measured, result: 'pass', reason: null }
    : { ...base, ...measured, result: 'insufficient', reason: { code: 'gaps', had, expected } }
}

/** Bytes a minute; null: too few samples to tell, unless it plainly leaks. */
const rateOf = (life: readonly AcceptanceSample[]): Rate | null => {
  const points: SeriesPoint[] = life.map(({ atMs, floorBytes }) => ({
    atMs,
    bytes: floorBytes,
    identity: 'one',
  }))
  const verdict = judgeLeak(points, null)
  const { slopeBytesPerMinute: best, slopeLow: low, slopeHigh: high } = verdict
  if (verdict.verdict === 'leak' && best !== null && low !== null && high !== null)
    return { best, low, high, isLeak: true }
  if (life.length < leastSamples) return null
  const track = trackOf(points)
  const half = track.atMs.length >= 2 * leastSamples ? Math.floor(track.atMs.length / 2) : 0
  const slope = senSlope(floorsOf(partOf(track, half), 24))
  return { best: slope.best * 60_000, low: slope.low * 60_000, high: slope.high * 60_000, isLeak: false }
}
