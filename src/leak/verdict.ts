import { courseOf, forecast } from './forecast.ts'
import { examine, type Life, leastSamples } from './life.ts'
import { lifetimesOf } from './lifetimes.ts'
import { onsetOf } from './onset.ts'
import type { Ceiling, JudgeLeak, LeakVerdict } from './series.ts'
import { spanMs, type Track, trackOf } from './track.ts'

const leastSpanMs = 15_000
const leastForStable = 12

export const judgeLeak: JudgeLeak = (points, ceiling) => {
  const whole = trackOf(points)
  const lives = lifetimesOf(whole)
  const current = lives.at(-1) as Track
  const earlier = lives.slice(0, -1).filter(isEnough).map(examine)
  const samples = current.atMs.length
  if (!whole.identified && lives.length > 1) {
    const asOne = examine(whole)
    if (asOne.kind === 'leak') return leakVerdict(asOne, [], ceiling)
  }
  const own = isEnough(current) ? examine(current) : null
  if (own?.kind === 'leak' && !hasLevelledOffBefore(own, earlier)) return leakVerdict(own, earlier, ceiling)
  const hidden = hiddenByRestart(current, own, earlier)
  if (hidden) return leakVerdict(hidden, earlier, ceiling)
  if (own === null)
    return samples < leastSamples
      ? insufficient('too-few-samples', { samples, needed: leastSamples })
      : insufficient('too-short', { seconds: Math.round(spanMs(current) / 1000), needed: leastSpanMs / 1000 })
  if (own.kind === 'stable' && samples < leastForStable)
    return insufficient('too-few-samples', { samples, needed: leastForStable })
  const { slope } = own.growth
  return {
    verdict: own.kind === 'leak' ? 'stable' : own.kind,
    slopeBytesPerMinute: slope.best * 60_000,
    slopeLow: slope.low * 60_000,
    slopeHigh: slope.high * 60_000,
    onsetAtMs: null,
    secondsToLimit: null,
    confidence: 0.8,
    reason: { code: own.kind === 'growing' ? 'levels-off' : 'no-growth', args: {} },
  }
}

const isEnough = (track: Track): boolean => track.atMs.length >= leastSamples && spanMs(track) >= leastSpanMs

/** An earlier life that did not leak has been up there too. */
const hasLevelledOffBefore = (own: Life, earlier: readonly Life[]): boolean => {
  const age = spanMs(own.track)
  const end = own.growth.floors.bytes.at(-1) as number
  return earlier.some(
    (life) =>
      life.kind !== 'leak' &&
      spanMs(life.track) > age &&
      (life.growth.floors.bytes.at(-1) as number) >= end * 0.97,
  )
}

/** The last lives all leaked, and this one does not contradict them yet: a restart must not hide a leak. */
const hiddenByRestart = (current: Track, own: Life | null, earlier: readonly Life[]): Life | null => {
  const last = earlier.slice(-3).filter((life) => spanMs(life.track) >= spanMs(current) * 0.5)
  const leaking = last.filter((life) => life.kind === 'leak')
  const model = leaking.at(-1)
  if (model === undefined || leaking.length * 2 <= last.length) return null
  const expected = model.growth.slope.best * spanMs(current)
  const noise = model.growth.gainBytes / model.growth.strength
  if (own === null || expected < 4 * noise) return model
  const gained = own.growth.slope.best * spanMs(current)
  return gained >= expected * 0.4 ? model : null
}

const insufficient = (code: string, args: LeakVerdict['reason']['args']): LeakVerdict => ({
  verdict: 'insufficient',
  slopeBytesPerMinute: null,
  slopeLow: null,
  slopeHigh: null,
  onsetAtMs: null,
  secondsToLimit: null,
  confidence: 0,
  reason: { code, args },
})

const leakVerdict = (life: Life, earlier: readonly Life[], ceiling: Ceiling | null): LeakVerdict => {
  const { growth } = life
  const ownOnsetAtMs = onsetOf(life)
  const course = courseOf(life, ownOnsetAtMs)
  const { slope } = course
  let atMs = ownOnsetAtMs
  for (let i = earlier.length - 1; i >= 0; i--) {
    const before = earlier[i] as Life
    if (before.kind !== 'leak') break
    atMs = Math.min(atMs, onsetOf(before))
  }
  return {
    verdict: 'leak',
    slopeBytesPerMinute: slope.best * 60_000,
    slopeLow: slope.low * 60_000,
    slopeHigh: slope.high * 60_000,
    onsetAtMs: atMs,
    secondsToLimit: forecast(life.raw, course, ceiling),
    confidence: Math.min(0.99, 1 - Math.exp(-growth.strength / 5)),
    reason: { code: 'steady-growth', args: { gainBytes: Math.round(growth.gainBytes) } },
  }
}
