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
export const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort()

export const quantile = (values: ArrayLike<number>, q: number): number => quantileOfSorted(sorted(values), q)

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5)

const enough = 250

/** Nearly the same for many, from every so many of them: sorting thousands is what a verdict's time would go to. */
export const roughQuantile = (values: Float64Array, q: number): number => {
  const step = Math.floor(values.length / enough)
  return quantile(
    step < 2 ? values : Float64Array.from({ length: enough }, (_, i) => values[i * step] as number),
    q,
  )
}

/** The `place`-th smallest (from 0); reorders `values` (Hoare's selection: a floor needs no sorting). */
export const select = (values: Float64Array, place: number): number => {
  let [from, to] = [0, values.length - 1]
  while (from < to) {
    const pivot = values[(from + to) >> 1] as number
    let [i, j] = [from, to]
    while (i <= j) {
      while ((values[i] as number) < pivot) i++
      while ((values[j] as number) > pivot) j--
      if (i > j) break
      const swapped = values[i] as number
      values[i++] = values[j] as number
      values[j--] = swapped
    }
    if (place <= j) to = j
    else if (place >= i) from = i
    else break
  }
  return values[place] as number
}
