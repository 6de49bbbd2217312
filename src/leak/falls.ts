import { roughQuantile } from './robust.ts'
import type { Track } from './track.ts'

/**
 * Where memory falls back within a sample or two and stays down for a while: the ends of teeth, spikes and lives, as
 * indices of the first sample that is down. Only falls of the size of the greater ones count.
 */
export const fallsOf = ({ bytes }: Track): number[] => {
  const n = bytes.length
  if (n < 8) return []
  const depths = new Float64Array(n)
  const differences = new Float64Array(n - 1)
  for (let i = 1; i < n; i++) {
    const now = bytes[i] as number
    differences[i - 1] = Math.abs(now - (bytes[i - 1] as number))
    const before = middleOf(bytes, Math.max(0, i - 3), i)
    depths[i] = before - Math.max(now, middleOf(bytes, i, Math.min(n, i + 3)))
  }
  const least = Math.max(thirdGreatest(depths) * 0.4, roughQuantile(differences, 0.5) * 6)
  const falls: number[] = []
  for (let i = 1; i < n; i++) {
    const isDeepest = (depths[i] as number) >= Math.max(depths[i - 1] as number, depths[i + 1] ?? 0)
    if ((depths[i] as number) >= least && isDeepest && i - (falls.at(-1) ?? -3) >= 3) falls.push(i)
  }
  return falls
}

const thirdGreatest = (values: Float64Array): number => {
  let [first, second, third] = [0, 0, 0]
  for (const one of values) {
    if (one > first) [first, second, third] = [one, first, second]
    else if (one > second) [second, third] = [one, second]
    else if (one > third) third = one
  }
  return third
}

/** The median of one to three neighbours, without making anything: it is asked twice for every sample. */
const middleOf = (values: Float64Array, from: number, to: number): number => {
  const a = values[from] as number
  const b = values[from + 1] as number
  if (to - from === 1) return a
  if (to - from === 2) return (a + b) / 2
  const c = values[from + 2] as number
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
