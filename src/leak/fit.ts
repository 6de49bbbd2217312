/** Least squares of `values` by the given columns, by Gram–Schmidt: no matrix, and no loss of digits. */
export interface Fit {
  /** Sum of the squared distances. */
  square: number
  rest: Float64Array
}

export const fitBy = (columns: readonly Float64Array[], values: Float64Array): Fit => {
  const rest = Float64Array.from(values)
  const basis: { column: Float64Array; square: number }[] = []
  for (const given of columns) {
    const column = Float64Array.from(given)
    for (const other of basis) subtract(column, other.column, dot(column, other.column) / other.square)
    const square = dot(column, column)
    if (square <= 1e-12 * dot(given, given)) continue
    basis.push({ column, square })
    subtract(rest, column, dot(rest, column) / square)
  }
  return { square: dot(rest, rest), rest }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

const subtract = (from: Float64Array, what: Float64Array, times: number): void => {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] as number) - times * (what[i] as number)
}
