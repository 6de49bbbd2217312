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

export interface Curve {
  /** Root of the mean squared distance from a parabola, with the degrees of freedom it takes. */
  noise: number
  /** Of neighbouring distances from it, 0 to 0.95: near 1 the series wanders. */
  autocorrelation: number
}

/** How straight (or evenly bent) a series is: what is left of it beside a parabola by least squares. */
export const curveOf = ({ atMs, bytes }: Track): Curve => {
  const n = atMs.length
  const first = atMs[0] as number
  const span = (atMs[n - 1] as number) - first || 1
  // Orthogonal polynomials over the given times: no matrix, and no loss of digits.
  const x = Float64Array.from(atMs, (at) => (2 * (at - first)) / span - 1)
  const rest = Float64Array.from(bytes)
  const basis: Float64Array[] = []
  for (let degree = 0; degree <= 2; degree++) {
    const next = Float64Array.from(x, (one) => one ** degree)
    for (const other of basis) subtract(next, other, dot(next, other) / (dot(other, other) || 1))
    basis.push(next)
    subtract(rest, next, dot(rest, next) / (dot(next, next) || 1))
  }
  const square = dot(rest, rest)
  let lagged = 0
  for (let i = 1; i < n; i++) lagged += (rest[i] as number) * (rest[i - 1] as number)
  const raw = square > 0 ? lagged / square : 0
  return {
    noise: Math.sqrt(square / Math.max(1, n - 3)),
    // Fitting takes autocorrelation away, the more the fewer samples there are.
    autocorrelation: Math.min(0.95, Math.max(0, raw + 4 / n)),
  }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

const subtract = (from: Float64Array, what: Float64Array, times: number): void => {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] as number) - times * (what[i] as number)
}
