import { floorsOf } from './floors.ts'
import { spanMs, type Track } from './track.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
// Less than two days hold no hour twice on both sides of a day's mean.
const leastSpanMs = 46 * hourMs
const harmonics = 4
// Of what varies within the day, the part that must recur for it to be called a daily pattern.
const leastExplained = 0.5

/**
 * The series without what recurs every day, so that an hour is compared with the same hour; null where there is no
 * daily pattern or too little to see one. The day's low stays where it was: what remains is floors.
 */
export const withoutDaily = (track: Track): Track | null => {
  if (spanMs(track) < leastSpanMs || track.atMs.length < 40) return null
  const hours = Math.round(spanMs(track) / hourMs)
  const hourly = everyHour(floorsOf(track, Math.min(hours, 1500)), Math.min(hours, 1500))
  const perDay = Math.max(8, Math.round((dayMs / spanMs(track)) * hourly.atMs.length))
  const wave = dailyWave(hourly, perDay)
  if (wave === null) return null
  // One value for every five minutes of the day.
  const table = Float64Array.from({ length: 288 }, (_, i) => wave((i / 288) * dayMs))
  const low = table.reduce((lowest, one) => Math.min(lowest, one))
  const bytes = track.bytes.map((one, i) => {
    const atMs = track.atMs[i] as number
    return one + low - (table[Math.floor((((atMs % dayMs) + dayMs) % dayMs) / (dayMs / 288))] as number)
  })
  return { atMs: track.atMs, bytes }
}

/** At equal distances, gaps bridged by a line. */
const everyHour = ({ atMs, bytes }: Track, count: number): Track => {
  const first = atMs[0] as number
  const last = atMs[atMs.length - 1] as number
  const times = Float64Array.from({ length: count }, (_, i) => first + ((last - first) * i) / (count - 1))
  let from = 0
  const values = times.map((at) => {
    while (from < atMs.length - 2 && (atMs[from + 1] as number) < at) from++
    const [left, right] = [atMs[from] as number, atMs[from + 1] as number]
    const share = right > left ? (at - left) / (right - left) : 0
    return (bytes[from] as number) * (1 - share) + (bytes[from + 1] as number) * share
  })
  return { atMs: times, bytes: values }
}

/** Sines of a day and its parts, fitted to how each hour stands beside the mean of the day around it. */
const dailyWave = ({ atMs, bytes }: Track, perDay: number): ((atMs: number) => number) | null => {
  const half = Math.floor(perDay / 2)
  const rows: number[][] = []
  const beside: number[] = []
  for (let i = half; i < bytes.length - half; i++) {
    let sum = 0
    for (let j = i - half; j <= i + half; j++)
      sum += (bytes[j] as number) * (j === i - half || j === i + half ? 0.5 : 1)
    rows.push(sines(atMs[i] as number))
    beside.push((bytes[i] as number) - sum / (2 * half))
  }
  if (rows.length < 3 * harmonics * 2) return null
  const weights = leastSquares(rows, beside)
  if (weights === null) return null
  const wave = (at: number): number =>
    sines(at).reduce((sum, sine, i) => sum + sine * (weights[i] as number), 0)
  let [all, left] = [0, 0]
  for (let i = 0; i < rows.length; i++) {
    const fitted = (rows[i] as number[]).reduce((sum, sine, k) => sum + sine * (weights[k] as number), 0)
    all += (beside[i] as number) ** 2
    left += ((beside[i] as number) - fitted) ** 2
  }
  return all > 0 && 1 - left / all >= leastExplained ? wave : null
}

const sines = (atMs: number): number[] => {
  const angle = (2 * Math.PI * (atMs % dayMs)) / dayMs
  return Array.from({ length: harmonics }, (_, i) => [
    Math.sin(angle * (i + 1)),
    Math.cos(angle * (i + 1)),
  ]).flat()
}

/** Solves the normal equations by elimination; null when they are singular. */
const leastSquares = (rows: readonly number[][], values: readonly number[]): number[] | null => {
  const size = rows[0]?.length ?? 0
  const matrix = Array.from({ length: size }, () => new Array<number>(size + 1).fill(0))
  rows.forEach((row, at) => {
    for (let i = 0; i < size; i++) {
      const line = matrix[i] as number[]
      for (let j = 0; j < size; j++) line[j] = (line[j] as number) + (row[i] as number) * (row[j] as number)
      line[size] = (line[size] as number) + (row[i] as number) * (values[at] as number)
    }
  })
  for (let i = 0; i < size; i++) {
    const pivot = matrix
      .slice(i)
      .reduce((best, line) => (Math.abs(line[i] as number) > Math.abs(best[i] as number) ? line : best))
    if (Math.abs(pivot[i] as number) < 1e-9) return null
    matrix[matrix.indexOf(pivot)] = matrix[i] as number[]
    matrix[i] = pivot
    for (const line of matrix) {
      if (line === pivot) continue
      const times = (line[i] as number) / (pivot[i] as number)
      for (let j = i; j <= size; j++) line[j] = (line[j] as number) - times * (pivot[j] as number)
    }
  }
  return matrix.map((line, i) => (line[size] as number) / (line[i] as number))
}
