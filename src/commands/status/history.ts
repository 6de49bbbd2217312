import { ceilingOf } from '../../checks/service-growth.ts'
import type { HistoryRecord } from '../../core/history.ts'
import { absent, valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { attribute, baseOf } from '../../leak/attribution.ts'
import type { LeakVerdict } from '../../leak/series.ts'
import { culpritWords } from '../../report/attribution-text.ts'
import type { StatusPoint } from '../../report/status-report.ts'
import { loadCompositions } from '../../store/compositions.ts'
import { historyPath, hostSeries, readHistory } from '../../store/history-file.ts'
import { bySlot, recordsOf } from '../../store/history-series.ts'
import { verdictOf } from '../../store/history-verdict.ts'

export interface ServiceHistory {
  points: StatusPoint[]
  verdict: LeakVerdict | null
  /** Who grows; null: it does not grow, or nobody makes most of it. */
  culprit: string | null
}

const dayMs = 86_400_000
/** At most 97 points a day. */
const periodMs = 15 * 60_000

export interface Histories {
  of(facts: ServiceFacts): ServiceHistory
}

/** Reads histories, and each again only when a sample was added: a redraw must not judge two weeks anew. */
export const readHistories = (host: Host, stateDir: string): Histories => {
  const available = onceASecond(host, () => availableBytes(host, stateDir))
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
        const ceiling = memory && ceilingOf(memory, available())
        const verdict = verdictOf(file, nowMs, ceiling)
        const history = {
          points: pointsOf(records),
          verdict,
          culprit: culpritOf(host, stateDir, facts.name, verdict),
        }
        known.set(facts.name, { newestMs, history })
        return history
      })
      return valueOrNull(read) ?? { points: [], verdict: null, culprit: null }
    },
  }
}

/** By what was recorded of its parts, from the onset to the newest. A broken file is for `check` to move aside. */
const culpritOf = (host: Host, stateDir: string, name: string, verdict: LeakVerdict): string | null => {
  if (verdict.verdict !== 'leak' && verdict.verdict !== 'growing') return null
  const save = { ...host.save, setAside: (path: string) => absent(path) }
  const recorded = loadCompositions(save, stateDir, name)
  const last = recorded.at(-1)
  const base = last === undefined ? null : baseOf(recorded, last, verdict.onsetAtMs)
  return last === undefined || base === null ? null : culpritWords(attribute(base, last))
}

/** The same for all services of a look. */
const onceASecond = <T>({ now }: Host, read: () => T): (() => T) => {
  let last: { atMs: number; result: T } | null = null
  return () => {
    const atMs = now()
    if (last === null || Math.abs(atMs - last.atMs) >= 1000) last = { atMs, result: read() }
    return last.result
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
