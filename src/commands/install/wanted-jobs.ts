import type { LoadedConfig } from '../../config/config.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { formatDuration } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { minuteSeconds, type PlannedJob, periodFault, plannedJobs } from '../../plan/schedule.ts'
import type { Place } from '../../plan/schedule-steps.ts'
import type { InstallRecord } from '../../store/install-record.ts'
import type { GlobalOptions } from '../command.ts'
import { absolute } from './surroundings.ts'
import { wantsJournal } from './wants-journal.ts'

/**
 * What is to run when, by the config as it is now.
 *
 * @param every between two checks, as asked for; null: as before
 */
export const wantedJobs = (
  { host, global }: { host: Host; global: GlobalOptions },
  every: number | null,
  loaded: LoadedConfig,
  place: Place,
  before: InstallRecord | null,
): PlannedJob[] => {
  const remembered = before?.checkSeconds ?? minuteSeconds
  // Timers that ran every 30 s, and cron from now on: as often as it can.
  const checkSeconds = every ?? (place === 'timers' ? remembered : Math.max(minuteSeconds, remembered))
  const fault = periodFault(checkSeconds, place === 'timers' ? 'systemd' : 'cron')
  if (fault !== null)
    throw new HealthError(
      exitCode.usage,
      `--every ${formatDuration(checkSeconds)}: ${fault.message}`,
      fault.mend,
    )
  const machineId = host.files.readText('/etc/machine-id')
  return plannedJobs({
    periods: { check: checkSeconds, ...periodsOf(host, loaded, place) },
    seed: `${machineId.kind === 'value' ? machineId.value.trim() : ''} ${host.hostname} ${host.uid}`,
    logDir: absolute(host, global.logDir),
  })
}

/** By the config, of what has something to do. */
const periodsOf = (host: Host, loaded: LoadedConfig, place: Place): Record<string, number | null> => {
  const { cleanup, orphans, services, schedule } = loaded.config
  const idle = [
    ...(cleanup.length > 0 ? [] : ['cleanup-tmp']),
    ...(orphans.length > 0 ? [] : ['kill-orphans']),
    ...(Object.values(services).some(({ features }) => features.limit != null) ? [] : ['limits']),
    ...(wantsJournal(host, loaded) ? [] : ['journal-limits']),
  ]
  const periods = Object.entries(schedule).filter(([command]) => !idle.includes(command))
  for (const [command, seconds] of periods) {
    const fault = seconds === null ? null : periodFault(seconds, place === 'timers' ? 'systemd' : 'cron')
    if (fault !== null)
      throw new HealthError(
        exitCode.badConfig,
        `schedule.${command}: ${formatDuration(seconds ?? 0)}: ${fault.message}`,
        fault.mend,
      )
  }
  return Object.fromEntries(periods)
}
