import type { Finding } from '../../core/finding.ts'
import type { JobRun } from '../../core/job.ts'
import type { RunContext } from '../command.ts'
import { ownFinding } from '../record.ts'
import { isHeld, recordedRuns, scheduledJobs, statesOfJobs } from './jobs.ts'

/** A finding for each job that is overdue, and for each that was killed twice in a row. */
export const overdueFindings = async (
  { host, global: { stateDir } }: RunContext,
  recordedSinceMs: number,
): Promise<Finding[]> => {
  const due = await scheduledJobs(host, stateDir)
  const runs = recordedRuns(host, stateDir)
  const killed = [...runs].flatMap(([command, own]) => {
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
  return [...overdue, ...killed]
}

/** One may be a reboot, or somebody's Ctrl-C. */
const leastKilled = 2

const killedInARow = (runs: readonly JobRun[]): number =>
  runs.length - 1 - runs.findLastIndex(({ exitCode }) => exitCode !== null)
