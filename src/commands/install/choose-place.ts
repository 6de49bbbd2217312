import { exitCode, HealthError } from '../../core/errors.ts'
import type { Scheduler } from '../../core/scheduler.ts'
import type { Host } from '../../host/host.ts'
import { blockLines } from '../../plan/crontab-block.ts'
import { cronFolder, type Place } from '../../plan/schedule-steps.ts'
import { isAnyThere } from '../doctor/found.ts'
import { askedScheduler } from './asked-scheduler.ts'
import type { Observed } from './observe.ts'

/**
 * What was asked for, else what is there from before, else cron where there is one, else systemd.
 *
 * @param remembered of the last install
 * @throws HealthError 64 for another name, 77 and 2 where it cannot be had here, with what can
 */
export const choosePlace = (
  host: Host,
  observed: Observed,
  asked: unknown,
  remembered: Scheduler | null,
): Place => {
  const named = askedScheduler(asked)
  const wanted = named ?? remembered ?? installedOne(observed)
  const cron = cronPlace(host, observed)
  const hasTimers = observed.timers.kind === 'value'
  if (wanted === 'cron') return cron ?? noCron(host, observed, hasTimers)
  if (wanted === 'systemd') return hasTimers ? 'timers' : noSystemd(observed, cron)
  return cron ?? (hasTimers ? 'timers' : neither(host, observed))
}

const installedOne = ({ cronFile, crontab, units }: Observed): Scheduler | null => {
  const hasBlock = crontab.kind === 'value' && crontab.value !== null && blockLines(crontab.value) !== null
  return cronFile !== null || hasBlock ? 'cron' : units.length > 0 ? 'systemd' : null
}

/** A daemon, by its program: one that does not run at the moment is a finding and no reason for another way. */
const daemons = [
  '/usr/sbin/cron',
  '/usr/sbin/crond',
  '/sbin/crond',
  '/usr/sbin/fcron',
  '/usr/lib/systemd/system-generators/systemd-crontab-generator',
]

const cronPlace = (host: Host, { scope, crontab }: Observed): Place | null => {
  // busybox' crond has its own crontab(1) and reads no /etc/cron.d.
  if (scope === 'system' && isAnyThere(host, daemons) && isFolder(host, cronFolder)) return 'cron.d'
  return crontab.kind === 'value' ? 'crontab' : null
}

const isFolder = (host: Host, path: string): boolean => {
  const info = host.files.info(path)
  return info.kind === 'value' && info.value.kind === 'folder'
}

const noCron = (host: Host, observed: Observed, hasTimers: boolean): never => {
  const { crontab } = observed
  const instead = hasTimers ? 'take --scheduler systemd' : 'have root install it'
  if (crontab.kind === 'failed' && crontab.cause === 'denied')
    throw new HealthError(
      exitCode.noPermission,
      `cron does not take a crontab of this user: ${crontab.detail}`,
      `add the name to /etc/cron.allow, or ${instead}`,
    )
  if (crontab.kind === 'failed')
    throw new HealthError(
      exitCode.critical,
      `${crontab.what} ${crontab.detail}; nothing was changed`,
      instead,
    )
  return hasTimers
    ? fail('no cron is installed here', 'take --scheduler systemd, or install one (apt-get install cron)')
    : neither(host, observed)
}

const noSystemd = ({ scope }: Observed, cron: Place | null): never =>
  fail(
    scope === 'user'
      ? 'no systemd of this user answers, so it can have no timers'
      : 'systemd does not run here, so there are no timers',
    [
      ...(scope === 'user' ? ['log in as this user (loginctl enable-linger keeps it running)'] : []),
      cron === null ? 'install a cron (apt-get install cron)' : 'take --scheduler cron',
    ].join(', or '),
  )

const neither = (host: Host, observed: Observed): never => {
  const { crontab } = observed
  if (crontab.kind === 'failed')
    return noCron(host, { ...observed, timers: { kind: 'absent', what: '' } }, false)
  return fail(
    'there is no cron here, and no systemd answers, so nothing could start it; nothing was changed',
    'apt-get install cron; or keep it running by `oratio-health watch`, as a container does',
  )
}

const fail = (message: string, mend: string): never => {
  throw new HealthError(exitCode.critical, message, mend)
}
