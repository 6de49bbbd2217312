/** Without its ten strongest periods (of what is left beside a line), by an FFT over the next smaller power of two. */
export const withoutSeason = (values: Float64Array): Float64Array => {
  const n = values.length
  const size = 2 ** Math.floor(Math.log2(n))
  const from = n - size
  const part = values.subarray(from)
  const [first, last] = [part[0] as number, part[size - 1] as number]
  const trend = (i: number): number => first + ((last - first) * i) / (size - 1)
  const real = Float64Array.from(part, (one, i) => one - trend(i))
  const imaginary = new Float64Array(size)
  transform(real, imaginary, 1)
  const power = Array.from({ length: size / 2 - 1 }, (_, i) => ({
    at: i + 1,
    power: (real[i + 1] as number) ** 2 + (imaginary[i + 1] as number) ** 2,
  }))
  for (const { at } of power.sort((a, b) => b.power - a.power).slice(0, 10))
    for (const i of [at, size - at]) [real[i], imaginary[i]] = [0, 0]
  transform(real, imaginary, -1)
  return Float64Array.from(values, (one, i) =>
    i < from ? one : (real[i - from] as number) / size + trend(i - from),
  )
}

/** Cooley–Tukey in place; `direction` -1 is the inverse, not divided by the length. */
const transform = (real: Float64Array, imaginary: Float64Array, direction: 1 | -1): void => {
  const n = real.length
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[real[i], real[j]] = [real[j] as number, real[i] as number]
      ;[imaginary[i], imaginary[j]] = [imaginary[j] as number, imaginary[i] as number]
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    const angle = (-2 * Math.PI * direction) / length
    for (let start = 0; start < n; start += length)
      for (let k = 0; k < length / 2; k++) {
        const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)]
        const [a, b] = [start + k, start + k + length / 2]
        const re = (real[b] as number) * cos - (imaginary[b] as number) * sin
        const im = (real[b] as number) * sin + (imaginary[b] as number) * cos
        ;[real[b], imaginary[b]] = [(real[a] as number) - re, (imaginary[a] as number) - im]
        ;[real[a], imaginary[a]] = [(real[a] as number) + re, (imaginary[a] as number) + im]
      }
  }
}
