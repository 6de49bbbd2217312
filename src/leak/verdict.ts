import { daylessTrack } from './daily.ts'
import { forecast } from './forecast.ts'
import { fallsOf, type Growth, weigh } from './growth.ts'
import { onsetOf } from './onset.ts'
import { quantile } from './robust.ts'
import type { Ceiling, JudgeLeak, LeakVerdict, SeriesPoint } from './series.ts'
import { partOf, spanMs, type Track, trackOf } from './track.ts'

export const judgeLeak: JudgeLeak = (
  points: readonly SeriesPoint[],
  ceiling: Ceiling | null,
): LeakVerdict => {
  const whole = trackOf(points)
  const track = partOf(whole, whole.bornAt.at(-1) as number)
  return judgeTrack(track, ceiling)
}

const least = { samples: 5, spanMs: 15_000, floorsForStrength: 6 }

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

const judgeTrack = (raw: Track, ceiling: Ceiling | null): LeakVerdict => {
  const n = raw.atMs.length
  if (n < least.samples) return insufficient('too-few-samples', { samples: n, needed: least.samples })
  if (spanMs(raw) < least.spanMs) return insufficient('too-short', { spanMs: spanMs(raw) })
  const track = daylessTrack(raw)
  const falls = fallsOf(track)
  const windows = windowStarts(n).map((from) => weigh(track, from, falls))
  const leaking = windows.filter((window) => leaks(window, windows, track))
  const found = leaking[0]
  const whole = windows[0] as Growth
  if (found) return leakVerdict(track, raw, found, ceiling)
  const growing = windows.find((one) => one.strength > 6 && one.gainShare > 0.04)
  return {
    verdict: growing ? 'growing' : n < 12 ? 'insufficient' : 'stable',
    slopeBytesPerMinute: whole.slope.best * 60_000,
    slopeLow: whole.slope.low * 60_000,
    slopeHigh: whole.slope.high * 60_000,
    onsetAtMs: null,
    secondsToLimit: null,
    confidence: 0.8,
    reason: { code: growing ? 'levels-off' : 'no-growth', args: {} },
  }
}

const leakVerdict = (track: Track, raw: Track, found: Growth, ceiling: Ceiling | null): LeakVerdict => {
  const onset = onsetOf(track, found)
  const { slope } = onset
  return {
    verdict: 'leak',
    slopeBytesPerMinute: slope.best * 60_000,
    slopeLow: slope.low * 60_000,
    slopeHigh: slope.high * 60_000,
    onsetAtMs: onset.atMs,
    secondsToLimit: forecast(raw, slope, ceiling),
    confidence: Math.min(0.99, 1 - Math.exp(-found.strength / 5)),
    reason: { code: 'steady-growth', args: { gainBytes: Math.round(found.gainBytes) } },
  }
}

/** From the whole to the last five samples, each about 0.7 of the one before. */
const windowStarts = (n: number): number[] => {
  const starts: number[] = []
  for (let length = n; length >= least.samples; length = Math.floor(length * 0.7)) starts.push(n - length)
  return starts
}

const leaks = (window: Growth, all: readonly Growth[], track: Track): boolean => {
  const samples = track.atMs.length - window.from
  const end = window.floors.bytes.at(-1) as number
  if (window.gainShare < Math.max(0.04, 3 / samples)) return false
  if (window.strength < 7) return false
  if (window.steadiness < 0.72) return false
  if (window.setback > 0.3) return false
  if (window.floors.atMs.length >= 10 && window.biggestStep > 0.4) return false
  if (window.from > 0) {
    const before = track.bytes.subarray(0, window.from)
    const top = quantile(before, 0.99)
    const bottom = quantile(before, 0.05)
    if (end < top + 0.1 * (top - bottom)) return false
    if (window.from >= samples / 2) {
      const back = Math.max(0, window.from - samples)
      const previous = weigh(partOf(track, back, window.from), 0, [])
      if (previous.slope.best > window.slope.best * 1.35 && previous.strength > 3) return false
    }
  }
  void all
  return true
}
