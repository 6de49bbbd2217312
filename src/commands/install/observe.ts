import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { absent, type Failed, failed, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { Scheduler } from '../../core/scheduler.ts'
import type { Host } from '../../host/host.ts'
import { parseSystemctlShow } from '../../parse/systemctl-show.ts'
import { schedulableCommands } from '../../plan/schedule.ts'
import {
  type CrontabFault,
  cronFilePath,
  type ScheduleFound,
  type TimerState,
  type UnitFound,
} from '../../plan/schedule-steps.ts'
import { unitFolderOf } from '../unit-folder.ts'
import { type CrontabRead, readCrontab } from './read-crontab.ts'

export type Scope = 'system' | 'user'

/** What of a schedule is on this host, of root or of the user who runs this. */
export interface Observed extends CrontabRead {
  scope: Scope
  /** Null: not there, or not this user's business. */
  cronFile: string | null
  unitFolder: string
  units: UnitFound[]
  /** Folders `oratio-health-….service.d`: what `systemctl edit` made. */
  overrides: string[]
  /** Symlinks `*.wants/oratio-health-….timer`. */
  wants: string[]
  /** By the timer's name; `absent`: no manager is here. */
  timers: Reading<ReadonlyMap<string, TimerState>>
}

const unitName = /^oratio-health-[a-z-]+\.(service|timer)$/

export const observe = async (host: Host): Promise<Observed> => {
  const scope: Scope = host.uid === 0 ? 'system' : 'user'
  const unitFolder = unitFolderOf(host)
  const names = listOf(host, unitFolder)
  const units = names
    .filter((name) => unitName.test(name))
    .sort()
    .flatMap((name): UnitFound[] => {
      const path = `${unitFolder}/${name}`
      const text = textOf(host, path)
      return text === null ? [] : [{ name, path, text }]
    })
  const [read, timers] = await Promise.all([readCrontab(host), readTimers(host, scope)])
  return {
    scope,
    cronFile: scope === 'system' ? textOf(host, cronFilePath) : null,
    ...read,
    unitFolder,
    units,
    overrides: names
      .filter((name) => /^oratio-health-.*\.d$/.test(name))
      .map((name) => `${unitFolder}/${name}`),
    wants: names
      .filter((name) => name.endsWith('.wants'))
      .flatMap((name) => linksOf(host, `${unitFolder}/${name}`)),
    timers,
  }
}

const listOf = (host: Host, folder: string): string[] => {
  const names = host.files.list(folder)
  return names.kind === 'value' ? names.value : []
}

const linksOf = (host: Host, folder: string): string[] =>
  listOf(host, folder)
    .filter((name) => unitName.test(name))
    .map((name) => `${folder}/${name}`)
    .filter((path) => {
      const info = host.files.info(path)
      return info.kind === 'value' && info.value.kind === 'symlink'
    })

/** Null where nothing is. What is there and is not ours to read or no file stands in the way. */
const textOf = (host: Host, path: string): string | null => {
  const info = host.files.info(path)
  if (info.kind === 'absent') return null
  const text = info.kind === 'value' && info.value.kind === 'file' ? host.files.readText(path) : null
  if (text?.kind === 'value') return text.value
  const why = info.kind === 'failed' ? info.detail : text?.kind === 'failed' ? text.detail : 'is no file'
  throw new HealthError(exitCode.critical, `${path}: ${why}; nothing was changed`, 'move it away')
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
    return unanswered(
      host,
      clip(answer.value.stderr.trim().split('\n')[0] ?? '', 200) ||
        `ended with status ${answer.value.exitCode}`,
    )
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

/**
 * For planning.
 *
 * @param before where the last install has put it; null: nobody knows
 */
export const scheduleFound = (observed: Observed, before: Scheduler | null, verb: Verb): ScheduleFound => {
  const { scope, cronFile, crontab, unitFolder, units, wants, timers } = observed
  return {
    cronFile,
    crontab: valueOrNull(crontab),
    crontabFault: crontabFault(observed, before, verb),
    unitFolder,
    units,
    wants,
    timers: valueOrNull(timers),
    managerFault:
      timers.kind === 'failed'
        ? { words: `${timers.what}: ${timers.detail}`, mend: managerMend[scope] }
        : null,
  }
}

type Verb = 'install' | 'uninstall'

/** Whom cron.allow has always left out, and who has timers, has nothing in the crontab as far as anybody can know. */
const crontabFault = (
  { crontab, mayHaveBlock, units }: Observed,
  before: Scheduler | null,
  verb: Verb,
): CrontabFault | null => {
  if (crontab.kind !== 'failed' || !mayHaveBlock) return null
  const isDenied = crontab.cause === 'denied'
  const place = before ?? (units.length > 0 ? 'systemd' : null)
  const isElsewhere = place === 'systemd' || (place === null && verb === 'install')
  return { words: `${crontab.what}: ${crontab.detail}`, isDenied, isInTheWay: !isDenied || !isElsewhere }
}

const managerMend: Record<Scope, string> = {
  system: 'run this again once `systemctl status` answers',
  user: 'run this again from a login of this user, or with XDG_RUNTIME_DIR=/run/user/$(id -u)',
}

/** Without a session a user has no manager: that is no fault of anything. One that runs, by `su` or for a lingering user, has its socket. */
const unanswered = (host: Host, words: string): Failed | ReturnType<typeof absent> =>
  host.uid === 0 || host.files.info(`/run/user/${host.uid}/systemd/private`).kind !== 'absent'
    ? failed('io', 'systemctl', words)
    : absent('a systemd of this user')
