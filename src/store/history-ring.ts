import { type HistoryRecord, type Tier, tiers } from '../core/history.ts'
import type { PositionedFile } from '../host/host.ts'
import { headersBytes } from '../parse/history-header.ts'
import { type Decoded, decodeRecord, encodeRecord, recordBytes } from '../parse/history-record.ts'

/**
 * One tier of a history file: a ring in which record N is at place N modulo the number of slots. It is kept by
 * sequence and not by time, so that a clock that jumps never writes over what was recorded at another time.
 */
export interface Ring {
  /** The newest record; null when there is none. */
  head(): HistoryRecord | null
  /** Written at its own sequence. */
  write(record: HistoryRecord): void
  /** From the newest to the oldest, what is broken left out, as long as `take` says true. */
  walkBack(take: (record: HistoryRecord) => boolean): void
}

export const ringOf = (file: PositionedFile, tier: number): Ring => {
  const { slots } = tiers[tier] as Tier
  const start = startOf(tier)
  const read = (place: number): Decoded =>
    sound(decodeRecord(file.read(start + place * recordBytes, recordBytes)), place, slots)
  const head = (): HistoryRecord | null => quickHead(read, slots) ?? slowHead(file, start, slots)
  return {
    head,
    write: (record) => file.write(start + (record.sequence % slots) * recordBytes, encodeRecord(record)),
    walkBack(take) {
      const newest = head()
      if (newest === null) return
      let next = newest.sequence
      const oldest = Math.max(1, newest.sequence - slots + 1)
      while (next >= oldest) {
        // A chunk of records that lie together, none beyond the end of the ring.
        const place = next % slots
        const count = Math.min(chunk, place + 1, next - oldest + 1)
        const bytes = file.read(start + (place - count + 1) * recordBytes, count * recordBytes)
        for (let i = count - 1; i >= 0; i--, next--) {
          const record = decodeRecord(bytes, i * recordBytes)
          // Of another round: what should be here was never written, or is torn.
          if (typeof record === 'string' || record.sequence !== next) continue
          if (!take(record)) return
        }
      }
    },
  }
}

const chunk = 128

const startOf = (tier: number): number =>
  headersBytes + tiers.slice(0, tier).reduce((sum, { slots }) => sum + slots * recordBytes, 0)

/** All of a history file, when every slot has been written. */
export const historyFileBytes = startOf(tiers.length)

const sound = (decoded: Decoded, place: number, slots: number): Decoded =>
  typeof decoded === 'object' && decoded.sequence % slots !== place ? 'broken' : decoded

/**
 * By bisection: from place 0 on the sequences rise by one until the newest, then follow older ones, or none. Null when
 * it met a broken record, or an empty ring.
 */
const quickHead = (read: (place: number) => Decoded, slots: number): HistoryRecord | null => {
  const first = read(0)
  // In its first round a ring begins at place 1.
  const base = first === 'empty' ? read(1) : first
  if (typeof base === 'string') return null
  let newest = base
  let [low, high] = [base.sequence % slots, slots]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const record = read(middle)
    // Once it has been round there is no place that was never written.
    if (record === 'broken' || (record === 'empty' && base.sequence >= slots)) return null
    if (record !== 'empty' && record.sequence - base.sequence === middle - (base.sequence % slots))
      [low, newest] = [middle, record]
    else high = middle
  }
  return newest
}

const slowHead = (file: PositionedFile, start: number, slots: number): HistoryRecord | null => {
  const bytes = file.read(start, slots * recordBytes)
  let newest: HistoryRecord | null = null
  for (let place = 0; place < slots; place++) {
    const record = sound(decodeRecord(bytes, place * recordBytes), place, slots)
    if (typeof record === 'object' && record.sequence > (newest?.sequence ?? 0)) newest = record
  }
  return newest
}
