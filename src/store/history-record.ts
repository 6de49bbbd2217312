import {
  cpuFellTo,
  type HistoryRecord,
  type HistorySample,
  merged,
  recordOf,
  slotOf,
  type Tier,
  tiers,
} from '../core/history.ts'
import type { PositionedFile } from '../host/host.ts'
import { type Ring, ringOf } from './history-ring.ts'

const minute = (tiers[0] as Tier).periodMs

/**
 * Records a sample: one write of 96 bytes, and one more for each coarser period that ended since the sample before. A
 * coarser record is made of the finer ones of its period, which stay, so a run that is killed between the writes does
 * them again the next time.
 */
export const recordSample = (file: PositionedFile, sample: HistorySample): void => {
  const ring = ringOf(file, 0)
  const newest = ring.head()
  const alone = recordOf(sample)
  // Only here are two samples side by side: a coarser record knows its newest alone.
  const record = { ...alone, cpuFell: newest !== null && cpuFellTo(newest, alone) }
  if (newest !== null && isSameSlot(newest, record, minute) && sample.atMs >= newest.lastAtMs) {
    ring.write(within(newest, record))
    return
  }
  if (newest !== null) closePeriods(file, newest, record)
  ring.write({ ...record, sequence: (newest?.sequence ?? 0) + 1 })
}

/**
 * A sample more of a minute. When a lifetime began in it, floor and time are of the new one: with the time of the old
 * one its growth would seem slower than it is.
 */
const within = (minuteSoFar: HistoryRecord, record: HistoryRecord): HistoryRecord => {
  const whole = merged(minuteSoFar, record)
  if (minuteSoFar.identity === record.identity) return whole
  return { ...whole, firstAtMs: record.firstAtMs, floorBytes: record.floorBytes }
}

const closePeriods = (file: PositionedFile, newest: HistoryRecord, next: HistoryRecord): void => {
  for (let tier = 1; tier < tiers.length; tier++) {
    const { periodMs } = tiers[tier] as Tier
    // Periods nest: when this one goes on, so do the coarser ones.
    if (isSameSlot(newest, next, periodMs)) return
    const whole = wholePeriod(ringOf(file, tier - 1), newest, periodMs)
    if (whole !== null) append(ringOf(file, tier), whole)
  }
}

const isSameSlot = (a: HistoryRecord, b: HistoryRecord, periodMs: number): boolean =>
  slotOf(a.firstAtMs, periodMs) === slotOf(b.firstAtMs, periodMs)

/** The newest records of a tier that lie in one period with `newest`. */
const wholePeriod = (finer: Ring, newest: HistoryRecord, periodMs: number): HistoryRecord | null => {
  const found: HistoryRecord[] = []
  finer.walkBack((record) => {
    if (!isSameSlot(record, newest, periodMs)) return false
    found.push(record)
    return true
  })
  // From the oldest on: what is not a sum or a bound is that of the later one.
  const [oldest = null, ...later] = found.reverse()
  return oldest === null ? null : later.reduce(merged, oldest)
}

/** Over the record that a run which was killed has made of the same period. */
const append = (ring: Ring, record: HistoryRecord): void => {
  const head = ring.head()
  const isAgain = head !== null && head.firstAtMs === record.firstAtMs
  ring.write({ ...record, sequence: (head?.sequence ?? 0) + (isAgain ? 0 : 1) })
}
