import { checksum } from '../core/checksum.ts'
import type { Scheduler } from '../core/scheduler.ts'

export interface ScheduleFacts {
  /** Between two starts, in seconds, of each command that has something to do; null or not there: it is not started. */
  periods: Readonly<Record<string, number | null>>
  /** What tells this host from others; the same one gives the same times. */
  seed: string
  /** Where the weekly page goes. */
  logDir: string
}

/** A command that is to be started again and again. */
export interface PlannedJob {
  command: string
  /** Behind the verb. */
  args: readonly string[]
  everySeconds: number
  /** From the beginning of each period (of a minute, an hour, a day or a week) to the start. */
  at: StartTime
}

/** Never minute 0, when everybody's jobs run. `minute` is within the period when that is less than an hour. */
export interface StartTime {
  second: number
  minute: number
  hour: number
  /** 0 is Sunday. */
  weekday: number
}

export const minuteSeconds = 60
export const hourSeconds = 3600
export const daySeconds = 86_400
export const weekSeconds = 7 * daySeconds

/** What stands behind the verb. */
const argsOf: Readonly<Record<string, (logDir: string) => readonly string[]>> = {
  check: () => [],
  'cleanup-tmp': () => [],
  'kill-orphans': () => [],
  limits: () => ['apply'],
  'journal-limits': () => [],
  'crash-report': () => ['--since', '7d', '-q'],
  report: (logDir) => ['--since', '7d', '-q', '-o', `${logDir}/week.html`],
}

/** All that a schedule of ours may start. */
export const schedulableCommands: readonly string[] = Object.keys(argsOf)

/** What runs when, in the order in which it is told. */
export const plannedJobs = ({ periods, seed, logDir }: ScheduleFacts): PlannedJob[] =>
  Object.entries(argsOf).flatMap(([command, args]) => {
    const everySeconds = periods[command] ?? null
    return everySeconds === null
      ? []
      : [{ command, args: args(logDir), everySeconds, at: startTime(`${seed} ${command}`, everySeconds) }]
  })

/** `check` ends within 50 s: with less than 10 s of delay it fits its minute. */
const mostDelaySeconds = (everySeconds: number): number => (everySeconds <= minuteSeconds ? 9 : 50)

const startTime = (seed: string, everySeconds: number): StartTime => {
  const pick = (what: string, from: number, count: number): number =>
    from + (Number.parseInt(checksum(`${what} ${seed}`), 16) % Math.max(1, count))
  const minutes = everySeconds / minuteSeconds
  const hours = everySeconds / hourSeconds
  return {
    second: pick('second', 1, mostDelaySeconds(everySeconds)),
    minute: minutes <= 1 ? 0 : minutes < 60 ? pick('minute', 1, minutes - 1) : pick('minute', 1, 59),
    // By night and after the hour that a change of the clock leaves out or repeats.
    hour: hours < 24 ? pick('hour', 0, hours) : pick('hour', 4, 2),
    weekday: pick('weekday', 0, 7),
  }
}

/** Periods that divide a minute, an hour or a day, so that each of these has the same starts; and a week. */
const divides = (seconds: number): boolean =>
  seconds < minuteSeconds
    ? seconds >= 10 && minuteSeconds % seconds === 0
    : seconds < hourSeconds
      ? seconds % minuteSeconds === 0 && hourSeconds % seconds === 0
      : seconds === weekSeconds || (seconds % hourSeconds === 0 && daySeconds % seconds === 0)

/** Why a command cannot be started this often; null when it can. */
export const periodFault = (
  seconds: number,
  scheduler: Scheduler,
): { message: string; mend: string } | null => {
  if (scheduler === 'cron' && seconds > 0 && seconds < minuteSeconds)
    return { message: 'cron starts nothing more often than once a minute', mend: 'take --scheduler systemd' }
  return divides(seconds)
    ? null
    : {
        message: 'that period divides no minute, hour or day, so its starts would not be even',
        mend: 'take 10s, 15s, 20s, 30s (timers), 1m, 2m, 5m, 10m, 15m, 30m, 1h, 2h, 6h, 12h, 1d or 1week',
      }
}
