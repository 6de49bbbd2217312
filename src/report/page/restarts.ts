import type { HistoryRecord } from '../../core/history.ts'
import type { ReportedRestart } from './report-facts.ts'

export interface KeptRestart extends ReportedRestart {
  service: string
}

const shown = new Set(['restarted', 'restart-failed', 'gave-up', 'by-engine', 'by-systemd'])

/** By the restart history; and where it is silent, by the records: another lifetime is another start. */
export const restartsOf = (
  name: string,
  records: readonly HistoryRecord[],
  stepMs: number,
  kept: readonly KeptRestart[],
): ReportedRestart[] => {
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) return []
  const told = kept
    .filter(({ service, event, atMs }) => service === name && shown.has(event) && atMs >= first.firstAtMs)
    .map(({ atMs, event, detail }) => ({ atMs, event, detail }))
  const seen = records.flatMap((record, i): ReportedRestart[] => {
    const before = records[i - 1]
    if (before === undefined || before.identity === record.identity) return []
    if (before.identity === 0 || record.identity === 0) return []
    // The record's own time is that of a look: the restart was since the look before.
    const [from, to] = [before.firstAtMs - stepMs, record.lastAtMs + stepMs]
    const isTold = told.some(({ atMs }) => atMs >= from && atMs <= to)
    return isTold ? [] : [{ atMs: record.firstAtMs, event: 'new-life', detail: '' }]
  })
  return [...told, ...seen].sort((a, b) => a.atMs - b.atMs)
}

const words = new Map([
  ['restarted', 'restarted'],
  ['restart-failed', 'restart failed'],
  ['gave-up', 'gave up restarting'],
  ['by-engine', 'restarted by the engine'],
  ['by-systemd', 'restarted by systemd'],
  ['new-life', 'started anew'],
])

export const restartText = ({ event, detail }: ReportedRestart): string =>
  `${words.get(event) ?? event}${detail === '' ? '' : `: ${detail}`}`
