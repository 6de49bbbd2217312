/** Robust figures of small samples; all of them leave their input as it is. */

/** The q-th quantile (0 to 1) of sorted numbers, interpolated; NaN for none. */
export const quantileOfSorted = (sorted: ArrayLike<number>, q: number): number => {
  if (sorted.length === 0) return Number.NaN
  const place = (sorted.length - 1) * q
  const below = Math.floor(place)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (place - below)
}

/** A sorted copy. */
export const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort()

export const quantile = (values: Iterable<number>, q: number): number => quantileOfSorted(sorted(values), q)

export const median = (values: Iterable<number>): number => quantile(values, 0.5)

/** Standard deviation as the median of the distances from the median says it (1.4826 × MAD). */
export const robustSpread = (values: ArrayLike<number>): number => {
  const middle = median(Array.from(values))
  return 1.4826 * median(Array.from(values, (one) => Math.abs(one - middle)))
}
