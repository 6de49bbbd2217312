import { ceilingOf } from '../../checks/service-growth.ts'
import type { HistoryRecord } from '../../core/history.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import type { LeakVerdict } from '../../leak/series.ts'
import type { StatusPoint } from '../../report/status-report.ts'
import { historyPath, hostSeries, readHistory } from '../../store/history-file.ts'
import { bySlot, recordsOf } from '../../store/history-series.ts'
import { verdictOf } from '../../store/history-verdict.ts'

export interface ServiceHistory {
  points: StatusPoint[]
  verdict: LeakVerdict | null
}

const dayMs = 86_400_000
/** At most 97 points a day. */
const periodMs = 15 * 60_000

export interface Histories {
  of(facts: ServiceFacts): ServiceHistory
}

/** Reads histories, and each again only when a sample was added: a redraw must not judge two weeks anew. */
export const readHistories = (host: Host, stateDir: string): Histories => {
  const known = new Map<string, { newestMs: number; history: ServiceHistory }>()
  return {
    of(facts) {
      const read = readHistory(host.save, historyPath(stateDir, facts.name), facts.name, (file) => {
        const nowMs = host.now()
        const records = recordsOf(file, nowMs - dayMs, nowMs, nowMs)
        const newestMs = records.at(-1)?.lastAtMs ?? 0
        const before = known.get(facts.name)
        if (before?.newestMs === newestMs) return before.history
        const memory = valueOrNull(facts.memory)
        const ceiling = memory && ceilingOf(memory, availableBytes(host, stateDir))
        const history = { points: pointsOf(records), verdict: verdictOf(file, nowMs, ceiling) }
        known.set(facts.name, { newestMs, history })
        return history
      })
      return valueOrNull(read) ?? { points: [], verdict: null }
    },
  }
}

/** As the host's own series has it at its newest sample. */
const availableBytes = (host: Host, stateDir: string): number | null => {
  const newest = readHistory(host.save, historyPath(stateDir, hostSeries), hostSeries, (file) =>
    recordsOf(file, host.now() - dayMs, host.now(), host.now()).at(-1),
  )
  const record = valueOrNull(newest)
  return record?.limitBytes == null || record.usedBytes === null ? null : record.limitBytes - record.usedBytes
}

const pointsOf = (records: readonly HistoryRecord[]): StatusPoint[] =>
  bySlot(records, periodMs).map(({ firstAtMs, floorBytes, meanBytes, peakBytes, usedBytes, limitBytes }) => ({
    atMs: firstAtMs,
    floorBytes,
    meanBytes,
    peakBytes,
    usedBytes,
    limitBytes,
  }))
