import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { absent, type Failed, failed, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parseSystemctlShow } from '../../parse/systemctl-show.ts'
import { schedulableCommands } from '../../plan/schedule.ts'
import {
  cronFilePath,
  type ScheduleFound,
  type TimerState,
  type UnitFound,
} from '../../plan/schedule-steps.ts'
import { unitFolderOf } from '../unit-folder.ts'

export type Scope = 'system' | 'user'

/** What of a schedule is on this host, of root or of the user who runs this. */
export interface Observed {
  scope: Scope
  /** Null: not there, or not this user's business. */
  cronFile: string | null
  /** The user's own crontab, null: none. `absent`: crontab(1) is not installed. */
  crontab: Reading<string | null>
  unitFolder: string
  units: UnitFound[]
  /** Folders `oratio-health-….service.d`: what `systemctl edit` made. */
  overrides: string[]
  /** By the timer's name; `absent`: no manager answers. */
  timers: Reading<ReadonlyMap<string, TimerState>>
}

export const observe = async (host: Host): Promise<Observed> => {
  const scope: Scope = host.uid === 0 ? 'system' : 'user'
  const unitFolder = unitFolderOf(host)
  const names = listOf(host, unitFolder)
  const units = names
    .filter((name) => /^oratio-health-[a-z-]+\.(service|timer)$/.test(name))
    .sort()
    .flatMap((name): UnitFound[] => {
      const path = `${unitFolder}/${name}`
      const text = textOf(host, path)
      return text === null ? [] : [{ name, path, text }]
    })
  const [crontab, timers] = await Promise.all([readCrontab(host), readTimers(host, scope)])
  return {
    scope,
    cronFile: scope === 'system' ? textOf(host, cronFilePath) : null,
    crontab,
    unitFolder,
    units,
    overrides: names
      .filter((name) => /^oratio-health-.*\.d$/.test(name))
      .map((name) => `${unitFolder}/${name}`),
    timers,
  }
}

const listOf = (host: Host, folder: string): string[] => {
  const names = host.files.list(folder)
  return names.kind === 'value' ? names.value : []
}

/** Null where nothing is. What is there and is not ours to read or no file stands in the way. */
const textOf = (host: Host, path: string): string | null => {
  const info = host.files.info(path)
  if (info.kind === 'absent') return null
  const text = info.kind === 'value' && info.value.kind === 'file' ? host.files.readText(path) : null
  if (text?.kind === 'value') return text.value
  const why = info.kind === 'failed' ? info.detail : text?.kind === 'failed' ? text.detail : 'is no file'
  throw new HealthError(exitCode.critical, `${path}: ${why}; nothing was changed`, 'move it away')
}

/** `crontab -l` ends with 1 both without a crontab and where cron.allow forbids it; the words tell. */
const readCrontab = async (host: Host): Promise<Reading<string | null>> => {
  const answer = await host.run(['crontab', '-l'], bounds)
  if (answer.kind === 'failed' && answer.cause === 'tool-missing') return absent('crontab')
  if (answer.kind !== 'value') return answer
  const { exitCode: status, stdout, stderr, truncated } = answer.value
  if (truncated) return failed('malformed', 'the crontab', 'is larger than 4 MiB')
  if (status === 0) {
    if (stdout.includes('\ufffd'))
      return failed('malformed', 'the crontab', 'is not UTF-8, so it could not be written back to the byte')
    return stdout.includes('\\r') ? trueText(host, stdout) : value(stdout)
  }
  const words = clip(stderr.trim().split('\n')[0] ?? '', 200)
  if (/no crontab/i.test(words)) return value(null)
  return failed(/not allowed|denied|authori[sz]ed/i.test(words) ? 'denied' : 'io', 'crontab', words)
}

const bounds = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 }

/** Debian's `crontab -l` prints a CR as the two characters `\\r`, as which it would be written back; an editor gets the CR. */
const trueText = async (host: Host, listed: string): Promise<Reading<string>> => {
  const answer = await host.run(['env', 'VISUAL=cat', 'EDITOR=cat', 'crontab', '-e'], bounds)
  const text = answer.kind === 'value' ? answer.value.stdout : ''
  if (text === listed || text.replaceAll('\r', '\\r') === listed) return value(text)
  return failed('malformed', 'the crontab', 'may have CR line ends, and could not be read to the byte')
}

const readTimers = async (host: Host, scope: Scope): Promise<Observed['timers']> => {
  if (scope === 'system' && host.files.info('/run/systemd/system').kind !== 'value') return absent('systemd')
  const answer = await host.run(
    [
      'systemctl',
      ...(scope === 'user' ? ['--user'] : []),
      'show',
      '--property=Id,UnitFileState,ActiveState,NeedDaemonReload',
      '--',
      ...schedulableCommands.map((command) => `oratio-health-${command}.timer`),
    ],
    { timeoutMs: 10_000 },
  )
  if (answer.kind !== 'value')
    return answer.kind === 'failed' && answer.cause === 'tool-missing' ? absent('systemd') : answer
  if (answer.value.exitCode !== 0)
    return unanswered(scope, clip(answer.value.stderr.trim().split('\n')[0] ?? '', 200))
  return value(
    new Map(
      parseSystemctlShow(answer.value.stdout).map((block) => [
        block.Id ?? '',
        {
          isEnabled: block.UnitFileState === 'enabled',
          isActive: block.ActiveState === 'active',
          needsReload: block.NeedDaemonReload === 'yes',
        },
      ]),
    ),
  )
}

/** For planning: what could not be asked is as if it were not there, which the choice of a place has looked at. */
export const scheduleFound = ({ cronFile, crontab, unitFolder, units, timers }: Observed): ScheduleFound => ({
  cronFile,
  crontab: valueOrNull(crontab),
  unitFolder,
  units,
  timers: valueOrNull(timers),
})

/** Without a session a user has no manager: that is no fault of anything. */
const unanswered = (scope: Scope, words: string): Failed | ReturnType<typeof absent> =>
  scope === 'user' ? absent('a systemd of this user') : failed('io', 'systemctl', words)
