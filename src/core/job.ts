import { endStatus } from './errors.ts'

/** One run of a command. Stamps are epoch milliseconds. */
export interface JobRun {
  begunAtMs: number
  /** Null: it runs still, or was ended before it could finish. */
  endedAtMs: number | null
  exitCode: number | null
}

/**
 * By SIGHUP, SIGINT or SIGTERM: a terminal that was closed, Ctrl-C, a reboot. Somebody wanted it so, and it is no failure.
 */
export const wasInterrupted = (exitCode: number | null): boolean =>
  exitCode !== null && Object.values<number>(endStatus).includes(exitCode)

/** A job of this toolkit: one that runs by a schedule, or ran. */
export interface JobState {
  command: string
  /** Null: never, as far as is recorded. */
  lastRunAtMs: number | null
  /** Null: it did not end by itself, has not ended, or has not run. */
  exitCode: number | null
  endedAtMs: number | null
  isRunning: boolean
  /** When it should run after its last run; null: nothing known starts it. */
  dueAtMs: number | null
  /** Of three starts in a row none has become a run. */
  isOverdue: boolean
}
