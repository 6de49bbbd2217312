import { fitBy } from './fit.ts'
import { quantileOfSorted } from './robust.ts'
import type { Track } from './track.ts'

/** Bytes per millisecond. */
export interface Slope {
  best: number
  low: number
  high: number
}

/**
 * Sen's slope: the median of the slopes of all pairs, and the range it lies in by Kendall's variance (Gilbert 1987,
 * 95 % for independent samples). O(n²): meant for floors, not for raw samples.
 */
export const senSlope = ({ atMs, bytes }: Track): Slope => {
  const n = atMs.length
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let count = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      slopes[count++] =
        ((bytes[j] as number) - (bytes[i] as number)) / ((atMs[j] as number) - (atMs[i] as number))
  slopes.sort()
  const reach = (1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2
  const at = (place: number): number =>
    slopes[Math.min(count - 1, Math.max(0, Math.round(place)))] ?? Number.NaN
  return {
    best: quantileOfSorted(slopes, 0.5),
    low: at(count / 2 - reach - 1),
    high: at(count / 2 + reach),
  }
}

export interface Remainder {
  /** Root of the mean squared distance, by the degrees of freedom. */
  noise: number
  /** Of neighbouring distances, 0 to 0.95: near 1 the series wanders. */
  autocorrelation: number
  /** Sum of the squared distances. */
  square: number
}

/** What is left of a series beside a line (degree 1) or a parabola (degree 2) by least squares. */
export const remainderOf = ({ atMs, bytes }: Track, degree: 1 | 2): Remainder => {
  const n = atMs.length
  const first = atMs[0] as number
  const span = (atMs[n - 1] as number) - first || 1
  const x = Float64Array.from(atMs, (at) => (2 * (at - first)) / span - 1)
  const powers = Array.from({ length: degree + 1 }, (_, power) => x.map((one) => one ** power))
  const { rest, square } = fitBy(powers, bytes)
  let lagged = 0
  for (let i = 1; i < n; i++) lagged += (rest[i] as number) * (rest[i - 1] as number)
  const raw = square > 0 ? lagged / square : 0
  return {
    noise: Math.sqrt(square / Math.max(1, n - degree - 1)),
    // Fitting takes autocorrelation away, the more the fewer samples there are.
    autocorrelation: Math.min(0.95, Math.max(0, raw + 3 / n)),
    square,
  }
}

/**
 * Whether a parabola that bends down explains the floors that much better than a line (F test) that they are slowing
 * down, be it only a little; told only where what is left is noise.
 */
export const bendsDown = (floors: Track): boolean => {
  const n = floors.atMs.length
  if (n < 5) return false
  const line = remainderOf(floors, 1)
  const parabola = remainderOf(floors, 2)
  if (n >= 12 && parabola.autocorrelation > 0.5) return false
  const resolution = n * ((floors.bytes[0] as number) * 1e-4 + 1) ** 2
  const better = (line.square - parabola.square) / ((parabola.square + resolution) / (n - 3))
  if (better < (n < 12 ? 3 : 8 + 20 / (n - 3))) return false
  const half = Math.floor(n / 2)
  const early = senSlope({
    atMs: floors.atMs.subarray(0, half + 1),
    bytes: floors.bytes.subarray(0, half + 1),
  })
  const late = senSlope({ atMs: floors.atMs.subarray(-half - 1), bytes: floors.bytes.subarray(-half - 1) })
  return late.best < early.best * 0.88
}
