import { endStatus } from '../../core/errors.ts'
import type { Finding } from '../../core/finding.ts'
import type { JobRun } from '../../core/job.ts'
import type { RunContext } from '../command.ts'
import { ownFinding } from '../record.ts'
import { isHeld, recordedRuns, scheduledJobs, statesOfJobs } from './jobs.ts'

export interface LookAtJobs {
  findings: Finding[]
  /** The commands that a schedule starts. */
  scheduled: string[]
}

/** A finding for each job that is overdue, and for each that a schedule starts and that was killed twice in a row. */
export const overdueFindings = async (
  { host, global: { stateDir } }: RunContext,
  recordedSinceMs: number,
): Promise<LookAtJobs> => {
  const due = await scheduledJobs(host, stateDir)
  const scheduled = [...new Set(due.map(({ command }) => command))].filter((command) => command !== 'watch')
  const runs = recordedRuns(host, stateDir)
  const killed = [...runs].flatMap(([command, own]) => {
    if (!scheduled.includes(command)) return []
    const over = isHeld(host, stateDir, command) ? own.slice(0, -1) : own
    const count = killedInARow(over)
    return count < leastKilled ? [] : [ownFinding('jobs', 'killed', 'warning', { runs: count }, command)]
  })
  const overdue = statesOfJobs(host, stateDir, due, runs, recordedSinceMs)
    .filter(({ isOverdue }) => isOverdue)
    .map(({ command, lastRunAtMs, dueAtMs }) =>
      ownFinding(
        'jobs',
        'overdue',
        'warning',
        {
          sinceRunSeconds: lastRunAtMs === null ? null : Math.round((host.now() - lastRunAtMs) / 1000),
          overdueSeconds: dueAtMs === null ? null : Math.max(0, Math.round((host.now() - dueAtMs) / 1000)),
        },
        command,
      ),
    )
  return { findings: [...overdue, ...killed], scheduled }
}

/** One may be a reboot. */
const leastKilled = 2

/** By SIGTERM, too: a bound of cron's line or of systemd that is too short for it ends each run so. */
const wasNotDone = ({ exitCode }: JobRun): boolean => exitCode === null || exitCode === endStatus.SIGTERM

const killedInARow = (runs: readonly JobRun[]): number =>
  runs.length - 1 - runs.findLastIndex((run) => !wasNotDone(run))
