import { type ClockOffsets, civilTime, clockText, dayText, offsetAt } from '../core/civil-time.ts'
import type { PageData, PageSeries } from '../core/page-data.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { Series } from './unpack.ts'

/** What stands at a row, as a time and lines of words. */
export interface Readout {
  time: string
  lines: string[]
}

export const stampText = (at: number, offsets: ClockOffsets): string => {
  const time = civilTime(at, offsetAt(offsets, at))
  return `${dayText(time)} ${clockText(time)}`
}

/** `reach`: how many seconds aside an event is still told of, some pixels' worth. */
export const readoutOf = (
  row: number,
  series: Series,
  page: PageSeries,
  data: PageData,
  reach: number,
): Readout => {
  const at = series.times[row] as number
  const [floor, peak, used, limit] = [series.floors, series.peaks, series.used, series.limits].map(
    (column) => column[row] ?? null,
  )
  const time = stampText(at, data.offsets)
  if (floor == null || peak == null)
    return { time, lines: [row > (series.rows.at(-1) ?? 0) ? forecastText(page, data) : 'nothing recorded'] }
  const own = floor === peak ? formatBytes(floor) : `${formatBytes(floor)} to ${formatBytes(peak)}`
  const counts = used == null ? '' : `counts ${formatBytes(used)}`
  const most =
    limit == null
      ? 'no limit'
      : used == null
        ? `limit ${formatBytes(limit)}`
        : `of its ${formatBytes(limit)} limit`
  const against = limit == null && counts !== '' ? `${counts}, ${most}` : `${counts} ${most}`.trim()
  return { time, lines: [`holds ${own} · ${against}`, ...eventsAt(at, page, data, reach)] }
}

const forecastText = ({ cone }: PageSeries, { offsets }: PageData): string =>
  cone === null
    ? 'after the last record'
    : `forecast: ${formatBytes(cone.limit)} on ${stampText(cone.from + cone.best, offsets)}, in ${formatDuration(cone.best)}`

/** What happened within the time that a value stands for, or close by on the screen. */
const eventsAt = (
  at: number,
  { step, restarts, alerts }: PageSeries,
  { marks }: PageData,
  reach: number,
): string[] => {
  const [from, to] = [at - reach, at + Math.max(step, reach)]
  const here = ([when]: readonly [number, string]): boolean => when >= from && when <= to
  return [
    ...restarts.filter(here).map(([, text]) => text),
    ...marks.filter(here).map(([, text]) => `mark: ${text}`),
    ...alerts
      .filter(([start, end]) => start <= to && end >= from)
      .map(([, , level, text]) => `${level}: ${text}`),
  ].slice(0, 4)
}
