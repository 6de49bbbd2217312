import { everRuns } from '../../parse/cron-schedule.ts'
import { simpleCommands } from '../../parse/shell-words.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { critical, warning } from './examination.ts'
import type { CrontabJob } from './read-schedule.ts'

/** `/etc/cron.d/oratio-health line 3`. */
export const placeOf = ({ file, line }: { file: string; line: number }): string => `${file} line ${line}`

/** What is wrong with a line of ours by itself. `accounts` are the names known on this host. */
export const lineFaults = (job: CrontabJob, accounts: ReadonlySet<string>): Verdict[] => {
  const { entry } = job
  const place = placeOf(job)
  return [
    ...userFaults(job, place, accounts),
    ...(entry.schedule !== 'reboot' && !everRuns(entry.schedule)
      ? [critical(`${place} never runs: no day has \`${entry.timing}\``, 'write ranges from low to high')]
      : []),
    ...(entry.input === null
      ? []
      : [
          warning(
            `${place}: the command ends at the first %, the rest goes to its standard input`,
            'write \\% for a percent sign',
          ),
        ]),
    ...(entry.command.trimEnd().endsWith('\\')
      ? [
          critical(
            `${place} ends in a backslash, but crontabs have no continued lines`,
            'write it as one line',
          ),
        ]
      : []),
  ]
}

const userFaults = (job: CrontabJob, place: string, accounts: ReadonlySet<string>): Verdict[] => {
  if (job.entry.user !== null) return []
  const [first = '', second = ''] = simpleCommands(job.entry.command)[0] ?? []
  if (!accounts.has(first) || second !== (job.job.interpreter ?? job.job.program)) return []
  return [
    critical(
      `${place}: \`${first}\` is run as a command, as a user's crontab has no user field`,
      `take \`${first}\` out of the line`,
    ),
  ]
}
