import { withoutDaily } from './daily.ts'
import { fallsOf } from './falls.ts'
import { floorsOf } from './floors.ts'
import { type Growth, standingOf, weigh } from './growth.ts'
import { median, quantile, quantileOfSorted, sorted } from './robust.ts'
import { partOf, spanMs, type Track } from './track.ts'

/** What one lifetime of a process says by itself. */
export interface Life {
  /** As measured. */
  raw: Track
  /** What was judged: the same, or without its daily pattern. */
  track: Track
  kind: 'leak' | 'growing' | 'stable'
  /** The longest window that leaks, or grows; the whole where none does. */
  growth: Growth
}

export const leastSamples = 5

/** Judges a lifetime of at least `leastSamples` samples, as it is and without its daily pattern. */
export const examine = (track: Track): Life => {
  const asItIs = examineTrack(track)
  if (asItIs.kind === 'leak') return asItIs
  const dayless = withoutDaily(track)
  return dayless === null ? asItIs : { ...examineTrack(dayless), raw: track }
}

const examineTrack = (track: Track): Life => {
  const n = track.atMs.length
  const falls = fallsOf(track)
  const windows = windowStarts(n).map((from) => weigh(track, from, n, falls))
  const leaking = windows.find((window) => leaks(window, track, falls))
  if (leaking) return { raw: track, track, kind: 'leak', growth: leaking }
  const growing = windows.find((window) => grows(window, track, falls))
  return {
    raw: track,
    track,
    kind: growing ? 'growing' : 'stable',
    growth: growing ?? (windows[0] as Growth),
  }
}

/** From the whole to the last five samples, each 0.8 of the one before. */
const windowStarts = (n: number): number[] => {
  const starts: number[] = []
  for (let length = n; length >= leastSamples; length = Math.floor(length * 0.8)) starts.push(n - length)
  return starts
}

const leastGain = (samples: number): number => Math.max(0.04, 3 / samples)

const grows = (window: Growth, track: Track, falls: readonly number[]): boolean =>
  standingOf(window) >= 0.6 &&
  window.steadiness >= 0.3 &&
  window.setback <= 0.5 &&
  window.gainShare >= leastGain(track.atMs.length - window.from) &&
  window.gainBytes >= wobbleOf(track, window.from) * 0.15 &&
  isNewHigh(window, track, falls)

/** How far memory goes up and down within a twelfth of the window: teeth, load, noise. */
const wobbleOf = (track: Track, from: number): number => {
  const length = (track.atMs.length - from) / 12
  if (length < 5) return 0
  const ranges = Array.from({ length: 12 }, (_, i) => {
    const part = sorted(
      track.bytes.subarray(from + Math.floor(i * length), from + Math.floor((i + 1) * length)),
    )
    return quantileOfSorted(part, 0.95) - quantileOfSorted(part, 0.05)
  })
  return median(ranges)
}

const leaks = (window: Growth, track: Track, falls: readonly number[]): boolean => {
  if (!grows(window, track, falls)) return false
  if (standingOf(window) < 1) return false
  if (window.steadiness < 0.72) return false
  if (window.setback > 0.3) return false
  if (window.floors.atMs.length >= 10 && window.biggestStep > 0.4) return false
  const samples = track.atMs.length - window.from
  if (window.from >= samples / 2) {
    const previous = weigh(track, Math.max(0, window.from - samples), window.from, falls)
    const slowed = previous.slope.best / window.slope.best
    // What saturates slows down within the window as it did before it; a warm-up with a leak behind it does not.
    const isSaturating = window.steadinessAtLeast < 0.92
    if (slowed > 1.35 && isSaturating && standingOf(previous) > 0.4) return false
  }
  return true
}

/** Growth that only comes back to where memory has been before is none. Floors are compared with floors as wide. */
const isNewHigh = ({ from, floors }: Growth, track: Track, falls: readonly number[]): boolean => {
  if (from === 0) return true
  const before = partOf(track, 0, from)
  const width = spanMs(floors) / Math.max(1, floors.atMs.length - 1)
  const count = Math.max(1, Math.round(spanMs(before) / width))
  const earlier = count > mostFloorsBefore ? before.bytes : floorsOf(before, count).bytes
  const [bottom, top] = [quantile(earlier, 0.25), quantile(earlier, 0.99)]
  // The last tooth of a sawtooth is growth that has not come back yet; and the shorter the growth beside what is known
  // from before, the further it has to go.
  const isOneTooth = falls.length >= 3 && from >= (falls.at(-1) as number)
  const margin = isOneTooth ? 0.6 : 0.1 + (0.4 * from) / track.atMs.length
  return (floors.bytes.at(-1) as number) >= top + margin * (top - bottom)
}

const mostFloorsBefore = 200
