import type { Budget } from '../core/field.ts'
import { freshMemory, maxOutcomes, maxRestarts, type RestartMemory } from '../core/restart-memory.ts'

/** When a service is restarted, from `restart:` in the config; times in seconds. */
export interface RestartPolicy {
  /** This many failed checks, in a row unless `outOf` is given, … */
  after: number
  /** … or so many among the last `outOf` checks. */
  outOf: number | null
  /** From restart `after` in a row on, wait restarts × `step` (at most `max`) before the next. */
  backoff: { after: number; step: number; max: number }
  limit: Budget
  /** Restart at this age whatever the state; null: never. */
  every: number | null
  /** After a start, failed checks do not count for so long. */
  startGrace: number
}

/** `unknown` (nothing could be measured) neither counts nor resets. */
export type CheckOutcome = 'good' | 'failed' | 'unknown'

export interface Circumstances {
  nowMs: number
  identity: string | null
  outcome: CheckOutcome
  uptimeSeconds: number | null
  /** Why nothing may be done now, e.g. `maintenance`; null: acting is allowed. */
  heldBy: 'no-act' | 'maintenance' | 'not-wanted' | null
}

export type Decision =
  | { kind: 'none' }
  /** A restart would be due but for this. */
  | { kind: 'hold'; why: 'no-act' | 'maintenance' | 'not-wanted' | 'starting' | 'unmeasured' }
  | { kind: 'hold'; why: 'backoff'; untilMs: number }
  | { kind: 'restart'; why: 'failed-checks' | 'scheduled' }
  /** The budget is used up: `first` in the run that finds it out. */
  | { kind: 'given-up'; first: boolean; restarts: number; limit: Budget }

/**
 * Counts this check and decides. Counters are reset by success, by an action (see `afterRestart`) and by a new
 * identity; monit's are not (monit#64, #711), which is how a service ran 10 GB over its limit unrestarted.
 */
export const decideRestart = (
  memory: RestartMemory,
  policy: RestartPolicy,
  now: Circumstances,
): { memory: RestartMemory; decision: Decision } => {
  const counted = count(memory, now)
  const failing = isFailing(counted.recentFailures, policy)
  const isPlanned = isOld(counted, policy, now)
  if (!failing && !isPlanned) return { memory: counted, decision: { kind: 'none' } }
  if (now.heldBy === 'not-wanted') return { memory: counted, decision: { kind: 'hold', why: 'not-wanted' } }
  if (counted.gaveUpAtMs !== null && failing)
    return { memory: counted, decision: givenUp(counted, policy, now.nowMs, false) }
  if (now.heldBy !== null) return { memory: counted, decision: { kind: 'hold', why: now.heldBy } }
  // It may have become well since it failed: a window or a wait lay between.
  const isUnmeasured = failing && now.outcome === 'unknown'
  if (isUnmeasured && !isPlanned) return { memory: counted, decision: { kind: 'hold', why: 'unmeasured' } }
  // A plan of six a day is not to use up a budget of five, nor to wait longer each time.
  if (isUnmeasured || !failing) return { memory: counted, decision: { kind: 'restart', why: 'scheduled' } }
  if (isStarting(policy, now)) return { memory: counted, decision: { kind: 'hold', why: 'starting' } }
  if (restartsWithin(counted, policy.limit, now.nowMs) >= policy.limit.count)
    return {
      memory: { ...counted, gaveUpAtMs: now.nowMs },
      decision: givenUp(counted, policy, now.nowMs, true),
    }
  const untilMs = backoffUntil(counted, policy)
  if (untilMs > now.nowMs) return { memory: counted, decision: { kind: 'hold', why: 'backoff', untilMs } }
  return { memory: counted, decision: { kind: 'restart', why: 'failed-checks' } }
}

/** Written before the restart's first step: a run that dies in the middle has used its budget all the same. */
export const afterRestart = (
  memory: RestartMemory,
  nowMs: number,
  why: 'failed-checks' | 'scheduled' = 'failed-checks',
): RestartMemory =>
  why === 'scheduled'
    ? {
        ...memory,
        recentFailures: [],
        scheduledAtMs: [...memory.scheduledAtMs, nowMs].slice(-maxRestarts),
      }
    : {
        ...memory,
        recentFailures: [],
        restartedAtMs: [...memory.restartedAtMs, nowMs].slice(-maxRestarts),
        restartsInARow: memory.restartsInARow + 1,
      }

/**
 * May a restart that a run before did not bring to its end be taken up? It may have left the service down, so once beyond
 * the budget too; not again and again where each run is killed in the middle.
 */
