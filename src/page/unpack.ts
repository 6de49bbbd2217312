import type { PageSeries } from '../core/page-data.ts'
import { unpackNumbers, unpackTimes } from '../core/vlq.ts'

type Values = (number | null)[]

/** A series as the chart takes it: columns of one length; null where nothing was recorded. */
export interface Series {
  times: number[]
  floors: Values
  peaks: Values
  used: Values
  limits: Values
  /** Rows that are records, in order of time; the others are gaps, and the end of the picture. */
  rows: number[]
}

export const unpackSeries = (page: PageSeries): Series => {
  const bytesOf = (text: string): number[] => unpackNumbers(text).map((steps) => steps * page.unit)
  const [times, floors, peaks] = [unpackTimes(page.times), bytesOf(page.floors), bytesOf(page.peaks)]
  const used = page.used === null ? [] : unpackNumbers(page.used)
  const series: Series = { times: [], floors: [], peaks: [], used: [], limits: [], rows: [] }
  const add = (
    time: number,
    floor: number | null,
    peak: number | null,
    own: number | null,
    limit: number | null,
  ): void => {
    series.times.push(time)
    series.floors.push(floor)
    series.peaks.push(peak)
    series.used.push(own)
    series.limits.push(limit)
  }
  const limits = new Map(page.limits)
  let limit: number | null = null
  times.forEach((time, i) => {
    if (page.gaps.includes(i)) add((time + (times[i - 1] ?? time)) / 2, null, null, null, limit)
    limit = limits.get(i) ?? (limits.has(i) ? null : limit)
    const steps = used[i] ?? 0
    series.rows.push(series.times.length)
    add(time, floors[i] ?? null, peaks[i] ?? null, steps === 0 ? null : (steps - 1) * page.unit, limit)
  })
  const end = page.range[1]
  // Up to which the limit is drawn.
  if (end > (times.at(-1) ?? end)) add(end, null, null, null, limit)
  return series
}
