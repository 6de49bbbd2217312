import type { AcceptanceFacts, AcceptanceSample } from '../../core/acceptance.ts'
import type { HistoryRecord } from '../../core/history.ts'
import type { Reading } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { historyPath, readHistory } from '../../store/history-file.ts'
import { recordsOf } from '../../store/history-series.ts'

const minuteMs = 60_000

/**
 * What was recorded of a service in a time. A period that it begins or ends in the middle of is left out: what that
 * record holds as the most of it may have been before a deploy.
 *
 * @param seconds how far back from its end the present lifetime is looked for
 */
export const recordedFacts = (
  host: Host,
  stateDir: string,
  name: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  seconds: number,
): Reading<AcceptanceFacts> =>
  readHistory(host.save, historyPath(stateDir, name), name, (file) => {
    const nowMs = host.now()
    const records = recordsOf(file, fromMs, toMs, nowMs).filter(
      (record) => record.firstAtMs >= fromMs && record.lastAtMs <= toMs,
    )
    const longer = recordsOf(file, Math.min(fromMs, toMs - seconds * 1000), toMs, nowMs)
    return {
      samples: records.map(sampleOf),
      window: { fromMs, toMs, stepMs: rhythmOf(records), expected: null },
      uptimeSeconds: uptimeOf(longer),
    }
  })

const sampleOf = (record: HistoryRecord): AcceptanceSample => ({
  atMs: record.lastAtMs,
  memoryBytes: record.peakBytes,
  floorBytes: record.floorBytes,
  swapBytes: record.swapBytes,
  cpuSeconds: record.cpuSeconds,
  cpuFell: record.cpuFell,
  processes: record.processes,
  identity: record.identity === 0 ? null : record.identity.toString(16),
})

/** The usual time from one record to the next, by which a gap is told. */
const rhythmOf = (records: readonly HistoryRecord[]): number => {
  const steps = records
    .slice(1)
    .map(({ lastAtMs }, i) => lastAtMs - (records[i] as HistoryRecord).lastAtMs)
    .sort((a, b) => a - b)
  return Math.max(minuteMs, steps[Math.floor(steps.length / 2)] ?? 0)
}

/** How long the newest lifetime has been recorded; null: identities are not known. */
const uptimeOf = (records: readonly HistoryRecord[]): number | null => {
  const newest = records.at(-1)
  if (newest === undefined || newest.identity === 0) return null
  const before = records.findLastIndex(({ identity }) => identity !== newest.identity && identity !== 0)
  const first = records[before + 1] as HistoryRecord
  return Math.max(0, (newest.lastAtMs - first.firstAtMs) / 1000)
}
