import { feetOf, fewestFeet, floorsOf } from './floors.ts'
import { quantile } from './robust.ts'
import { partOf, spanMs, type Track } from './track.ts'
import { remainderOf, type Slope, senSlope } from './trend.ts'

/** What one window of a series says about growth, from its beginning to its end. */
export interface Growth {
  /** Index in the track at which the window begins. */
  from: number
  floors: Track
  slope: Slope
  /** What the slope makes over the window. */
  gainBytes: number
  /** Of the level the window begins at. */
  gainShare: number
  /** How far the gain stands out of what is left beside a smooth curve. */
  strength: number
  /** How far the mean step from floor to floor stands out of their spread (Student's t). */
  evenness: number
  /** Slope of the newer half over that of the older one. */
  steadiness: number
  steadinessAtLeast: number
  /** The largest way back down, as a share of the gain. */
  setback: number
  /** The largest step between neighbouring floors, as a share of the gain. */
  biggestStep: number
  /** The three largest, as a share of the gain. */
  threeSteps: number
}

/**
 * Weighs the samples from `from` up to `to`. `falls`: where the sawtooth of the track falls, if it is one; then floors
 * of several widths are tried, since a tooth must fit in, and the one that shows the most counts.
 */
export const weigh = (track: Track, from: number, to: number, falls: readonly number[]): Growth => {
  const window = partOf(track, from, to)
  const inside = falls.filter((at) => at > from && at < to).map((at) => at - from)
  const feet = feetOf(window, inside)
  const fine = floorsOf(window, 24)
  const tried = [fine]
  // Floors that jump up and down have teeth between them; floors that wander have not.
  const hasTeeth = inside.length >= fewestFeet || remainderOf(fine, 1).autocorrelation < 0.35
  if (window.atMs.length >= 60 && hasTeeth) tried.push(floorsOf(window, 12), floorsOf(window, 8))
  if (feet !== null) tried.push(feet)
  return tried
    .map((floors) => weighFloors(floors, from))
    .reduce((best, one) => (standingOf(one) > standingOf(best) ? one : best))
}

/**
 * Whether growth is more than wandering: above 1, a random walk gets there in about one of a hundred windows (simulated
 * for 6 to 24 floors). By what is left beside a smooth curve, or by how alike its steps are.
 */
export const standingOf = ({ strength, evenness, floors }: Growth): number => {
  const n = floors.atMs.length
  return Math.max(strength / (6 + 25 / n), evenness / (2.6 + 9 / n))
}

const weighFloors = (floors: Track, from: number): Growth => {
  const slope = senSlope(floors)
  const gainBytes = slope.best * spanMs(floors)
  const level = startLevel(floors)
  const straight = wander(floors, 1, level)
  const steadiness = steadinessOf(floors, level)
  // A curve that bends upwards is no weaker evidence than a line; one that bends down is.
  const spread = steadiness.most > 1 ? Math.min(straight, wander(floors, 2, level) * 1.33) : straight
  return {
    from,
    floors,
    slope,
    gainBytes,
    gainShare: gainBytes / Math.max(level, 1),
    strength: gainBytes / spread,
    evenness: evennessOf(floors, level),
    steadiness: steadiness.most,
    steadinessAtLeast: steadiness.least,
    setback: setbackOf(floors) / Math.max(gainBytes, 1),
    biggestStep: greatestStepsOf(floors, 1) / Math.max(gainBytes, 1),
    threeSteps: greatestStepsOf(floors, 3) / Math.max(gainBytes, 1),
  }
}

/** How far floors stray from a smooth curve, by the room a wandering series would need. */
const wander = (floors: Track, degree: 1 | 2, level: number): number => {
  const { noise, autocorrelation } = remainderOf(floors, degree)
  return (noise + level * 1e-4 + 1) * Math.sqrt((1 + autocorrelation) / (1 - autocorrelation))
}

const evennessOf = ({ bytes }: Track, level: number): number => {
  const steps = bytes.slice(1).map((one, i) => one - (bytes[i] as number))
  const mean = steps.reduce((sum, one) => sum + one, 0) / steps.length
  const square = steps.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, steps.length - 1)
  return (mean * Math.sqrt(steps.length)) / (Math.sqrt(square) + level * 1e-4 + 1)
}

const startLevel = ({ bytes }: Track): number =>
  quantile(bytes.subarray(0, Math.max(2, Math.ceil(bytes.length / 6))), 0.5)

/**
 * 1: as fast in the newer half as in the older one, and still at the end; below: levels off; above: speeds up. Both
 * ends of the range that one standard error makes.
 */
const steadinessOf = (floors: Track, level: number): { most: number; least: number } => {
  const n = floors.atMs.length
  if (n < 4) return { most: 1, least: 1 }
  const middle = Math.floor(n / 2)
  const early = senSlope(partOf(floors, 0, middle + 1)).best
  const late = slopeWithError(partOf(floors, n - middle - 1), level)
  if (early <= 0) return late.best > 0 ? { most: 9, least: 9 } : { most: 0, least: 0 }
  const newer = { most: (late.best + late.error) / early, least: (late.best - late.error) / early }
  if (n < 12) return newer
  const overall = senSlope(floors).best
  // Half of it in the last third, or a third of it in the last fifth, is as bad as 0.72 of it in the newer half.
  const atEnd = [
    [3, 1.44],
    [5, 2.1],
  ].map(([part = 1, worth = 1]) => {
    const end = slopeWithError(partOf(floors, n - Math.max(5, Math.round(n / part))), level)
    return overall <= 0 ? 0 : (worth * (end.best + end.error)) / overall
  })
  return { most: Math.min(newer.most, ...atEnd), least: newer.least }
}

const slopeWithError = (floors: Track, level: number): { best: number; error: number } => ({
  best: senSlope(floors).best,
  error: (wander(floors, 1, level) * Math.sqrt(12 / floors.atMs.length)) / Math.max(1, spanMs(floors)),
})

const setbackOf = ({ bytes }: Track): number => {
  let top = Number.NEGATIVE_INFINITY
  let deepest = 0
  for (const one of bytes) {
    top = Math.max(top, one)
    deepest = Math.max(deepest, top - one)
  }
  return deepest
}

const greatestStepsOf = ({ bytes }: Track, count: number): number => {
  const steps = bytes.slice(1).map((one, i) => one - (bytes[i] as number))
  return steps
    .sort()
    .subarray(-count)
    .reduce((sum, step) => sum + Math.max(0, step), 0)
}
