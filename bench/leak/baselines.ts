import { floorsOf } from '../../src/leak/floors.ts'
import { median, quantile } from '../../src/leak/robust.ts'
import { type Track, trackOf } from '../../src/leak/track.ts'
import { senSlope } from '../../src/leak/trend.ts'
import type { Labelled } from './labelled.ts'
import { withoutSeason } from './season.ts'

/** Says whether a series leaks. These are for comparison only: each as published, none improved. */
export type Baseline = (labelled: Labelled) => boolean

export const line = (x: ArrayLike<number>, y: ArrayLike<number>): { slope: number; r2: number } => {
  const n = x.length
  let [sx, sy] = [0, 0]
  for (let i = 0; i < n; i++) {
    sx += x[i] as number
    sy += y[i] as number
  }
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const dx = (x[i] as number) - sx / n
    const dy = (y[i] as number) - sy / n
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  return xx === 0 || yy === 0 ? { slope: 0, r2: 0 } : { slope: xy / xx, r2: (xy * xy) / (xx * yy) }
}

/** Least squares over the whole; a leak when the slope is positive and R² > 0.8. */
export const ols: Baseline = ({ points }) => {
  const { atMs, bytes } = trackOf(points)
  const { slope, r2 } = line(atMs, bytes)
  return slope > 0 && r2 > 0.8
}

/** Linear backward regression (Jindal et al.): windows from the end, 60 samples and 50 more each, without season. */
export const lbr: Baseline = ({ points }) => {
  const { atMs, bytes } = trackOf(points)
  let best = { slope: 0, r2: 0 }
  for (let length = 60; ; length += 50) {
    const from = Math.max(0, atMs.length - length)
    const fit = line(atMs.subarray(from), withoutSeason(bytes.subarray(from)))
    if (fit.r2 > best.r2) best = fit
    if (from === 0) break
  }
  return best.slope > 0 && best.r2 > 0.8
}

const hourMs = 3_600_000
const sevenDaysMs = 168 * hourMs

/** Precog with the maximum filter (Jindal et al.): learnt on the older half, asked at the end. */
export const precogMf: Baseline = ({ points, ceiling }) => {
  const all = resample(trackOf(points))
  const top = all.bytes.reduce((most, one) => Math.max(most, one), 0)
  const limit = ceiling?.limitBytes ?? top * 1.5
  const half = Math.floor(all.atMs.length / 2)
  const known = learn({ atMs: all.atMs.subarray(0, half), bytes: all.bytes.subarray(0, half) }, limit)
  const last = all.bytes.at(-1) ?? 0
  if (last < 0.4 * limit) return false
  for (const from of changePoints(all).slice(0, -1).reverse()) {
    const [x, y] = [all.atMs.subarray(from), all.bytes.subarray(from)]
    const { slope, r2 } = line(x, y)
    if (!(slope > 0 && r2 > 0.8) || (limit - last) / slope > sevenDaysMs) continue
    const duration = (x.at(-1) as number) - (x[0] as number)
    const isBeyond =
      (slope >= known.slope && duration >= known.duration) ||
      known.trends.some((trend) => slope > trend.slope && duration > trend.duration)
    if (!isBeyond) continue
    const ten = Float64Array.from(y).sort().subarray(-10)
    if (!ten.some((one) => one < 0.95 * limit && one < known.topMedian)) return true
  }
  return false
}

const learn = (track: Track, limit: number) => {
  const points = changePoints(track)
  const trends: { slope: number; duration: number }[] = []
  for (let i = 0; i < points.length; i++)
    for (let j = i + 1; j < points.length; j++) {
      const [from, to] = [points[i] as number, points[j] as number]
      const x = track.atMs.subarray(from, to + 1)
      const y = track.bytes.subarray(from, to + 1)
      const duration = (x.at(-1) ?? 0) - (x[0] ?? 0)
      const { slope, r2 } = line(x, y)
      if (r2 <= 0.8 || slope <= 0 || duration < 6 * hourMs) continue
      if ((limit - (y.at(-1) as number)) / slope <= sevenDaysMs) trends.push({ slope, duration })
    }
  return {
    trends,
    slope: Math.max(0, ...trends.map(({ slope }) => slope)),
    duration: Math.max(0, ...trends.map(({ duration }) => duration)),
    topMedian: median(Float64Array.from(track.bytes).sort().subarray(-10)),
  }
}

