import { xdgFolder } from '../../core/own-folders.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { CrontabEntry } from '../../parse/crontab.ts'
import { parseTimerUnit } from '../../parse/timer-unit.ts'
import type { ScheduledJob } from '../../plan/cron-collisions.ts'
import { type CronJob, jobsIn } from '../../plan/cron-jobs.ts'
import { type CrontabFile, readCrontabFiles } from './crontab-files.ts'

/** A start of this toolkit by a crontab line. */
export interface CrontabJob extends ScheduledJob {
  entry: CrontabEntry
  crontabFile: CrontabFile
}

/** A systemd timer of ours. */
export interface Timer {
  unit: string
  /** Between two starts; null where its schedule does not tell. */
  everySeconds: number | null
  /** When its file was written; null: not known. */
  sinceMs: number | null
  /** Of the user's own systemd. */
  isUsers: boolean
  /** Null where systemd cannot be asked. */
  isActive: boolean | null
  jobs: CronJob[]
}

export interface Schedule {
  /** Crontabs that mention this toolkit in a line that is no comment. */
  ours: CrontabFile[]
  jobs: CrontabJob[]
  timers: Timer[]
  unread: string[]
}

/** What starts this toolkit on this host, by cron and by systemd timers. */
export const readSchedule = async (host: Host): Promise<Schedule> => {
  const { files, unread } = await readCrontabFiles(host)
  const jobs = files.flatMap((file) => file.crontab.entries.flatMap((entry) => jobsOf(file, entry)))
  const ours = files.filter(
    (file) =>
      jobs.some(({ crontabFile }) => crontabFile === file) ||
      file.crontab.faults.some(({ text }) => text.includes('oratio-health')),
  )
  return { ours, jobs, timers: await readTimers(host), unread }
}

const jobsOf = (file: CrontabFile, entry: CrontabEntry): CrontabJob[] => {
  // Without a user the command begins where the user belongs; it is a line of ours all the same.
  const found = jobsIn(entry.command)
  const lacksUser = entry.user !== null && found.length === 0
  return (lacksUser ? jobsIn(`${entry.user} ${entry.command}`) : found).map((job) => ({
    file: file.path,
    line: entry.line,
    timing: entry.timing,
    schedule: entry.schedule,
    user: (lacksUser ? null : entry.user) ?? file.owner,
    stateDir: job.stateDir ?? entry.environment.get('ORATIO_STATE_DIR') ?? '',
    job,
    entry,
    crontabFile: file,
  }))
}

const systemFolders = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system']

const readTimers = async (host: Host): Promise<Timer[]> => {
  const own = host.live && host.uid !== 0 ? xdgFolder(host.env, 'XDG_CONFIG_HOME', '.config') : null
  const folders = own === null ? systemFolders : [`${own}/systemd/user`, ...systemFolders]
  const units = new Map<string, string>()
  for (const folder of folders) {
    const names = host.files.list(folder)
    for (const name of names.kind === 'value' ? names.value : [])
      if (/^oratio-health[\w.@-]*\.timer$/.test(name) && !units.has(name)) units.set(name, folder)
  }
  return Promise.all(
    [...units].map(([unit, folder]) =>
      readTimer(host, { unit, folder, isUsers: !systemFolders.includes(folder) }),
    ),
  )
}

interface TimerPlace {
  unit: string
  folder: string
  isUsers: boolean
}

const readTimer = async (host: Host, { unit, folder, isUsers }: TimerPlace): Promise<Timer> => {
  const text = host.files.readText(`${folder}/${unit}`)
  const timer = parseTimerUnit(text.kind === 'value' ? text.value : '')
  const service = host.files.readText(`${folder}/${timer.unit ?? unit.replace(/\.timer$/, '.service')}`)
  // systemd.service(5): `-`, `@`, `:`, `+` and `!` before the path are flags.
  const starts = service.kind === 'value' ? service.value.matchAll(/^ExecStart=[-@:+!]*(.+)$/gm) : []
  return {
    unit,
    everySeconds: timer.everySeconds,
    sinceMs: valueOrNull(host.files.info(`${folder}/${unit}`))?.modifiedAtMs ?? null,
    isUsers,
    isActive: await isActive(host, unit, isUsers),
    jobs: [...starts].flatMap(([, command]) => jobsIn((command ?? '').replaceAll('%%', '%'))),
  }
}

const isActive = async (host: Host, unit: string, isUsers: boolean): Promise<boolean | null> => {
  const manager = isUsers ? ['--user'] : []
  const answer = await host.run(['systemctl', ...manager, 'is-active', '--quiet', unit], { timeoutMs: 5000 })
  return answer.kind === 'value' && answer.value.exitCode !== null ? answer.value.exitCode === 0 : null
}
