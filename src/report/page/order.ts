import type { LeakVerdictKind } from '../../leak/series.ts'
import type { ReportedService } from './report-facts.ts'

/** What matters first: leaks by the time that is left, then by their rate; what is not known before what is fine. */
export const byConcern = (a: ReportedService, b: ReportedService): number =>
  rank[a.verdict.verdict] - rank[b.verdict.verdict] ||
  leftOf(a) - leftOf(b) ||
  rateOf(b) - rateOf(a) ||
  fullOf(b) - fullOf(a) ||
  b.alerts.length - a.alerts.length ||
  Number(b.isHost) - Number(a.isHost) ||
  a.name.localeCompare(b.name, 'en', { numeric: true })

const rank: Record<LeakVerdictKind, number> = { leak: 0, growing: 1, insufficient: 2, stable: 3 }

const isGrowing = ({ verdict }: ReportedService): boolean =>
  verdict.verdict === 'leak' || verdict.verdict === 'growing'

const leftOf = (service: ReportedService): number =>
  (isGrowing(service) ? service.verdict.secondsToLimit?.best : null) ?? Number.MAX_VALUE

const rateOf = (service: ReportedService): number =>
  isGrowing(service) ? (service.verdict.slopeBytesPerMinute ?? 0) : 0

/** The share of its limit that is used, from three quarters on: below it does not matter. */
const fullOf = ({ records }: ReportedService): number => {
  const last = records.at(-1)
  if (last === undefined || last.limitBytes === null) return 0
  const share = (last.usedBytes ?? last.peakBytes) / last.limitBytes
  return share < 0.75 ? 0 : share
}

const minuteMs = 60_000

/** Since when a service was not seen any more, in ms; null while it is. */
export const unseenMs = ({ records, rhythmMs }: ReportedService, nowMs: number): number | null => {
  const last = records.at(-1)
  if (last === undefined) return null
  const silentMs = nowMs - last.lastAtMs
  return silentMs > Math.max(15 * minuteMs, 3 * rhythmMs) ? silentMs : null
}
