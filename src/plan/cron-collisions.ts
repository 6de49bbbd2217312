import { type CronSchedule, firstMeetingMinute, shortestGapMinutes } from '../parse/cron-schedule.ts'
import type { CronJob } from './cron-jobs.ts'

/** A job of this toolkit with the crontab line that starts it. */
export interface ScheduledJob {
  file: string
  line: number
  timing: string
  schedule: CronSchedule | 'reboot'
  /** Who it runs as. */
  user: string
  /** The state folder it uses: two runs of a command collide only there, by its lock. */
  stateDir: string
  job: CronJob
}

export type Collision =
  /** The same command with the same arguments at the same times. */
  | { kind: 'duplicate'; first: ScheduledJob; second: ScheduledJob }
  /** Two lines start the same command at a common minute; `minute` (0–1439) is the first such one of a day. */
  | { kind: 'overlap'; first: ScheduledJob; second: ScheduledJob; minute: number }
  /** One line, started again before its own --timeout is over. */
  | { kind: 'self-overlap'; job: ScheduledJob; gapSeconds: number; timeoutSeconds: number }

/** Lines beyond this many are not compared: a hostile crontab must not cost minutes. */
export const maxJobsCompared = 50

/**
 * Which lines get into each other's way. The lock makes the second of two runs of a command end with status 75, so
 * nothing breaks, but half of the runs do nothing and their schedule says otherwise.
 */
export const collisionsOf = (jobs: readonly ScheduledJob[]): Collision[] => {
  const compared = jobs.slice(0, maxJobsCompared)
  const collisions = compared.flatMap(selfOverlap)
  for (const [index, first] of compared.entries())
    for (const second of compared.slice(index + 1)) {
      const collision = sharesLock(first, second) ? collisionOf(first, second) : null
      if (collision) collisions.push(collision)
    }
  return collisions
}

/** Jobs of one line run one after the other. */
const sharesLock = (a: ScheduledJob, b: ScheduledJob): boolean =>
  !(a.file === b.file && a.line === b.line) &&
  a.job.command === b.job.command &&
  a.user === b.user &&
  a.stateDir === b.stateDir

const collisionOf = (first: ScheduledJob, second: ScheduledJob): Collision | null => {
  if (first.schedule === 'reboot' || second.schedule === 'reboot') return null
  const minute = firstMeetingMinute(first.schedule, second.schedule)
  if (minute === null || startsApart(first.job, second.job)) return null
  const equal = sameTimes(first.schedule, second.schedule) && sameArguments(first.job, second.job)
  return equal ? { kind: 'duplicate', first, second } : { kind: 'overlap', first, second, minute }
}

/** `sleep 30; check` beside `check` is how cron does something every 30 seconds. */
const startsApart = (a: CronJob, b: CronJob): boolean =>
  a.delaySeconds !== null && b.delaySeconds !== null && a.delaySeconds !== b.delaySeconds

const sameTimes = (a: CronSchedule, b: CronSchedule): boolean => JSON.stringify(a) === JSON.stringify(b)

const sameArguments = (a: CronJob, b: CronJob): boolean =>
  a.args.length === b.args.length && a.args.every((word, index) => word === b.args[index])

const selfOverlap = (scheduled: ScheduledJob): Collision[] => {
  const { timeoutSeconds } = scheduled.job
  const gapMinutes = scheduled.schedule === 'reboot' ? null : shortestGapMinutes(scheduled.schedule)
  if (timeoutSeconds === null || gapMinutes === null || timeoutSeconds <= gapMinutes * 60) return []
  return [{ kind: 'self-overlap', job: scheduled, gapSeconds: gapMinutes * 60, timeoutSeconds }]
}