export const mayTakeUp = (memory: RestartMemory, limit: Budget, nowMs: number): boolean =>
  restartsWithin(memory, limit, nowMs) <= limit.count

/** May it be restarted though it has not failed itself, since what it depends on was? */
export const budgetIsLeft = (memory: RestartMemory, limit: Budget, nowMs: number): boolean =>
  restartsWithin(memory, limit, nowMs) < limit.count

/** `--reset`: a person has looked at it; counters and budget begin anew. */
export const afterReset = (memory: RestartMemory): RestartMemory => ({
  ...freshMemory,
  identity: memory.identity,
})

export const consecutiveFailures = (memory: RestartMemory): number =>
  memory.recentFailures.length - (memory.recentFailures.lastIndexOf(false) + 1)

/** The failed checks that count towards the next restart. */
export const countedFailures = (memory: RestartMemory, { outOf }: Pick<RestartPolicy, 'outOf'>): number =>
  outOf === null
    ? consecutiveFailures(memory)
    : memory.recentFailures.slice(-outOf).filter((failed) => failed).length

const count = (memory: RestartMemory, now: Circumstances): RestartMemory => {
  // A stopped service has no identity; that is the same service still down, not a new one.
  const isNew = now.identity !== null && memory.identity !== null && now.identity !== memory.identity
  // Without `restart:` nothing is given up, whatever an earlier config had; what was used of a budget stays known.
  const gaveUpAtMs = now.heldBy === 'not-wanted' ? null : memory.gaveUpAtMs
  const known = {
    ...memory,
    identity: now.identity ?? memory.identity,
    recentFailures: isNew ? [] : memory.recentFailures,
    // Stamps from the future (the clock was set back) become now: they neither refill the budget nor wait for years.
    restartedAtMs: memory.restartedAtMs.map((atMs) => Math.min(atMs, now.nowMs)),
    scheduledAtMs: memory.scheduledAtMs.map((atMs) => Math.min(atMs, now.nowMs)),
    gaveUpAtMs: gaveUpAtMs === null ? null : Math.min(gaveUpAtMs, now.nowMs),
  }
  if (now.outcome === 'unknown') return known
  const recentFailures = [...known.recentFailures, now.outcome === 'failed'].slice(-maxOutcomes)
  return now.outcome === 'good'
    ? { ...known, recentFailures, restartsInARow: 0, gaveUpAtMs: null }
    : { ...known, recentFailures }
}

const isFailing = (recent: readonly boolean[], { after, outOf }: RestartPolicy): boolean => {
  if (recent.at(-1) !== true) return false
  const window = outOf === null ? recent.slice(-after) : recent.slice(-outOf)
  return window.filter(Boolean).length >= after
}

/**
 * `restart.every`. Also by when it was restarted last: an uptime is off by as much as the clock was set, and must not
 * have it restarted each minute.
 */
const isOld = (
  { restartedAtMs, scheduledAtMs }: RestartMemory,
  { every }: RestartPolicy,
  { uptimeSeconds, nowMs }: Circumstances,
): boolean => {
  if (every === null || (uptimeSeconds ?? 0) < every) return false
  const lastMs = Math.max(restartedAtMs.at(-1) ?? 0, scheduledAtMs.at(-1) ?? 0)
  return nowMs - lastMs >= every * 1000
}

const isStarting = ({ startGrace }: RestartPolicy, { uptimeSeconds }: Circumstances): boolean =>
  uptimeSeconds !== null && uptimeSeconds < startGrace

const restartsWithin = (memory: RestartMemory, limit: Budget, nowMs: number): number =>
  memory.restartedAtMs.filter((atMs) => nowMs - atMs < limit.perSeconds * 1000).length

/** Incident E6: from the third restart on, restart count × 60 s before the next. */
const backoffUntil = (memory: RestartMemory, { backoff }: RestartPolicy): number => {
  if (memory.restartsInARow < backoff.after) return 0
  const waitSeconds = Math.min(backoff.max, memory.restartsInARow * backoff.step)
  return (memory.restartedAtMs.at(-1) ?? 0) + waitSeconds * 1000
}

const givenUp = (
  memory: RestartMemory,
  { limit }: RestartPolicy,
  nowMs: number,
  first: boolean,
): Decision => ({
  kind: 'given-up',
  first,
  // As it was then: a day later the restarts are out of the window, and it stays given up.
  restarts: restartsWithin(memory, limit, memory.gaveUpAtMs ?? nowMs),
  limit,
})
