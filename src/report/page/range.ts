import type { Cone } from '../../core/page-data.ts'
import { unseenMs } from './order.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'

/** What a picture shows: epoch seconds, and bytes from 0. */
export interface PictureRange {
  from: number
  to: number
  top: number
}

/** Where the forecast goes; null when nothing grows, nothing limits it, or the service was not seen of late. */
export const coneOf = (service: ReportedService, nowMs: number): Cone | null => {
  const { verdict, ceiling, records } = service
  const last = records.at(-1)
  const left = verdict.secondsToLimit
  if (last === undefined || left === null || ceiling === null || unseenMs(service, nowMs) !== null)
    return null
  if (verdict.verdict !== 'leak' && verdict.verdict !== 'growing') return null
  return {
    from: seconds(last.lastAtMs),
    bytes: ceiling.usedBytes,
    limit: ceiling.limitBytes,
    best: Math.round(left.best),
    low: Math.round(left.low),
    high: left.high === null ? null : Math.round(left.high),
  }
}

/** All pictures begin at one time, that of the first record on the page; a forecast has some room after now. */
export const rangeOf = (service: ReportedService, facts: ReportFacts): PictureRange => {
  const earliest = facts.services.reduce(
    (first, { records }) => Math.min(first, records[0]?.firstAtMs ?? first),
    facts.nowMs,
  )
  const from = seconds(earliest)
  const now = seconds(facts.nowMs)
  const span = Math.max(60, now - from)
  const cone = coneOf(service, facts.nowMs)
  const after = cone === null ? span * 0.02 : Math.min(span * 0.3, Math.max(span * 0.05, cone.best * 1.3))
  return { from, to: Math.round(now + after), top: topOf(service, cone) }
}

/** Room above the curve; the limit belongs to the picture unless it would press the curve flat. */
const topOf = ({ records, ceiling }: ReportedService, cone: Cone | null): number => {
  const highest = records.reduce((high, one) => Math.max(high, one.peakBytes, one.usedBytes ?? 0), 0)
  const limits = records.reduce((high, one) => Math.max(high, one.limitBytes ?? 0), 0)
  const limit = Math.max(limits, cone === null || ceiling === null ? 0 : ceiling.limitBytes)
  const shown = limit > 0 && limit <= 3 * highest ? limit : 0
  return Math.max(1024, Math.ceil(Math.max(highest * 1.15, shown * 1.08)))
}

export const seconds = (ms: number): number => Math.round(ms / 1000)
