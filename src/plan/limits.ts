import type { MemoryLimits } from '../core/action.ts'

/** What is there, and what the config wants. Bytes; null: none. */
export interface LimitNow {
  memoryBytes: number | null
  reservationBytes: number | null
  /** Counts against the limit; null: not known. */
  usedBytes: number | null
}

export interface WantedLimit {
  memoryBytes: number | null
  reservationBytes: number | null
}

export type LimitRefusal =
  /** The kernel would end something of it at once. */
  | { kind: 'too-low'; wantedBytes: number; usedBytes: number }
  /** Nobody knows what it uses, so nobody knows what would be killed. */
  | { kind: 'use-not-known' }

export type LimitDecision = { kind: 'as-wanted' } | { kind: 'set'; limits: MemoryLimits } | LimitRefusal

/** Limits are kept by the page. */
const roundingBytes = 65_536

const isSame = (a: number | null, b: number | null): boolean =>
  a === b || (a !== null && b !== null && Math.abs(a - b) <= roundingBytes)

/** What has to be set; nothing where it is as wanted. `force`: also a limit below what is in use. */
export const decideLimit = (now: LimitNow, wanted: WantedLimit, force: boolean): LimitDecision => {
  const limits: MemoryLimits = {
    ...(wanted.memoryBytes === null || isSame(now.memoryBytes, wanted.memoryBytes)
      ? {}
      : { memoryBytes: wanted.memoryBytes }),
    ...(wanted.reservationBytes === null || isSame(now.reservationBytes, wanted.reservationBytes)
      ? {}
      : { reservationBytes: wanted.reservationBytes }),
  }
  if (Object.keys(limits).length === 0) return { kind: 'as-wanted' }
  return (force ? null : refusalOf(limits, now.usedBytes)) ?? { kind: 'set', limits }
}

/** What speaks against setting them now; null: nothing. A reservation alone ends nobody, and no limit neither. */
export const refusalOf = ({ memoryBytes }: MemoryLimits, usedBytes: number | null): LimitRefusal | null => {
  if (memoryBytes == null) return null
  if (usedBytes === null) return { kind: 'use-not-known' }
  return usedBytes >= memoryBytes ? { kind: 'too-low', wantedBytes: memoryBytes, usedBytes } : null
}
