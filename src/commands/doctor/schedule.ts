import type { LoadedConfig } from '../../config/config.ts'
import { formatDuration } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { shortestGapMinutes } from '../../parse/cron-schedule.ts'
import { simpleCommands } from '../../parse/shell-words.ts'
import { collisionsOf } from '../../plan/cron-collisions.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { wantsJournal } from '../install/wants-journal.ts'
import { knownAccounts } from './accounts.ts'
import { collisionVerdict } from './collision-words.ts'
import type { CrontabFile } from './crontab-files.ts'
import { critical, type Examination, fine, warning } from './examination.ts'
import { fileFaults } from './file-faults.ts'
import { isAnyThere, isThere } from './found.ts'
import { lineFaults, placeOf } from './line-faults.ts'
import { programFaults, timerProgramFaults } from './programs.ts'
import type { CrontabJob, Schedule, Timer } from './read-schedule.ts'

const mostOfOneKind = 10

/** The lines and timers that start this toolkit: would cron take them, find the program, and do they get along? */
export const schedule: Examination = {
  name: 'schedule',
  async examine({ host, global, config, schedule: found }) {
    // A capture may be without any crontab: then nothing can be said of them.
    if (!host.live && !isAnyThere(host, ['/etc/crontab', '/etc/cron.d', '/var/spool/cron'])) return []
    const accounts = await knownAccounts(host, found.ours.flatMap(namesIn))
    const about = { isDebian: isThere(host, '/etc/debian_version'), isLive: host.live, accounts }
    const programs = await Promise.all(
      found.jobs.slice(0, mostOfOneKind * 2).map((job) => programFaults(host, job)),
    )
    const gone = await Promise.all(found.timers.map((timer) => timerProgramFaults(host, timer)))
    return [
      summary(found),
      ...found.ours.flatMap((file) => fileFaults(file, about)),
      ...atMost(found.jobs.flatMap((job) => lineFaults(job, accounts))),
      ...atMost(programs.flat()),
      ...atMost(collisionsOf(found.jobs).map(collisionVerdict)),
      ...found.timers.flatMap((timer) => timerFaults(timer, found.jobs)),
      ...gone.flat(),
      ...(config.kind === 'loaded' ? notStarted(host, config.loaded, found) : []),
      ...(config.kind === 'loaded' && found.timers.length > 0
        ? (await import('./units.ts')).unitFaults(host, global, config.loaded)
        : []),
    ]
  },
}

/** Words that are, or may be meant as, accounts. */
const namesIn = ({ crontab }: CrontabFile): string[] =>
  crontab.entries.flatMap(({ user, command }) =>
    user === null ? (simpleCommands(command)[0] ?? []).slice(0, 1) : [user],
  )

const atMost = (verdicts: readonly Verdict[]): Verdict[] => {
  const more = verdicts.length - mostOfOneKind
  return more <= 0
    ? [...verdicts]
    : [
        ...verdicts.slice(0, mostOfOneKind),
        warning(`${more} more of the kind in crontab lines`, 'mend the ones above, then look again'),
      ]
}

const summary = ({ jobs, timers, unread }: Schedule): Verdict => {
  const hidden = unread.length === 0 ? '' : `; not readable for this user: ${unread.slice(0, 3).join(', ')}`
  const left = Math.max(0, jobs.length - mostOfOneKind)
  const texts = [
    ...jobs.slice(0, mostOfOneKind).map(jobText),
    ...(left > 0 ? [`${left} more`] : []),
    ...timers.map(timerText),
  ]
  return texts.length === 0
    ? fine(
        `nothing starts oratio-health by itself${hidden}`,
        '`oratio-health install` sets it up; crontab.example shows the lines',
      )
    : fine(`${texts.join('; ')}${hidden}`)
}

const jobText = (job: CrontabJob): string => {
  const gap = job.schedule === 'reboot' ? null : shortestGapMinutes(job.schedule)
  const often = gap === null ? job.timing : `every ${formatDuration(gap * 60)}`
  return `\`${job.job.command}\` ${often} as ${job.user} (${placeOf(job)})`
}

const timerText = ({ unit, everySeconds }: Timer): string =>
  everySeconds === null ? `timer ${unit}` : `timer ${unit} every ${formatDuration(everySeconds)}`

/** A section that was added after the schedule was made. */
const notStarted = (host: Host, loaded: LoadedConfig, { jobs, timers }: Schedule): Verdict[] => {
  const { cleanup, orphans, services, schedule: periods } = loaded.config
  const started = [...jobs.map(({ job }) => job), ...timers.flatMap((timer) => timer.jobs)].map(
    ({ command }) => command,
  )
  if (started.length === 0) return []
  const wanted = [
    { section: 'cleanup', command: 'cleanup-tmp', has: cleanup.length > 0 },
    { section: 'orphans', command: 'kill-orphans', has: orphans.length > 0 },
    { section: 'journal', command: 'journal-limits', has: wantsJournal(host, loaded) },
    {
      section: 'limit',
      command: 'limits',
      has: Object.values(services).some(({ features }) => features.limit != null),
    },
    { section: 'schedule.report', command: 'report', has: periods.report != null },
  ]
  return wanted
    .filter(({ command, has }) => has && periods[command] !== null && !started.includes(command))
    .map(({ section, command }) =>
      warning(
        `the config has \`${section}:\`, but nothing starts \`${command}\``,
        'oratio-health install brings the schedule up to the config',
      ),
    )
}

const timerFaults = (timer: Timer, jobs: readonly CrontabJob[]): Verdict[] => [
  ...(timer.isActive === false
    ? [
        critical(
          `the timer ${timer.unit} is not active, so it starts nothing`,
          `systemctl ${timer.isUsers ? '--user ' : ''}enable --now ${timer.unit}`,
        ),
      ]
    : []),
  ...timer.jobs.flatMap(({ command }) => {
    // Of another user it looks at other things, and has a state of its own.
    const same = jobs.find(({ job, user }) => job.command === command && (user === 'root') !== timer.isUsers)
    return same && timer.isActive !== false
      ? [
          warning(
            `\`${command}\` is started by the timer ${timer.unit} and by ${placeOf(same)}`,
            'keep one of the two',
          ),
        ]
      : []
  }),
]
