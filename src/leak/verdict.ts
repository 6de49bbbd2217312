import { courseOf, forecast } from './forecast.ts'
import { standingOf } from './growth.ts'
import { leastSamples } from './least.ts'
import { examine, type Life } from './life.ts'
import { hiddenLeak, lifetimesOf, roseBefore } from './lifetimes.ts'
import { onsetOf } from './onset.ts'
import { median, roughQuantile } from './robust.ts'
import { type Ceiling, type JudgeLeak, type LeakVerdict, ofEarlierLives } from './series.ts'
import { spanMs, type Track, trackOf } from './track.ts'

const leastSeconds = 15
// Nothing is called stable by fewer.
const leastForStable = 12
// Older lives say nothing about the program of today.
const livesCompared = 4

/**
 * Whether memory leaks, by what it comes back to (floors) over windows from the newest five samples to the whole: it
 * must have grown more than chance, teeth, load and levelling off explain, and to where it has not been before.
 * docs/leak-detection.md has the method and its limits.
 */
export const judgeLeak: JudgeLeak = (points, ceiling) => {
  const whole = trackOf(points)
  const lives = lifetimesOf(whole)
  // Restarts that were only guessed may be teeth: then the series is one life, whose floor may rise.
  const asOne = !whole.identified && lives.length > 1 ? examine(whole) : null
  if (asOne?.kind === 'leak') return leakVerdict(asOne, [], ceiling)
  const current = lives.at(-1) as Track
  const earlier = lives.slice(0, -1).filter(isEnough).slice(-livesCompared).map(examine)
  const isYoung = current.atMs.length < leastForStable
  const own = asOne !== null && isYoung ? asOne : isEnough(current) ? examine(current) : null
  const rose = own !== null && own.kind !== 'stable' && roseBefore(own, earlier)
  if (own?.kind === 'leak' && !rose) return leakVerdict(own, earlier, ceiling)
  const hidden = hiddenLeak(current, own === asOne ? null : own, earlier)
  if (hidden !== null) return inherited(leakVerdict({ ...hidden, raw: current }, earlier, ceiling))
  if (own === null || (own.kind === 'stable' && own.raw.atMs.length < leastForStable))
    return insufficient(current)
  if (rose) return { ...levelVerdict(own), reason: { code: 'as-before', args: { lives: earlier.length } } }
  return own.kind === 'stable' ? levelVerdict(own) : growingVerdict(own, ceiling)
}

/** Said by the lives before; the present one has neither shown it nor contradicted. */
const inherited = (verdict: LeakVerdict): LeakVerdict => ({
  ...verdict,
  reason: { ...verdict.reason, code: ofEarlierLives },
})

const isEnough = (track: Track): boolean =>
  track.atMs.length >= leastSamples && spanMs(track) >= leastSeconds * 1000

const insufficient = (track: Track): LeakVerdict => {
  const samples = track.atMs.length
  const isFew = samples < leastForStable
  return {
    verdict: 'insufficient',
    slopeBytesPerMinute: null,
    slopeLow: null,
    slopeHigh: null,
    onsetAtMs: null,
    secondsToLimit: null,
    confidence: 0,
    reason: isFew
      ? { code: 'too-few-samples', args: { samples, needed: leastForStable } }
      : { code: 'too-short', args: { seconds: Math.round(spanMs(track) / 1000), needed: leastSeconds } },
  }
}

const leakVerdict = (life: Life, earlier: readonly Life[], ceiling: Ceiling | null): LeakVerdict => {
  const ownOnsetAtMs = onsetOf(life)
  const course = courseOf(life, ownOnsetAtMs)
  const leaking = earlier.slice(earlier.findLastIndex(({ kind }) => kind !== 'leak') + 1)
  const onsetAtMs = Math.min(ownOnsetAtMs, ...leaking.map(onsetOf))
  const last = life.raw.atMs.at(-1) as number
  const args = {
    gainBytes: Math.round(course.slope.best * (last - ownOnsetAtMs)),
    seconds: Math.round((last - onsetAtMs) / 1000),
  }
  return {
    verdict: 'leak',
    ...slopeOf(course.slope),
    onsetAtMs,
    secondsToLimit: forecast(life.raw, course, ceiling),
    confidence: round(Math.min(0.99, 1 - Math.exp(-1.6 * standingOf(life.growth)))),
    reason:
      leaking.length > 0
        ? { code: 'leaks-across-restarts', args: { ...args, lives: leaking.length + 1 } }
        : { code: course.bend > 0 ? 'grows-faster' : 'grows-steadily', args },
  }
}

const growingVerdict = (life: Life, ceiling: Ceiling | null): LeakVerdict => {
  const onsetAtMs = onsetOf(life)
  const { slope } = life.growth
  const left = forecast(life.raw, { onsetAtMs, slope, bend: 0 }, ceiling)
  return {
    verdict: 'growing',
    ...slopeOf(slope),
    onsetAtMs,
    // It may never get there.
    secondsToLimit: left === null ? null : { ...left, high: null },
    confidence: round(Math.min(0.9, 0.5 * standingOf(life.growth))),
    reason: {
      code: `grows-${life.doubt ?? 'weak'}`,
      args: {
        gainBytes: Math.round(life.growth.gainBytes),
        seconds: Math.round(spanMs(life.growth.floors) / 1000),
      },
    },
  }
}

const levelVerdict = (life: Life): LeakVerdict => {
  const { bytes } = life.raw
  const sixth = Math.max(2, Math.ceil(bytes.length / 6))
  const began = median(bytes.subarray(0, Math.min(sixth, 5)))
  const levelBytes = Math.round(median(bytes.subarray(-sixth)))
  const swayBytes = Math.round(roughQuantile(bytes, 0.95) - roughQuantile(bytes, 0.05))
  const code = life.track !== life.raw ? 'daily' : levelBytes > began * 1.15 ? 'levelled-off' : 'level'
  return {
    verdict: 'stable',
    ...slopeOf(life.growth.slope),
    onsetAtMs: null,
    secondsToLimit: null,
    confidence: round(Math.min(0.95, bytes.length / (bytes.length + 10))),
    reason: { code, args: { levelBytes, swayBytes } },
  }
}

const slopeOf = ({ best, low, high }: { best: number; low: number; high: number }) => ({
  slopeBytesPerMinute: Math.round(best * 60_000),
  slopeLow: Math.round(low * 60_000),
  slopeHigh: Math.round(high * 60_000),
})

const round = (share: number): number => Math.max(0, Math.round(share * 100) / 100)
