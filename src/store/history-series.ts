import { type HistoryRecord, merged, slotOf, type Tier, tiers } from '../core/history.ts'
import type { PositionedFile } from '../host/host.ts'
import type { SeriesPoint } from '../leak/series.ts'
import { inOrder } from './history-order.ts'
import { ringOf } from './history-ring.ts'

/**
 * What was recorded from `fromMs` to `toMs`, oldest first: of the finest tier that can hold so long a time, and one
 * period of it is one record. The newest period, which has not ended, is made of the finer tiers. Gaps stay gaps.
 */
export const recordsOf = (
  file: PositionedFile,
  fromMs: number,
  toMs: number,
  nowMs: number,
): HistoryRecord[] => {
  const fits = tiers.findIndex(({ periodMs, slots }) => nowMs - fromMs <= periodMs * slots)
  const tier = fits < 0 ? tiers.length - 1 : fits
  const { periodMs } = tiers[tier] as Tier
  const written: HistoryRecord[] = []
  let sinceMs = fromMs - periodMs
  for (let level = tier; level >= 0; level--) {
    const found: HistoryRecord[] = []
    ringOf(file, level).walkBack((record) => {
      if (record.firstAtMs < sinceMs && record.lastAtMs < sinceMs) return isJump(record, sinceMs)
      found.push(record)
      return true
    })
    written.push(...inOrder(found.reverse(), nowMs).filter(({ firstAtMs }) => firstAtMs >= sinceMs))
    const last = written.at(-1)
    const step = (tiers[level] as Tier).periodMs
    if (last !== undefined) sinceMs = Math.max(sinceMs, (slotOf(last.firstAtMs, step) + 1) * step)
  }
  return bySlot(written, periodMs).filter(
    ({ lastAtMs, firstAtMs }) => lastAtMs >= fromMs && firstAtMs <= toMs,
  )
}

/** So far back the clock was wrong, or nothing ran for a day: what was written before may be newer, and is looked at. */
const isJump = ({ firstAtMs }: HistoryRecord, sinceMs: number): boolean => sinceMs - firstAtMs > 86_400_000

/** One record for each period of which there is any. */
export const bySlot = (records: readonly HistoryRecord[], periodMs: number): HistoryRecord[] => {
  const whole: HistoryRecord[] = []
  for (const record of records) {
    const last = whole.at(-1)
    if (last !== undefined && slotOf(last.firstAtMs, periodMs) === slotOf(record.firstAtMs, periodMs))
      whole[whole.length - 1] = merged(last, record)
    else whole.push(record)
  }
  return whole
}

/** The newest records of the finest tier, as they were written, oldest first. */
export const newestOf = (file: PositionedFile, count: number): SeriesPoint[] => {
  const found: HistoryRecord[] = []
  ringOf(file, 0).walkBack((record) => found.push(record) < count)
  return pointsOf(found.reverse())
}

/** As leak/ takes them: the floors, each with its lifetime. */
export const pointsOf = (records: readonly HistoryRecord[]): SeriesPoint[] =>
  records.map(({ firstAtMs, floorBytes, identity }) => ({
    atMs: firstAtMs,
    bytes: floorBytes,
    identity: identity === 0 ? null : identity.toString(16),
  }))

export const seriesOf = (file: PositionedFile, fromMs: number, toMs: number, nowMs: number): SeriesPoint[] =>
  pointsOf(recordsOf(file, fromMs, toMs, nowMs))
