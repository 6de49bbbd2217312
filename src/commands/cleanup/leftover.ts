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
  /** Why it could not be looked at; null: it was. */
  refused: string | null
}

const daySeconds = 86_400

/** After so long somebody should know: three times the age that the rule allows, and a day at least. */
export const overdueSecondsOf = (olderThanMs: number): number =>
  Math.max((2 * olderThanMs) / 1000, daySeconds)

export const leftoverFinding = (one: Leftover): Finding => {
  const { item, atMs, files, bytes, staleSinceMs, overdueSeconds, complete, refused } = one
  const base = { check: 'cleanup', item, warn: null, crit: null } as const
  if (refused !== null)
    return { ...base, code: 'refused', status: 'warning', value: null, unit: null, args: { detail: refused } }
  const seconds = staleSinceMs === null ? null : Math.max(0, (atMs - staleSinceMs) / 1000)
  return {
    ...base,
    code: 'leftovers',
    status: seconds !== null && seconds > overdueSeconds ? 'warning' : 'ok',
    value: bytes,
    unit: 'bytes',
    args: { files, staleSeconds: seconds, atLeast: complete ? 0 : 1 },
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
    (one.refused === null || typeof one.refused === 'string')
  )
}
