import { feetOf, floorsOf } from './floors.ts'
import { median, quantile } from './robust.ts'
import { partOf, spanMs, type Track } from './track.ts'
import { curveOf, type Slope, senSlope } from './trend.ts'

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
  /** How far the gain stands out of what is left beside a smooth curve; above 6 chance is out of the question. */
  strength: number
  /** Slope of the newer half over that of the older one. */
  steadiness: number
  /** The largest way back down, as a share of the gain. */
  setback: number
  /** The largest step between neighbouring floors, as a share of the gain. */
  biggestStep: number
}

const floorCount = 24

/** Weighs the window from `from` to the end of the track. `falls`: where the sawtooth of the track falls, if it is one. */
export const weigh = (track: Track, from: number, falls: readonly number[]): Growth => {
  const window = partOf(track, from)
  const inside = falls.filter((at) => at > from).map((at) => at - from)
  const feet = inside.length < floorCount * 2 ? feetOf(window, inside) : null
  const floors = feet ?? floorsOf(window, floorCount)
  const slope = senSlope(floors)
  const gainBytes = slope.best * spanMs(floors)
  const { noise, autocorrelation } = curveOf(floors)
  const level = startLevel(floors)
  const resolution = level * 1e-4 + 1
  const spread = (noise + resolution) * Math.sqrt((1 + autocorrelation) / (1 - autocorrelation))
  return {
    from,
    floors,
    slope,
    gainBytes,
    gainShare: gainBytes / Math.max(level, 1),
    strength: gainBytes / spread,
    steadiness: steadinessOf(floors, spread),
    setback: setbackOf(floors) / Math.max(gainBytes, 1),
    biggestStep: biggestStepOf(floors) / Math.max(gainBytes, 1),
  }
}

const startLevel = ({ bytes }: Track): number =>
  quantile(bytes.subarray(0, Math.max(2, Math.ceil(bytes.length / 6))), 0.5)

/** 1: as fast in the newer half; below: levels off; above: speeds up. Given the benefit of one standard error. */
const steadinessOf = (floors: Track, spread: number): number => {
  const n = floors.atMs.length
  if (n < 4) return 1
  const middle = Math.floor(n / 2)
  const older = partOf(floors, 0, middle + 1)
  const newer = partOf(floors, n - middle - 1)
  const early = senSlope(older).best
  const late = senSlope(newer).best
  const error = (spread * 2) / Math.max(1, spanMs(floors))
  if (early <= error * 0.5) return late > 0 ? 9 : 0
  return (late + error) / early
}

const setbackOf = ({ bytes }: Track): number => {
  let top = Number.NEGATIVE_INFINITY
  let deepest = 0
  for (const one of bytes) {
    top = Math.max(top, one)
    deepest = Math.max(deepest, top - one)
  }
  return deepest
}

const biggestStepOf = ({ bytes }: Track): number => {
  let biggest = 0
  for (let i = 1; i < bytes.length; i++)
    biggest = Math.max(biggest, (bytes[i] as number) - (bytes[i - 1] as number))
  return biggest
}

/** Where memory falls back by a great part of its range, within a sample or two, and stays down for a while. */
export const fallsOf = ({ bytes }: Track): number[] => {
  const n = bytes.length
  if (n < 8) return []
  const differences = new Float64Array(n - 1)
  for (let i = 1; i < n; i++) differences[i - 1] = Math.abs((bytes[i] as number) - (bytes[i - 1] as number))
  const ordinary = median(differences)
  const range = quantile(bytes, 0.98) - quantile(bytes, 0.02)
  const least = Math.max(range * 0.2, ordinary * 8)
  const falls: number[] = []
  for (let i = 1; i < n; i++) {
    const after = bytes[i] as number
    const before = median(bytes.subarray(Math.max(0, i - 3), i))
    const next = median(bytes.subarray(i, Math.min(n, i + 3)))
    if (before - after < least || before - next < least * 0.8) continue
    if (falls.length > 0 && i - (falls.at(-1) as number) < 3) continue
    falls.push(i)
  }
  return falls
}
