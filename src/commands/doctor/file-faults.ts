import { clip } from '../../core/escape.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import type { CrontabFile } from './crontab-files.ts'
import { critical, warning } from './examination.ts'

interface About {
  isDebian: boolean
  isLive: boolean
  /** The names known on this host. */
  accounts: ReadonlySet<string>
}

/**
 * Why cron would not read a crontab of ours, or not as it is meant. Debian's cron ignores a whole file for one wrong
 * line, an unknown user or a missing newline at its end ("this crontab file will be ignored"); others go on. All of
 * it, names and modes too, was tried with a running cron 3.0pl1-162.
 */
export const fileFaults = (file: CrontabFile, about: About): Verdict[] => {
  const { path, crontab } = file
  const verdict = about.isDebian ? critical : warning
  const consequence = about.isDebian ? '; cron ignores the whole file' : ''
  const [fault] = crontab.faults
  return [
    ...(fault
      ? [
          verdict(
            `${path} line ${fault.line}: ${clip(fault.message, 80)}${consequence}`,
            emptyAssignment.test(fault.text)
              ? 'write two quotes for an empty value: NAME=""'
              : 'correct the line, or put a # before it',
          ),
        ]
      : []),
    ...userFault(file, about.accounts, consequence),
    ...(crontab.endsWithNewline
      ? []
      : [verdict(`${path} has no newline at its end${consequence}`, `echo >> ${path}`)]),
    ...(crontab.windowsLineEnds
      ? [
          critical(
            `${path} has Windows line ends: cron hands the carriage return to the command`,
            `sed -i 's/\\r$//' ${path}`,
          ),
        ]
      : []),
    ...(about.isDebian ? nameFault(path) : []),
    // A captured host's files have the owner of whoever unpacked them.
    ...(about.isLive ? ownerFault(file, about.isDebian) : []),
  ]
}

const emptyAssignment = /^\s*\w+\s*=\s*$/

/** What stands where the user belongs when the user was left out. */
const looksLikeCommand = /[/=]|^(oratio-health|npx|node|sleep|cd|nice|env|flock|test)$/

const userFault = (
  { path, crontab }: CrontabFile,
  accounts: ReadonlySet<string>,
  consequence: string,
): Verdict[] => {
  const entry = crontab.entries.find(({ user }) => user !== null && !accounts.has(user))
  if (entry === undefined) return []
  const user = clip(entry.user ?? '', 40)
  return [
    looksLikeCommand.test(user)
      ? critical(
          `${path} line ${entry.line} has no user: cron takes \`${user}\` for the user's name${consequence}`,
          'write the user after the five time fields, e.g. `* * * * * root oratio-health check`',
        )
      : critical(
          `${path} line ${entry.line} is for the user \`${user}\`, who does not exist${consequence}`,
          'name an existing user',
        ),
  ]
}

/** cron(8) on Debian: names in /etc/cron.d are of letters, digits, `_` and `-`, as for run-parts. */
const nameFault = (path: string): Verdict[] => {
  const name = /^\/etc\/cron\.d\/(.+)$/.exec(path)?.[1]
  if (name === undefined || /^[A-Za-z0-9_-]+$/.test(name)) return []
  return [
    critical(
      `cron ignores ${path}: a name in that folder may only have letters, digits, _ and -`,
      `mv ${path} /etc/cron.d/oratio-health`,
    ),
  ]
}

/** What cron logs as WRONG FILE OWNER and INSECURE MODE; of a link it looks at the target, which we do not. */
const ownerFault = ({ path, form, info }: CrontabFile, isDebian: boolean): Verdict[] => {
  if (info === null || info.kind !== 'file') return []
  if (form === 'system' && (info.uid !== 0 || (info.mode & 0o022) !== 0))
    return [
      critical(
        `cron ignores ${path}: it must belong to root and be writable by nobody else`,
        `chown root: ${path} && chmod 644 ${path}`,
      ),
    ]
  if (form === 'user' && isDebian && info.mode !== 0o600)
    return [critical(`cron ignores ${path}: its mode must be 0600`, `chmod 600 ${path}`)]
  return []
}
