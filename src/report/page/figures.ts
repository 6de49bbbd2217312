import { civilTime, clockText, dayText, offsetAt } from '../../core/civil-time.ts'
import { type HistoryRecord, merged } from '../../core/history.ts'
import { formatBytes } from '../../core/units.ts'
import { escapeHtml } from '../html.ts'
import { eventsShown } from './pack-service.ts'
import { seconds } from './range.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'
import { restartText } from './restarts.ts'

const hourMs = 3_600_000

/** The same as the picture, for whoever cannot see it, and for print. */
export const figures = (service: ReportedService, facts: ReportFacts): string =>
  `${periodTable(service, facts)}${eventList(service, facts)}`

const periodTable = ({ records, restarts }: ReportedService, facts: ReportFacts): string => {
  const named = naming(facts)
  const periods = new Map<string, HistoryRecord>()
  for (const record of records) {
    const key = named(record.firstAtMs)
    const before = periods.get(key)
    periods.set(key, before === undefined ? record : merged(before, record))
  }
  const counts = new Map<string, number>()
  for (const { atMs } of restarts) counts.set(named(atMs), (counts.get(named(atMs)) ?? 0) + 1)
  const rows = [...periods].map(([name, { floorBytes, meanBytes, peakBytes, limitBytes }]) => {
    const cells = [floorBytes, meanBytes, peakBytes].map((bytes) => `<td>${formatBytes(bytes)}</td>`)
    const limit = limitBytes === null ? '<span class="none">none</span>' : formatBytes(limitBytes)
    return `<tr><th scope="row">${name}</th>${cells.join('')}<td class="wide">${limit}</td><td>${counts.get(name) ?? 0}</td></tr>`
  })
  return `<div class="scroll"><table class="figures"><thead><tr><th scope="col">Time</th><th scope="col">Lowest</th><th scope="col">Mean</th><th scope="col">Highest</th><th scope="col" class="wide">Limit</th><th scope="col">Restarts</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

/** By the hour, the day or the month, so that a table stays short. */
const naming = ({ fromMs, nowMs, offsets }: ReportFacts): ((atMs: number) => string) => {
  const span = nowMs - fromMs
  return (atMs) => {
    const time = civilTime(seconds(atMs), offsetAt(offsets, seconds(atMs)))
    if (span <= 36 * hourMs) return `${dayText(time)} ${clockText({ ...time, minute: 0 })}`
    return span <= 62 * 24 * hourMs ? dayText(time) : dayText(time).slice(0, 7)
  }
}

export const stampOf = (atMs: number, { offsets }: Pick<ReportFacts, 'offsets'>): string => {
  const time = civilTime(seconds(atMs), offsetAt(offsets, seconds(atMs)))
  return `${dayText(time)} ${clockText(time)}`
}

const eventList = ({ restarts, alerts, records }: ReportedService, facts: ReportFacts): string => {
  const first = records[0]?.firstAtMs ?? 0
  const events = [
    ...restarts.map((one) => ({ kind: 'restart', atMs: one.atMs, until: '', text: restartText(one) })),
    ...alerts.map(({ level, fromMs, toMs, text }) => ({
      kind: level,
      atMs: fromMs,
      until: toMs - fromMs < 60_000 ? '' : ` to ${untilText(fromMs, toMs, facts)}`,
      text,
    })),
    ...facts.marks
      .filter(({ atMs }) => atMs >= first)
      .map(({ atMs, text }) => ({ kind: 'mark', atMs, until: '', text: text === '' ? 'marked' : text })),
  ].sort((a, b) => b.atMs - a.atMs)
  if (events.length === 0) return ''
  const most = eventsShown(facts)
  const more = events.length - most
  const items = events.slice(0, most).map(({ kind, atMs, until, text }) => {
    const time = `${stampOf(atMs, facts)}${until}`
    return `<li><span class="kind ${kind}">${kind}</span> <time>${time}</time> ${escapeHtml(text)}</li>`
  })
  return `<ul class="events">${items.join('')}${more > 0 ? `<li>… and ${more} earlier</li>` : ''}</ul>`
}

const untilText = (fromMs: number, toMs: number, facts: ReportFacts): string => {
  const [from, to] = [stampOf(fromMs, facts), stampOf(toMs, facts)]
  return from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to
}
