import type { HistoryRecord } from '../core/history.ts'

// NTP slews a clock back by less than this without anybody having set it.
const slewMs = 60_000

/**
 * Records as they were written, oldest first, in the order of time, without those of a time that the clock was wrong:
 * ahead of now, or in between while it was set back and forward again.
 */
export const inOrder = (written: readonly HistoryRecord[], nowMs: number): HistoryRecord[] => {
  let kept: HistoryRecord[] = []
  // Written after the newest of `kept`, with earlier times: either these are wrong or the end of `kept` is.
  let behind: HistoryRecord[] = []
  for (const record of written) {
    if (record.firstAtMs > nowMs + slewMs) continue
    const newestMs = kept.at(-1)?.firstAtMs ?? Number.NEGATIVE_INFINITY
    const last = behind.at(-1)
    if (last === undefined || record.firstAtMs >= newestMs) {
      if (last !== undefined && record.firstAtMs >= newestMs) {
        const start = (behind[0] as HistoryRecord).firstAtMs
        const isSetForward = (record.firstAtMs - last.firstAtMs) * 2 >= newestMs - start
        // Set forward about as far as it had been back: what lies between is wrong. Went on: it had been ahead before.
        if (!isSetForward) kept = [...kept.filter(({ firstAtMs }) => firstAtMs < start), ...behind]
        behind = []
      }
      if (record.firstAtMs >= newestMs - slewMs) kept.push(record)
      else behind = [record]
    } else if (record.firstAtMs >= last.firstAtMs) behind.push(record)
    else behind = [record]
  }
  return kept.sort((a, b) => a.firstAtMs - b.firstAtMs)
}
