import { hourSeconds, minuteSeconds, type PlannedJob, weekSeconds } from './schedule.ts'
import { sealed } from './sealed-text.ts'

/** How a job is started: the program and its interpreter, and the options every job gets (`--config …`). */
export interface Starter {
  program: readonly string[]
  options: readonly string[]
  /** DOCKER_HOST, where the engine is elsewhere; cron and systemd hand nothing on. */
  engine?: string | null
}

/** cron's own PATH is /usr/bin:/bin; npm installs to /usr/local/bin, and hooks want what an administrator has. */
export const jobPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The whole of /etc/cron.d/oratio-health. */
export const cronFileText = (jobs: readonly PlannedJob[], starter: Starter): string =>
  sealed(
    [
      `PATH=${jobPath}`,
      'MAILTO=root',
      ...engineOf(starter),
      '',
      ...jobs.map((job) => `${cronTiming(job)} root ${cronCommand(job, starter)}`),
      '',
    ].join('\n'),
  )

/** Lines for a user's crontab. An assignment there would hold for all lines below, so PATH is set in each line. */
export const crontabLines = (jobs: readonly PlannedJob[], starter: Starter): string[] =>
  jobs.map(
    (job) =>
      `${cronTiming(job)} ${cronCommand(job, starter, [`PATH=${jobPath}`, ...engineOf(starter), ''].join(' '))}`,
  )

const engineOf = ({ engine }: Starter): string[] => (engine ? [`DOCKER_HOST=${shellWord(engine)}`] : [])

/** The five time fields. */
export const cronTiming = ({ everySeconds, at }: PlannedJob): string => {
  const minutes = everySeconds / minuteSeconds
  if (minutes <= 1) return '* * * * *'
  if (minutes < 60) return `${at.minute}-59/${minutes} * * * *`
  const hours = everySeconds / hourSeconds
  if (hours === 1) return `${at.minute} * * * *`
  if (hours < 24) return `${at.minute} ${at.hour}-23/${hours} * * *`
  return `${at.minute} ${at.hour} * * ${everySeconds >= weekSeconds ? at.weekday : '*'}`
}

/** The second of the start is a `sleep`: cron starts all jobs of a minute in its first second. */
const cronCommand = (job: PlannedJob, starter: Starter, before = ''): string => {
  const words = [...starter.program, job.command, ...job.args, ...starter.options]
  return escapePercent(`sleep ${job.at.second}; ${before}${words.map(shellWord).join(' ')}`)
}

/** For cron a bare % ends the command, inside of quotes too (crontab(5)). */
const escapePercent = (line: string): string => line.replaceAll('%', '\\%')

const shellWord = (word: string): string =>
  /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** Debian's cron takes no longer command. */
const maxCommandLength = 998

/** Why a line of this starter would not do what it says; null when it would. */
export const starterFault = (jobs: readonly PlannedJob[], starter: Starter): string | null => {
  const words = [...starter.program, ...starter.options, ...(starter.engine ? [starter.engine] : [])]
  if (words.some((word) => /[\u0000-\u001f\u007f]/.test(word)))
    return 'a path has a control character in it, which no crontab can hold'
  // `\%` is cron's own escape, and `\\%` is not one.
  if (words.some((word) => word.includes('\\')))
    return 'a path has a backslash in it, which a crontab cannot hold for certain'
  const longest = Math.max(0, ...crontabLines(jobs, starter).map((line) => line.length))
  return longest > maxCommandLength ? `the line would be longer than ${maxCommandLength} characters` : null
}
