import type { Host } from '../../host/host.ts'
import type { CrontabEntry } from '../../parse/crontab.ts'
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

const unitFolders = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system']

const readTimers = async (host: Host): Promise<Timer[]> => {
  const units = new Map<string, string>()
  for (const folder of unitFolders) {
    const names = host.files.list(folder)
    for (const name of names.kind === 'value' ? names.value : [])
      if (/^oratio-health[\w.@-]*\.timer$/.test(name) && !units.has(name)) units.set(name, folder)
  }
  return Promise.all([...units].map(([unit, folder]) => readTimer(host, unit, folder)))
}

const readTimer = async (host: Host, unit: string, folder: string): Promise<Timer> => {
  const timer = host.files.readText(`${folder}/${unit}`)
  const named = timer.kind === 'value' ? /^Unit=(\S+)$/m.exec(timer.value)?.[1] : undefined
  const service = host.files.readText(`${folder}/${named ?? unit.replace(/\.timer$/, '.service')}`)
  // systemd.service(5): `-`, `@`, `:`, `+` and `!` before the path are flags.
  const starts = service.kind === 'value' ? service.value.matchAll(/^ExecStart=[-@:+!]*(.+)$/gm) : []
  return {
    unit,
    isActive: await isActive(host, unit),
    jobs: [...starts].flatMap(([, command]) => jobsIn(command ?? '')),
  }
}

const isActive = async (host: Host, unit: string): Promise<boolean | null> => {
  const answer = await host.run(['systemctl', 'is-active', '--quiet', unit], { timeoutMs: 5000 })
  return answer.kind === 'value' && answer.value.exitCode !== null ? answer.value.exitCode === 0 : null
}
