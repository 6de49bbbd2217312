import type { JobRun, JobState } from '../../core/job.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { type Due, jobStates } from '../../plan/job-states.ts'
import { jobRunsPath, readRuns } from '../../store/job-runs.ts'
import { lockPath } from '../../store/paths.ts'
import { readSchedule } from '../doctor/read-schedule.ts'
import { dueJobs } from './due-jobs.ts'

/** The commands that take a lock record their runs; of others nothing is known. A test holds this to the registry. */
export const recordedCommands = [
  'check',
  'watch',
  'cleanup-tmp',
  'kill-orphans',
  'journal-limits',
  'limits',
] as const

export type Runs = ReadonlyMap<string, readonly JobRun[]>

export const recordedRuns = (host: Host, stateDir: string): Runs =>
  new Map(
    recordedCommands.flatMap((command) => {
      const runs = valueOrNull(readRuns(host.save, jobRunsPath(stateDir, command)))
      return runs === null || runs.length === 0 ? [] : [[command, runs]]
    }),
  )

export const scheduledJobs = async (host: Host, stateDir: string): Promise<Due[]> =>
  dueJobs(host, stateDir, await readSchedule(host))

/** Each job with its last run and when it is due; of a command that records nothing only what it is due at. */
export const statesOfJobs = (
  host: Host,
  stateDir: string,
  due: readonly Due[],
  runs: Runs,
  recordedSinceMs: number | null,
): JobState[] => {
  const running = new Set(recordedCommands.filter((command) => isHeld(host, stateDir, command)))
  const bootAtMs = valueOrNull(host.processes.bootAtMs()) ?? 0
  const recorded: readonly string[] = recordedCommands
  return jobStates(due, runs, { nowMs: host.now(), bootAtMs, recordedSinceMs, running }).map((job) =>
    recorded.includes(job.command) ? job : { ...job, isOverdue: false },
  )
}

/** A lock names its holder first; one that is dead is stale (host/lock.ts). */
export const isHeld = (host: Host, stateDir: string, command: string): boolean => {
  const lock = host.save.readText(lockPath(stateDir, command))
  const pid = lock.kind === 'value' ? /^\d{1,7}/.exec(lock.value)?.[0] : undefined
  return pid !== undefined && host.files.info(`/proc/${pid}`).kind === 'value'
}
