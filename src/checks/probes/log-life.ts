import { type Reading, valueOrNull } from '../../core/reading.ts'
import type { LogWindow } from './log-window.ts'

/**
 * Where in the window of a log the present life of a service begins: a log goes on over restarts, and what made one
 * necessary is no reason for the next. Survives JSON; instants are epoch milliseconds.
 */
export interface LogLife {
  identity: string | null
  sinceMs: number
  bucketSeconds: number
  /** How many lines of the bucket in which it began are older than it. */
  before: number
}

interface Living {
  identity: string | null
  uptimeSeconds: Reading<number>
}

/** When the life began whose log is read for the first time; null: it was read before, or that is not known. */
export const newLifeAtMs = (kept: unknown, living: Living, nowMs: number): number | null => {
  const known = keptLife(kept)
  if (known !== null && (living.identity === null || living.identity === known.identity)) return null
  const uptime = valueOrNull(living.uptimeSeconds)
  if (uptime !== null) return nowMs - uptime * 1000
  return known === null ? null : nowMs
}

/**
 * @param sinceMs of `newLifeAtMs`
 * @param window as it was before this read; null: there was none
 * @param freshAtMs of the lines of this read
 * @param backMs how far the clock was set back since the read before
 */
export const lifeOf = (
  kept: unknown,
  identity: string | null,
  sinceMs: number | null,
  window: LogWindow,
  freshAtMs: readonly number[],
  backMs: number,
): LogLife => {
  const { bucketSeconds } = window
  if (sinceMs === null) {
    const known = keptLife(kept) ?? { identity, sinceMs: 0, bucketSeconds, before: 0 }
    return { ...known, sinceMs: Math.max(0, known.sinceMs - backMs) }
  }
  const bucket = bucketOf(sinceMs, bucketSeconds)
  const fresh = freshAtMs.filter((atMs) => atMs < sinceMs && bucketOf(atMs, bucketSeconds) === bucket)
  return { identity, sinceMs, bucketSeconds, before: (window.counts.get(bucket) ?? 0) + fresh.length }
}

/** How many lines of the window are of the lives before. */
export const earlierIn = ({ counts, bucketSeconds }: LogWindow, life: LogLife): number => {
  const first = bucketOf(life.sinceMs, bucketSeconds)
  // Of buckets of another width it is not known any more.
  const before = life.bucketSeconds === bucketSeconds ? life.before : Number.POSITIVE_INFINITY
  let earlier = Math.min(counts.get(first) ?? 0, before)
  for (const [bucket, lines] of counts) if (bucket < first) earlier += lines
  return earlier
}

const bucketOf = (atMs: number, bucketSeconds: number): number => Math.floor(atMs / 1000 / bucketSeconds)

/** From a file, so of any shape; one of a version before has none. */
const keptLife = (kept: unknown): LogLife | null => {
  const { identity, sinceMs, bucketSeconds, before } = (kept ?? {}) as Partial<LogLife>
  const isWhole = [sinceMs, bucketSeconds, before].every(
    (one) => Number.isFinite(one) && (one as number) >= 0,
  )
  return isWhole && (identity === null || typeof identity === 'string')
    ? {
        identity,
        sinceMs: sinceMs as number,
        bucketSeconds: bucketSeconds as number,
        before: before as number,
      }
    : null
}
