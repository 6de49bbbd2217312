import type { JobState } from '../../core/job.ts'
import { formatDuration } from '../../core/units.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { statePath } from '../../store/paths.ts'
import { readStateText } from '../../store/state-text.ts'
import { jobsRecordedSince } from '../overdue-jobs.ts'
import { dueJobs } from '../status/due-jobs.ts'
import { recordedRuns, statesOfJobs } from '../status/jobs.ts'
import { type Examination, fine, type Subject, warning } from './examination.ts'

/** Did what should start this toolkit's jobs start them? By their own records. */
export const jobs: Examination = {
  name: 'jobs',
  examine({ host, global, schedule }) {
    if (!host.live) return []
    const { stateDir } = global
    const due = dueJobs(host, stateDir, schedule)
    const states = statesOfJobs(
      host,
      stateDir,
      due,
      recordedRuns(host, stateDir),
      recordedSince({ host, global }),
    )
    const overdue = states.filter(({ isOverdue }) => isOverdue)
    const ran = states.filter(({ lastRunAtMs }) => lastRunAtMs !== null)
    if (overdue.length > 0) return overdue.map((job) => overdueVerdict(job, host.now()))
    return ran.length === 0
      ? []
      : [fine(`last run: ${ran.map((job) => `${job.command} ${agoText(job, host.now())}`).join(', ')}`)]
  },
}

const recordedSince = ({ host, global }: Pick<Subject, 'host' | 'global'>): number | null => {
  const text = host.save.readText(statePath(global.stateDir))
  const read = text.kind === 'value' ? readStateText(text.value) : ''
  return typeof read === 'string' ? null : jobsRecordedSince(read.state)
}

const agoText = ({ lastRunAtMs }: JobState, nowMs: number): string =>
  `${formatDuration(Math.max(0, nowMs - (lastRunAtMs ?? 0)) / 1000)} ago`

const overdueVerdict = (job: JobState, nowMs: number): Verdict =>
  warning(
    `\`${job.command}\` is scheduled, but ${job.lastRunAtMs === null ? 'has never run' : `ran last ${agoText(job, nowMs)}`}`,
    'run its line by hand as that user and see what it says; then see that cron or the timer is up',
  )
