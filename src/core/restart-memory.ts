/** What this toolkit remembers of a service between runs. Bounded: see plan/restart.ts. Stamps are epoch milliseconds. */
export interface RestartMemory {
  identity: string | null
  /** Outcomes of the last checks of this identity, oldest first; true: failed. */
  recentFailures: boolean[]
  /** Restarts by this toolkit since the service failed, oldest first: the budget is of these. */
  restartedAtMs: number[]
  /** Those of `restart.every`, oldest first. */
  scheduledAtMs: number[]
  /** Restarts since the last good check. */
  restartsInARow: number
  gaveUpAtMs: number | null
}

export const freshMemory: RestartMemory = {
  identity: null,
  recentFailures: [],
  restartedAtMs: [],
  scheduledAtMs: [],
  restartsInARow: 0,
  gaveUpAtMs: null,
}

/** How the cause of a restart by `restart.every` begins, which is how the restart history tells them apart. */
export const scheduledCause = 'restart every '

/** Outcomes kept for `N of M`, and restarts kept for the budget and the ledger. */
export const maxOutcomes = 100
export const maxRestarts = 500

/** How often a service was restarted of late, by whomever. */
export interface RestartCounts {
  /** Within the last 24 hours. */
  today: number
  /** Within the last 7 days; the three below are of these. */
  week: number
  byTool: number
  byEngine: number
  bySystemd: number
  /** How long ago the first of those by systemd was; null: there was none. */
  firstBySystemdSeconds: number | null
  /** How many of them are by `restart.every`. */
  scheduled: { today: number; week: number }
}