/** Medians of five minutes, then a rolling median of an hour. */
const resample = (track: Track): Track => {
  const groups = new Map<number, number[]>()
  track.atMs.forEach((at, i) => {
    const slot = Math.floor(at / 300_000)
    groups.set(slot, [...(groups.get(slot) ?? []), track.bytes[i] as number])
  })
  const bytes = [...groups.values()].map((group) => median(group))
  return {
    atMs: Float64Array.from(groups.keys(), (slot) => slot * 300_000),
    bytes: Float64Array.from(bytes, (_, i) => median(bytes.slice(Math.max(0, i - 6), i + 6))),
  }
}

/** Where first differences stand out, at least six hours apart; the first and the last index always. */
const changePoints = ({ atMs, bytes }: Track): number[] => {
  const n = bytes.length
  if (n < 3) return [0, Math.max(0, n - 1)]
  const differences = Array.from({ length: n - 1 }, (_, i) =>
    Math.abs((bytes[i + 1] as number) - (bytes[i] as number)),
  )
  const middle = median(differences)
  const mad = median(differences.map((one) => Math.abs(one - middle)))
  const found = [0]
  if (mad > 0)
    differences.forEach((one, i) => {
      const apart = (atMs[i + 1] as number) - (atMs[found.at(-1) as number] as number)
      if (Math.abs((0.6745 * (one - middle)) / mad) > 3.5 && apart >= 6 * hourMs) found.push(i + 1)
    })
  return [...found, n - 1]
}

const mannKendall = ({ bytes }: Track): boolean => {
  const n = bytes.length
  let s = 0
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) s += Math.sign((bytes[j] as number) - (bytes[i] as number))
  const ties = new Map<number, number>()
  for (const one of bytes) ties.set(one, (ties.get(one) ?? 0) + 1)
  const tied = [...ties.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0)
  const variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
  // One-sided p < .01.
  return variance > 0 && (s - 1) / Math.sqrt(variance) > 2.326
}

/** Mann-Kendall with Sen's slope on the samples; the slope on a thousand of them, which gives the same sign. */
export const mannKendallRaw: Baseline = ({ points }) => {
  const track = trackOf(points)
  const step = Math.ceil(track.atMs.length / 1000)
  const some = <T>(values: Float64Array): Float64Array =>
    values.filter((_, i) => i % step === 0) as T & Float64Array
  return mannKendall(track) && senSlope({ atMs: some(track.atMs), bytes: some(track.bytes) }).best > 0
}

/** The same on the lowest of 24 equal spans, newer half at least half as fast, gain of at least 5 %. */
export const mannKendallFloors: Baseline = ({ points }) => {
  const floors = lowest(trackOf(points))
  const half = Math.floor(floors.atMs.length / 2)
  const older = senSlope({ atMs: floors.atMs.subarray(0, half), bytes: floors.bytes.subarray(0, half) }).best
  const newer = senSlope({ atMs: floors.atMs.subarray(half), bytes: floors.bytes.subarray(half) }).best
  const slope = senSlope(floors).best
  const span = (floors.atMs.at(-1) as number) - (floors.atMs[0] as number)
  const gain = (slope * span) / Math.max(1, floors.bytes[0] as number)
  return mannKendall(floors) && slope > 0 && newer >= older * 0.5 && gain >= 0.05
}

const lowest = (track: Track): Track => {
  const { atMs } = floorsOf(track, 24)
  const first = track.atMs[0] as number
  const width = ((track.atMs.at(-1) as number) - first) / 24
  const bytes = Float64Array.from(atMs, (at) => {
    const slot = Math.min(23, Math.floor((at - first) / width))
    const inside = track.bytes.filter(
      (_, i) => Math.min(23, Math.floor(((track.atMs[i] as number) - first) / width)) === slot,
    )
    return quantile(inside, 0)
  })
  return { atMs, bytes }
}
