import { sizeTicks, timeTicks } from '../../core/axis-ticks.ts'
import type { HistoryRecord } from '../../core/history.ts'
import { escapeHtml } from '../html.ts'
import { coneOf, type PictureRange, rangeOf, seconds } from './range.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'
import { isGap, thinRecords } from './thin-records.ts'

const [width, height] = [1000, 300]
/** A picture needs no more, in print neither. */
const mostColumns = 200
const [mostTimes, mostSizes] = [5, 5]

/** The chart as a still picture: for print, and where no script runs. It stretches; its words are beside it. */
export const picture = (service: ReportedService, facts: ReportFacts, label: string): string => {
  const range = rangeOf(service, facts)
  const place = placing(range)
  const thin = thinRecords(service.records, service.stepMs, mostColumns)
  const parts = partsOf(thin.records, thin.stepMs)
  const shapes = [
    ...conePath(service, facts, place),
    `<path class="band" d="${parts.map((part) => bandPath(part, place)).join('')}"/>`,
    line('used', parts.map((part) => linePath(part, ({ usedBytes }) => usedBytes, place)).join('')),
    line('floor', parts.map((part) => linePath(part, ({ floorBytes }) => floorBytes, place)).join('')),
    line('limit', limitPath(thin.records, range, place)),
    line(
      'mark',
      facts.marks
        .filter(within(range))
        .map(({ atMs }) => upright(atMs, place))
        .join(''),
    ),
    line('restart', service.restarts.map(({ atMs }) => upright(atMs, place)).join('')),
    ...service.alerts.slice(-60).map(({ fromMs, toMs, level }) => {
      const x = place.x(seconds(fromMs))
      return `<rect class="alert ${level}" x="${x}" width="${Math.max(3, place.x(seconds(toMs)) - x)}" height="12"/>`
    }),
  ]
  const sizes = sizeTicks(0, range.top, mostSizes)
  const times = timeTicks(range.from, range.to, mostTimes, facts.offsets)
  const grid = `${sizes.map(({ at }) => `M0 ${place.y(at)}H${width}`).join('')}${times.map(({ at }) => `M${place.x(at)} 0V${height}`).join('')}`
  return `<div class="still"><div class="box"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}">${line('grid', grid)}${shapes.join('')}</svg>${[
    ...sizes.map(
      (tick) => `<span class="y" style="top:${percent(place.y(tick.at) / height)}">${tick.label}</span>`,
    ),
    ...times
      .filter(({ at }) => at > range.from + (range.to - range.from) * 0.02)
      .map(
        (tick) => `<span class="x" style="left:${percent(place.x(tick.at) / width)}">${tick.label}</span>`,
      ),
  ].join('')}</div></div>`
}

interface Placing {
  x(atSeconds: number): number
  y(bytes: number): number
}

const placing = ({ from, to, top }: PictureRange): Placing => ({
  x: (at) => Math.round(((at - from) / (to - from)) * width),
  y: (bytes) => Math.round((1 - bytes / top) * height),
})

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`

const line = (name: string, d: string): string => (d === '' ? '' : `<path class="${name}" d="${d}"/>`)

const within =
  ({ from, to }: PictureRange) =>
  ({ atMs }: { atMs: number }): boolean =>
    seconds(atMs) >= from && seconds(atMs) <= to

const partsOf = (records: readonly HistoryRecord[], stepMs: number): HistoryRecord[][] => {
  const parts: HistoryRecord[][] = []
  for (const record of records) {
    const part = parts.at(-1)
    const before = part?.at(-1)
    if (part === undefined || before === undefined || isGap(before, record, stepMs)) parts.push([record])
    else part.push(record)
  }
  return parts
}

type Spot = readonly [x: number, y: number]

const bandPath = (part: readonly HistoryRecord[], { x, y }: Placing): string => {
  const upper = part.map(({ firstAtMs, peakBytes }): Spot => [x(seconds(firstAtMs)), y(peakBytes)])
  const lower = part.map(({ firstAtMs, floorBytes }): Spot => [x(seconds(firstAtMs)), y(floorBytes)])
  return `${polyline([...upper, ...lower.reverse()])}z`
}

const linePath = (
  part: readonly HistoryRecord[],
  of: (record: HistoryRecord) => number | null,
  { x, y }: Placing,
): string => {
  const spots = part.flatMap((record): Spot[] => {
    const bytes = of(record)
    return bytes === null ? [] : [[x(seconds(record.firstAtMs)), y(bytes)]]
  })
  // A single one would not be seen.
  const only = spots[0]
  return spots.length === 1 && only !== undefined ? polyline([only, [only[0] + 3, only[1]]]) : polyline(spots)
}

/** Relative, since that is shorter; what lies in one column or on one level is told once. */
const polyline = (spots: readonly Spot[]): string => {
  let text = ''
  let [atX, atY] = [0, 0]
  spots.forEach(([x, y], i) => {
    const next = spots[i + 1]
    if (i > 0 && next !== undefined && next[1] === y && atY === y) return
    text += i === 0 ? `M${x} ${y}` : x === atX && y === atY ? '' : `l${x - atX} ${y - atY}`
    ;[atX, atY] = [x, y]
  })
  return text
}

const limitPath = (
  records: readonly HistoryRecord[],
  { to, top }: PictureRange,
  { x, y }: Placing,
): string => {
  let text = ''
  records.forEach(({ firstAtMs, limitBytes }, i) => {
    if (records[i - 1]?.limitBytes === limitBytes || limitBytes === null || limitBytes > top) return
    const end = records.slice(i).find((one) => one.limitBytes !== limitBytes)
    text += `M${x(seconds(firstAtMs))} ${y(limitBytes)}H${x(end === undefined ? to : seconds(end.firstAtMs))}`
  })
  return text
}

const upright = (atMs: number, { x }: Placing): string => `M${x(seconds(atMs))} 0V${height}`

/** From now to the limit: soonest and latest are its edges. What lies beyond the picture is cut off by it. */
const conePath = (service: ReportedService, { nowMs }: ReportFacts, { x, y }: Placing): string[] => {
  const cone = coneOf(service, nowMs)
  if (cone === null) return []
  const { from, bytes, limit, low, best, high } = cone
  const start = `M${x(from)} ${y(bytes)}`
  // Maybe never: then its lower edge stays where it is.
  const latest = high === null ? `H${10 * width}V${y(bytes)}` : `L${x(from + high)} ${y(limit)}`
  return [
    `<path class="cone" d="${start}L${x(from + low)} ${y(limit)}${latest}z"/>`,
    `<path class="course" d="${start}L${x(from + best)} ${y(limit)}"/>`,
  ]
}
