import { type HistoryRecord, merged } from '../../core/history.ts'

/** Records and how long one stands for. */
export interface Thinned {
  records: HistoryRecord[]
  stepMs: number
}

/** No more records than a screen can show: neighbours become one, which keeps the lowest and the highest of them. */
export const thinRecords = (records: readonly HistoryRecord[], stepMs: number, most: number): Thinned => {
  if (records.length <= most) return { records: [...records], stepMs }
  // By time, not by number: what lies on both sides of a gap stays apart.
  const first = (records[0] as HistoryRecord).firstAtMs
  const last = (records.at(-1) as HistoryRecord).firstAtMs
  const wide = Math.ceil((last - first + stepMs) / stepMs / most) * stepMs
  const thin: HistoryRecord[] = []
  let slot = Number.NaN
  for (const record of records) {
    const own = Math.floor(record.firstAtMs / wide)
    const before = thin.at(-1)
    // A new life begins a new record: its fall is what one wants to see.
    if (before !== undefined && own === slot && before.identity === record.identity)
      thin[thin.length - 1] = merged(before, record)
    else thin.push(record)
    slot = own
  }
  return { records: thin, stepMs: wide }
}

/** Whether nothing was recorded between two for longer than their rhythm explains. */
export const isGap = (before: HistoryRecord, after: HistoryRecord, stepMs: number): boolean =>
  after.firstAtMs - before.lastAtMs > 2.5 * Math.max(stepMs, 60_000)

/** How far records mostly are apart: a check each 5 minutes leaves no gaps, though records could be of a minute. */
export const rhythmOf = (records: readonly HistoryRecord[], leastMs: number): number => {
  const apart = records
    .flatMap((record, i) => {
      const before = records[i - 1]
      return before === undefined ? [] : [record.firstAtMs - before.firstAtMs]
    })
    .sort((a, b) => a - b)
  return Math.max(leastMs, apart[apart.length >> 1] ?? leastMs)
}
