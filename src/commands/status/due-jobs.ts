import type { Host } from '../../host/host.ts'
import type { Due } from '../../plan/job-states.ts'
import { nextRun } from '../../plan/next-run.ts'
import type { CrontabJob, Schedule, Timer } from '../doctor/read-schedule.ts'

/** What the schedule starts of the jobs that record into this state folder. */
export const dueJobs = (host: Host, stateDir: string, { jobs, timers }: Schedule): Due[] => [
  ...jobs.filter((job) => recordsHere(host, stateDir, job)).flatMap(dueOf),
  ...timers.flatMap((timer) => dueOfTimer(host, stateDir, timer)),
]

/** By its period: a timer spreads its starts, so the instant is not told by its file. */
const dueOfTimer = (host: Host, stateDir: string, timer: Timer): Due[] => {
  const { everySeconds, sinceMs, isUsers, jobs } = timer
  if (everySeconds === null || isUsers !== (host.uid !== 0)) return []
  return jobs
    .filter((job) => job.stateDir === null || job.stateDir === stateDir)
    .map(({ command }) => ({ command, next: (afterMs) => afterMs + everySeconds * 1000, sinceMs }))
}

const dueOf = ({ job, schedule, crontabFile }: CrontabJob): Due[] =>
  schedule === 'reboot'
    ? []
    : [
        {
          command: job.command,
          next: (afterMs) => nextRun(schedule, afterMs),
          sinceMs: crontabFile.info?.modifiedAtMs ?? null,
        },
      ]

/** A job of another user has another state folder, unless its line names ours. */
const recordsHere = (host: Host, stateDir: string, { stateDir: named, user }: CrontabJob): boolean =>
  named === '' ? user === userOf(host) : named === stateDir

const userOf = ({ uid, env }: Host): string =>
  uid === 0 ? 'root' : (env.LOGNAME ?? env.USER ?? `uid ${uid}`)
