import type { Finding } from '../../core/finding.ts'
import type { RunContext } from '../command.ts'
import { ownFinding } from '../record.ts'
import { recordedRuns, scheduledJobs, statesOfJobs } from './jobs.ts'

/** A finding for each job that is overdue. */
export const overdueFindings = async (
  { host, global: { stateDir } }: RunContext,
  recordedSinceMs: number,
): Promise<Finding[]> => {
  const due = await scheduledJobs(host, stateDir)
  return statesOfJobs(host, stateDir, due, recordedRuns(host, stateDir), recordedSinceMs)
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
}
