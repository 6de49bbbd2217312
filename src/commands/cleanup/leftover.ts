import type { Finding } from '../../core/finding.ts'

/** What a rule would remove now. */
export interface Leftover {
  path: string
  /** The path, and which rule of several on it. */
  item: string
  atMs: number
  /** Stale by the rule. */
  files: number
  bytes: number
  /** Since when the oldest of them is. */
  staleSinceMs: number | null
  /** When that is too long ago: cleanup-tmp did not run, or could not remove it. */
  overdueSeconds: number
  /** False: there is more than was looked at. */
  complete: boolean
  /** Why cleanup-tmp will not clean it; null: it will. */
  refused: string | null
  /** Why it is not looked at, by design; null: it is. */
  skipped: string | null
  /** Why some of it could not be looked at; null: all could. */
  unread: string | null
  /** Why what is open could not be seen, so that all of these may be; null: it could, or it does not matter. */
  openUnseen: string | null
}

const daySeconds = 86_400

/** After so long somebody should know: three times the age that the rule allows, and a day at least. */
export const overdueSecondsOf = (olderThanMs: number): number =>
  Math.max((2 * olderThanMs) / 1000, daySeconds)

/**
 * What could not be seen is unknown, unless it cannot matter: a folder of which nothing has been stale for too long with all
 * that may be open counted is well, on hosts too where root is not shown what processes have open.
 */
export const leftoverFinding = (one: Leftover): Finding => {
  const { item, atMs, files, bytes, staleSinceMs, overdueSeconds, complete } = one
  const base = { check: 'cleanup', item, warn: null, crit: null, value: null, unit: null } as const
  if (one.refused !== null)
    return { ...base, code: 'refused', status: 'warning', args: { detail: one.refused } }
  if (one.skipped !== null) return { ...base, code: 'skipped', status: 'ok', args: { reason: one.skipped } }
  const seconds = staleSinceMs === null ? null : Math.max(0, (atMs - staleSinceMs) / 1000)
  const isOverdue = seconds !== null && seconds > overdueSeconds
  const unseen = one.openUnseen !== null && isOverdue ? one.openUnseen : isOverdue ? null : one.unread
  const atMost = one.openUnseen === null ? 0 : 1
  return {
    ...{ ...base, value: bytes, unit: 'bytes' },
    ...(unseen === null
      ? { code: 'leftovers', status: isOverdue ? 'warning' : 'ok' }
      : { code: 'unseen', status: 'unknown' }),
    args: {
      ...{ files, staleSeconds: seconds, atLeast: complete && one.unread === null ? 0 : 1, atMost },
      ...(unseen === null ? {} : { reason: unseen }),
    },
  }
}

export const isLeftover = (raw: unknown): raw is Leftover => {
  const one = raw as Partial<Leftover> | null
  return (
    typeof one === 'object' &&
    one !== null &&
    typeof one.path === 'string' &&
    typeof one.item === 'string' &&
    [one.atMs, one.files, one.bytes, one.overdueSeconds].every(Number.isFinite) &&
    (one.staleSinceMs === null || Number.isFinite(one.staleSinceMs)) &&
    typeof one.complete === 'boolean' &&
    [one.refused, one.skipped, one.unread, one.openUnseen].every(
      (why) => why === null || typeof why === 'string',
    )
  )
}
