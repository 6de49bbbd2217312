import type { HistoryRecord } from '../core/history.ts'
import { isoStamp } from '../core/stamp.ts'

const columns: readonly [name: string, cell: (record: HistoryRecord) => number | string | null][] = [
  ['time', ({ firstAtMs }) => isoStamp(firstAtMs)],
  ['bytes', ({ floorBytes }) => Math.round(floorBytes)],
  ['mean_bytes', ({ meanBytes }) => Math.round(meanBytes)],
  ['peak_bytes', ({ peakBytes }) => Math.round(peakBytes)],
  ['used_bytes', ({ usedBytes }) => usedBytes],
  ['limit_bytes', ({ limitBytes }) => limitBytes],
  ['swap_bytes', ({ swapBytes }) => swapBytes],
  ['cpu_seconds', ({ cpuSeconds }) => cpuSeconds],
  ['processes', ({ processes }) => processes],
  ['open_files', ({ openFiles }) => openFiles],
  ['threads', ({ threads }) => threads],
  ['samples', ({ samples }) => samples],
  ['lifetime', ({ identity }) => (identity === 0 ? null : identity.toString(16).padStart(8, '0'))],
]

/** With a header; `bytes` is the lowest of its period. An empty cell was not measured. `trend` reads it, too. */
export const historyCsv = (records: readonly HistoryRecord[]): string =>
  [
    columns.map(([name]) => name).join(','),
    ...records.map((record) => columns.map(([, cell]) => cell(record) ?? '').join(',')),
    '',
  ].join('\n')
