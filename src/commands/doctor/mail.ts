import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { type Examination, fine, type Subject, warning } from './examination.ts'
import { isThere, testPath } from './found.ts'
import { placeOf } from './line-faults.ts'
import type { CrontabJob } from './read-schedule.ts'

/** Debian's cron asks for the first alone; the second is where programs looked before the FHS. */
const sendmails = ['/usr/sbin/sendmail', '/usr/lib/sendmail']

/** What cron's jobs print goes out by the host's sendmail, to MAILTO or to the crontab's owner. */
export const mail: Examination = {
  name: 'mail',
  async examine(subject) {
    return [...(canBeTold(subject.host) ? await byCron(subject) : []), ...timersTellNobody(subject)]
  },
}

const byCron = async (subject: Subject): Promise<Verdict[]> => {
  const sendmail = await findSendmail(subject.host)
  const isTold = hasTargets(subject)
  const speaking = subject.schedule.jobs.filter(({ entry }) => !isSilenced(entry.command))
  if (sendmail === null) {
    if (speaking.length === 0 && !wantsEmail(subject)) return [fine('no sendmail, and nothing here needs it')]
    if (isTold && !wantsEmail(subject))
      return [fine('no sendmail; the notify targets of the config tell of problems')]
    return [
      warning(
        'no sendmail: what cron jobs print is thrown away, and e-mail cannot be sent',
        'apt-get install msmtp-mta (or postfix), or name a notify target in the config',
      ),
    ]
  }
  const untold = isTold ? [] : speaking.filter(({ entry }) => !entry.environment.get('MAILTO'))
  const [first] = untold
  return [
    fine(`${sendmail} is there`),
    ...(first === undefined
      ? []
      : [warning(mailtoWords(first), 'set MAILTO=you@example.org above the line')]),
  ]
}

/** What a timer's service prints goes into the journal alone, which nobody reads before it is too late. */
export const timersTellNobody = ({ host, config, schedule }: Subject): Verdict[] => {
  if (config.kind !== 'loaded') return []
  const { notify, metrics } = config.loaded.config
  if (notify.targets.length > 0 || metrics.textfile !== null) return []
  const isUser = host.live && host.uid !== 0
  const isCheckByTimer = schedule.timers.some(
    ({ isUsers, isActive, jobs }) =>
      isUsers === isUser && isActive !== false && jobs.some(({ command }) => command === 'check'),
  )
  const isCheckByCron = schedule.jobs.some(({ job }) => job.command === 'check')
  return isCheckByTimer && !isCheckByCron
    ? [
        warning(
          'timers start `check`, and what they print goes into the journal alone: without a notify target in the config nobody is told of problems',
          'name one under `notify:`, or have Prometheus read `metrics.textfile`',
        ),
      ]
    : []
}

/** A capture of /proc, /sys and /etc alone does not show which programs there were. */
const canBeTold = (host: Host): boolean => host.live || isThere(host, '/usr/sbin')

const mailtoWords = (job: CrontabJob): string =>
  job.entry.environment.get('MAILTO') === ''
    ? `${placeOf(job)}: MAILTO is empty and the config has no notify target, so nobody is told of problems`
    : `${placeOf(job)}: MAILTO is not set, so problems go to the local mailbox of ${job.user}`

/** A link may lead nowhere: alternatives of a mailer that was removed. */
const findSendmail = async (host: Host): Promise<string | null> => {
  for (const path of sendmails)
    if (isThere(host, path) && (await testPath(host, '-x', path)) !== false) return path
  return null
}

const targetsOf = ({ config }: Subject): unknown[] =>
  config.kind === 'loaded' ? config.loaded.config.notify.targets : []

const hasTargets = (subject: Subject): boolean => targetsOf(subject).length > 0

const wantsEmail = (subject: Subject): boolean =>
  targetsOf(subject).some(
    (target) =>
      typeof target === 'object' &&
      target !== null &&
      (('type' in target && target.type === 'email') || 'email' in target),
  )

/** Both streams of the line go elsewhere: `>/dev/null 2>&1`, `&>> file`, `>> log 2>&1`, or `| logger`. */
const isSilenced = (command: string): boolean =>
  /2>\s*&1|&>|2>>?\s*\S/.test(command) || /\|\s*(logger|systemd-cat)\b/.test(command)
