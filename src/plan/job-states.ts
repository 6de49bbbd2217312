import type { JobRun, JobState } from '../core/job.ts'

/** When something starts a job: a crontab line, a timer. */
export interface Due {
  command: string
  /** The next start after that instant; null: never. */
  next(afterMs: number): number | null
  /** Since when it is so, e.g. when its crontab was written; null: not known. */
  sinceMs: number | null
}

export const missedStarts = 3

export interface JobsSince {
  nowMs: number
  /** What was due before nobody could have run. */
  bootAtMs: number
  /** Since when runs are recorded at all; null: not known. */
  recordedSinceMs: number | null
  /** Whose lock is held. */
  running: ReadonlySet<string>
}

/**
 * What is known of each job: of those that run by a schedule and of those that ran.
 *
 * @param runs by the command, oldest first
 */
export const jobStates = (
  due: readonly Due[],
  runs: ReadonlyMap<string, readonly JobRun[]>,
  since: JobsSince,
): JobState[] =>
  [...new Set([...due.map(({ command }) => command), ...runs.keys()])].sort().map((command) => {
    const last = runs.get(command)?.at(-1) ?? null
    const own = due.filter((one) => one.command === command)
    // A stamp of the future, from before the clock was set back, must not excuse it for years.
    const lastRunAtMs = last === null ? null : Math.min(last.begunAtMs, since.nowMs)
    return {
      command,
      lastRunAtMs,
      exitCode: last?.exitCode ?? null,
      endedAtMs: last?.endedAtMs ?? null,
      isRunning: last !== null && last.endedAtMs === null && since.running.has(command),
      dueAtMs: earliest(own.map((one) => one.next(lastRunAtMs ?? since.nowMs))),
      isOverdue: isOverdue(own, lastRunAtMs, since),
    }
  })

/** One that never ran may be new: it counts from when its line was written and runs are recorded. */
const isOverdue = (due: readonly Due[], lastRunAtMs: number | null, since: JobsSince): boolean =>
  due.some((one) => {
    const seenMs = lastRunAtMs ?? since.recordedSinceMs
    if (seenMs === null || (lastRunAtMs === null && one.sinceMs === null)) return false
    let atMs: number | null = Math.max(seenMs, one.sinceMs ?? 0, since.bootAtMs)
    for (let missed = 0; missed < missedStarts && atMs !== null; missed++) atMs = one.next(atMs)
    return atMs !== null && atMs + graceMs < since.nowMs
  })

// A run begins a little after its minute, and a timer may spread its starts.
const graceMs = 60_000

const earliest = (stamps: readonly (number | null)[]): number | null =>
  stamps.reduce<number | null>(
    (first, atMs) => (atMs !== null && (first === null || atMs < first) ? atMs : first),
    null,
  )

const leastRegularMs = 60_000

/**
 * Something starts it again and again that does not tell of itself, as a script, or a timer of another name: of the last
 * four gaps three are about as long as one another, and it is not overdue by that.
 */
export const isRegular = (runs: readonly JobRun[], nowMs: number): boolean => {
  const last = runs.slice(-5)
  const rhythm = last.length < 5 ? null : rhythmMs(last)
  if (rhythm === null || rhythm < leastRegularMs) return false
  const even = last
    .slice(1)
    .filter(({ begunAtMs }, i) => Math.abs(begunAtMs - (last[i]?.begunAtMs ?? 0) - rhythm) <= rhythm / 4)
  return even.length >= 3 && nowMs - (last.at(-1)?.begunAtMs ?? 0) <= oldAfterMs(rhythm)
}

const leastOldMs = 3 * 60_000
const oldWithoutRhythmMs = 3_600_000

/** The time between runs, of what was recorded: of four gaps one is longer. Null: fewer than three runs. */
export const rhythmMs = (runs: readonly JobRun[]): number | null => {
  const gaps = runs
    .slice(1)
    .map(({ begunAtMs }, i) => begunAtMs - (runs[i]?.begunAtMs ?? 0))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b)
  return gaps.length < 2 ? null : (gaps[Math.floor((gaps.length - 1) * 0.75)] ?? null)
}

/** The time between checks: the rhythm they were recorded in, or of the schedule where that is slower. */
export const periodMs = (rhythm: number | null, scheduleMs: number | null): number | null =>
  rhythm === null && scheduleMs === null ? null : Math.max(rhythm ?? 0, scheduleMs ?? 0)

/** From which age on a record tells nothing of now: three periods. */
export const oldAfterMs = (period: number | null): number =>
  period === null ? oldWithoutRhythmMs : Math.max(leastOldMs, missedStarts * period)
