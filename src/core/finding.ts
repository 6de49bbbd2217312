/** `ok < warning < unknown < critical`: the worst finding decides (2 over 3 over 1 over 0). */
export type Status = 'ok' | 'warning' | 'critical' | 'unknown'

/** The unit of a finding's `value`, `warn` and `crit`. */
export type Unit = 'bytes' | 'percent' | 'count' | 'seconds' | 'bytes-per-minute'

export interface Finding {
  /** The check's name, also its config key, e.g. `memory`. */
  check: string
  /** What was found, e.g. `level`, `no-limit`, `unreadable`; the sentence for it lives in report/sentence.ts. */
  code: string
  status: Status
  /** Which of several things of one check: a mount point, a folder, a process name. Part of the finding's identity. */
  item?: string
  value: number | null
  unit: Unit | null
  warn: number | null
  crit: number | null
  /** What the sentence needs beyond the value; text in here may come from strangers and is escaped when shown. */
  args?: Record<string, string | number | null>
}

const severity: Record<Status, number> = { ok: 0, warning: 1, unknown: 2, critical: 3 }

export const worse = (a: Status, b: Status): Status => (severity[b] > severity[a] ? b : a)

export const worstStatus = (statuses: Iterable<Status>): Status => {
  let worst: Status = 'ok'
  for (const status of statuses) worst = worse(worst, status)
  return worst
}

/** Judges a figure that is bad when it is high; a null threshold is not judged. */
export const judgeLevel = (v: number, warn: number | null, crit: number | null): Status =>
  crit !== null && v >= crit ? 'critical' : warn !== null && v >= warn ? 'warning' : 'ok'
