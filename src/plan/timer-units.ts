import type { Starter } from './cron-lines.ts'
import { daySeconds, hourSeconds, minuteSeconds, type PlannedJob, weekSeconds } from './schedule.ts'
import { sealed } from './sealed-text.ts'
import { type Surroundings, serviceLimits } from './unit-limits.ts'

export interface UnitFile {
  name: string
  content: string
}

export const unitName = (command: string): string => `oratio-health-${command}`

/** A timer and a service for each job. */
export const unitFiles = (
  jobs: readonly PlannedJob[],
  starter: Starter,
  surroundings: Surroundings,
): UnitFile[] =>
  jobs.flatMap((job) => [
    { name: `${unitName(job.command)}.service`, content: sealed(serviceText(job, starter, surroundings)) },
    { name: `${unitName(job.command)}.timer`, content: sealed(timerText(job)) },
  ])

/** One document holds both: most seconds of a run, and the statuses that are verdicts and no failure of the unit. */
const serviceText = (job: PlannedJob, starter: Starter, surroundings: Surroundings): string =>
  [
    '[Unit]',
    `Description=oratio-health ${job.command}`,
    // A pipe that is not there yet (a unit, the engine) is what check reports, so nothing is required.
    'After=docker.service podman.socket systemd-journald.service',
    '',
    '[Service]',
    'Type=oneshot',
    ...(starter.engine ? [`Environment=${unitWord(`DOCKER_HOST=${starter.engine}`)}`] : []),
    `ExecStart=${[...starter.program, job.command, ...job.args, ...starter.options].map(unitWord).join(' ')}`,
    '# 1, 2 and 3 are its verdicts on the host, 75 is another run of the same.',
    'SuccessExitStatus=1 2 3 75',
    `TimeoutStartSec=${timeoutMinutes[job.command] ?? 15}min`,
    ...serviceLimits(job.command, surroundings),
    '',
  ].join('\n')

/** Above what each takes at most by itself: a restart that has begun is not cut off by --timeout. */
const timeoutMinutes: Readonly<Record<string, number>> = { check: 30, 'cleanup-tmp': 20 }

const timerText = (job: PlannedJob): string => {
  const isOften = job.everySeconds <= minuteSeconds
  return [
    '[Unit]',
    `Description=oratio-health ${job.command}, ${everyWords(job.everySeconds)}`,
    '',
    '[Timer]',
    `OnCalendar=${calendarOf(job)}`,
    `AccuracySec=${isOften ? 1 : 30}s`,
    '# The same on each run, different from host to host.',
    `RandomizedDelaySec=${Math.min(60, Math.max(2, Math.floor(job.everySeconds / 6)))}s`,
    'FixedRandomDelay=true',
    // A look at the host that was missed is of no use later; a day's or a week's job is.
    ...(job.everySeconds >= daySeconds ? ['Persistent=true'] : []),
    '',
    '[Install]',
    'WantedBy=timers.target',
    '',
  ].join('\n')
}

/** systemd.time(7). */
export const calendarOf = ({ everySeconds, at }: PlannedJob): string => {
  const two = (n: number): string => String(n).padStart(2, '0')
  if (everySeconds < minuteSeconds) return `*-*-* *:*:00/${everySeconds}`
  const minutes = everySeconds / minuteSeconds
  if (minutes === 1) return '*-*-* *:*:00'
  if (minutes < 60) return `*-*-* *:${two(at.minute)}/${minutes}:00`
  const hours = everySeconds / hourSeconds
  if (hours === 1) return `*-*-* *:${two(at.minute)}:00`
  if (hours < 24) return `*-*-* ${two(at.hour)}/${hours}:${two(at.minute)}:00`
  const day = everySeconds >= weekSeconds ? `${weekdays[at.weekday % 7]} ` : ''
  return `${day}*-*-* ${two(at.hour)}:${two(at.minute)}:00`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

export const everyWords = (seconds: number): string => {
  if (seconds === weekSeconds) return 'every week'
  if (seconds === daySeconds) return 'every day'
  if (seconds % hourSeconds === 0)
    return seconds === hourSeconds ? 'every hour' : `every ${seconds / hourSeconds} hours`
  if (seconds % minuteSeconds !== 0) return `every ${seconds} seconds`
  return seconds === minuteSeconds ? 'every minute' : `every ${seconds / minuteSeconds} minutes`
}

/** systemd.service(5), "Command lines": `%` and `$` are its own. */
const unitWord = (word: string): string => {
  const text = word.replaceAll('%', '%%').replaceAll('$', () => '$$')
  return /^[\w@+=:,./%$-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
