import type { HistoryRecord } from '../../core/history.ts'
import type { PageSeries } from '../../core/page-data.ts'
import { packNumbers, packTimes } from '../../core/vlq.ts'
import { coneOf, rangeOf, seconds } from './range.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'
import { restartText } from './restarts.ts'
import { isGap } from './thin-records.ts'

/** Of all services together: restarts and alerts that a page has room for, each with its words. */
const mostEvents = 800

/** The newest of one service that are shown. */
export const eventsShown = ({ services }: ReportFacts): number =>
  Math.max(10, Math.min(100, Math.floor(mostEvents / Math.max(1, services.length))))

/** A service as the page's script takes it. */
export const packService = (service: ReportedService, facts: ReportFacts): PageSeries => {
  const { records, stepMs } = service
  const floors = records.map(({ floorBytes }) => Math.round(floorBytes))
  const peaks = records.map(({ peakBytes }) => Math.round(peakBytes))
  const used = records.map(({ usedBytes }) => (usedBytes === null ? null : Math.round(usedBytes)))
  const unit = unitOf([...floors, ...peaks, ...used.filter((bytes) => bytes !== null)])
  const { from, to, top } = rangeOf(service, facts)
  return {
    name: service.name,
    step: seconds(stepMs),
    unit,
    times: packTimes(records.map(({ firstAtMs }) => seconds(firstAtMs))),
    floors: packNumbers(floors.map((bytes) => bytes / unit)),
    peaks: packNumbers(peaks.map((bytes) => bytes / unit)),
    used: used.every((bytes) => bytes === null)
      ? null
      : packNumbers(used.map((bytes) => (bytes === null ? 0 : bytes / unit + 1))),
    limits: limitRuns(records),
    gaps: records.flatMap((record, i) => {
      const before = records[i - 1]
      return before !== undefined && isGap(before, record, stepMs) ? [i] : []
    }),
    restarts: service.restarts.slice(-eventsShown(facts)).map((one) => [seconds(one.atMs), restartText(one)]),
    alerts: service.alerts
      .slice(-eventsShown(facts))
      .map(({ fromMs, toMs, level, text }) => [seconds(fromMs), seconds(toMs), level, text]),
    cone: coneOf(service, facts.nowMs),
    range: [from, to, top],
  }
}

/** What all of them are a multiple of: memory comes in pages, kernel files in KiB. */
const unitOf = (bytes: readonly number[]): number =>
  [4096, 1024].find((unit) => bytes.every((one) => one % unit === 0)) ?? 1

const limitRuns = (records: readonly HistoryRecord[]): PageSeries['limits'] =>
  records.flatMap(({ limitBytes }, i): PageSeries['limits'] => {
    const before = records[i - 1]
    return before !== undefined && before.limitBytes === limitBytes ? [] : [[i, limitBytes]]
  })
