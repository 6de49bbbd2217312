import { withoutDaily } from './daily.ts'
import { fallsOf } from './falls.ts'
import { floorsOf } from './floors.ts'
import { type Growth, standingOf, weigh } from './growth.ts'
import { leastGain, leastSamples } from './least.ts'
import { median, roughQuantile } from './robust.ts'
import { partOf, spanMs, type Track } from './track.ts'
import { bendsDown } from './trend.ts'

/** What one lifetime of a process says by itself. */
export interface Life {
  /** As measured. */
  raw: Track
  /** What was judged: the same, or without its daily pattern. */
  track: Track
  kind: 'leak' | 'growing' | 'stable'
  /** The longest window that leaks, or grows; the whole where none does. */
  growth: Growth
  /** Why growth is not called a leak; null for a leak and where nothing grows. */
  doubt: Doubt | null
}

/** `weak`: could be chance; `slowing`: levels off; `uneven`: went back down; `steps`: a few changes of level. */
export type Doubt = 'weak' | 'slowing' | 'uneven' | 'steps'

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
  let growing: Life | null = null
  for (const from of windowStarts(n)) {
    if (!mayGrow(track, from)) continue
    const growth = weigh(track, from, n, falls)
    if (!grows(growth, track, falls)) continue
    const doubt = doubtOf(growth, track, falls)
    if (doubt === null) return { raw: track, track, kind: 'leak', growth, doubt }
    growing ??= { raw: track, track, kind: 'growing', growth, doubt }
  }
  return growing ?? { raw: track, track, kind: 'stable', growth: weigh(track, 0, n, falls), doubt: null }
}

/** A first look that spares the work where nothing grows: the newest sixth stands above the oldest one. */
const mayGrow = (track: Track, from: number): boolean => {
  const window = track.bytes.subarray(from)
  const end = Math.max(2, Math.ceil(window.length / 6))
  const older = roughQuantile(window.subarray(0, end), 0.25)
  const newer = roughQuantile(window.subarray(-end), 0.25)
  return newer - older > older * leastGain(window.length) * 0.5
}

/** From the whole to the last five samples, each 0.8 of the one before. */
const windowStarts = (n: number): number[] => {
  const starts: number[] = []
  for (let length = n; length >= leastSamples; length = Math.floor(length * 0.8)) starts.push(n - length)
  return starts
}

/** So few that each of them has to be above the one before. */
const isFew = ({ floors }: Growth): boolean => floors.atMs.length < 8

const grows = (window: Growth, track: Track, falls: readonly number[]): boolean =>
  standingOf(window) >= 0.6 &&
  window.steadiness >= 0.3 &&
  window.setback <= (isFew(window) ? 0 : 0.5) &&
  (!isFew(window) || window.biggestStep <= 0.5) &&
  window.gainShare >= leastGain(track.atMs.length - window.from) &&
  window.gainBytes >= wobbleOf(track, window.from) * 0.15 &&
  isNewHigh(window, track, falls)

/** How far memory goes up and down within a twelfth of the window: teeth, load, noise. */
const wobbleOf = (track: Track, from: number): number => {
  const length = (track.atMs.length - from) / 12
  if (length < 5) return 0
  const ranges = Array.from({ length: 12 }, (_, i) => {
    const part = track.bytes.subarray(from + Math.floor(i * length), from + Math.floor((i + 1) * length))
    return roughQuantile(part, 0.95) - roughQuantile(part, 0.05)
  })
  return median(ranges)
}

/** What speaks against growth being a leak; null: nothing. */
const doubtOf = (window: Growth, track: Track, falls: readonly number[]): Doubt | null => {
  if (standingOf(window) < 1) return 'weak'
  if (window.steadiness < 0.72 || bendsDown(window.floors)) return 'slowing'
  if (window.setback > 0.3) return 'uneven'
  // Changes of level (a deployment, a bigger heap) are no leak, unless they go on and on.
  if (window.floors.atMs.length >= 8 && (window.biggestStep > 0.4 || window.threeSteps > 0.8)) return 'steps'
  return isSaturating(window, track, falls) ? 'slowing' : null
}

/** What saturates slows down within the window as it did before it; a warm-up with a leak behind it does not. */
const isSaturating = (window: Growth, track: Track, falls: readonly number[]): boolean => {
  const samples = track.atMs.length - window.from
  if (window.from < samples / 2 || window.steadinessAtLeast >= 0.92) return false
  const previous = weigh(track, Math.max(0, window.from - samples), window.from, falls)
  return previous.slope.best > window.slope.best * 1.35 && standingOf(previous) > 0.4
}

/** Growth that only comes back to where memory has been before is none. Floors are compared with floors as wide. */
const isNewHigh = ({ from, floors }: Growth, track: Track, falls: readonly number[]): boolean => {
  if (from === 0) return true
  const before = partOf(track, 0, from)
  const width = spanMs(floors) / Math.max(1, floors.atMs.length - 1)
  const count = Math.max(1, Math.round(spanMs(before) / width))
  const earlier = count > mostFloorsBefore ? before.bytes : floorsOf(before, count).bytes
  const [bottom, top] = [roughQuantile(earlier, 0.25), roughQuantile(earlier, 0.99)]
  // The last tooth of a sawtooth is growth that has not come back yet; and the shorter the growth beside what is known
  // from before, the further it has to go.
  const isOneTooth = falls.length >= 3 && from >= (falls.at(-1) as number)
  const margin = isOneTooth ? 0.6 : 0.1 + (0.4 * from) / track.atMs.length
  return (floors.bytes.at(-1) as number) >= top + margin * (top - bottom)
}

const mostFloorsBefore = 200
