import { flag } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import type { RestartSettings, ServiceFacts } from '../core/service.ts'
import type { ServiceCheck } from './check.ts'

/** systemd's own RestartSec (systemd.service(5)); nobody has to have chosen it. */
const defaultDelaySeconds = 0.1
const hammersBelowSeconds = 1
/** A mended start limit still sees a service that lives so long between two crashes. */
const livesSeconds = 60
const repeatedly = 3

/**
 * Do the restart settings of a unit hammer, or hide that it keeps crashing (incident P)? Of units in the config, and of
 * those that systemd did restart.
 */
export const serviceRestartSettings: ServiceCheck<boolean> = {
  scope: 'service',
  name: 'restart_settings',
  key: 'restart_settings',
  limits: flag('Judge RestartSec and the start limit of its unit', true),

  judge(service, wanted): Finding[] {
    const { restartSettings: settings, configured } = service
    const didRestart = restartsOf(service) > 0
    if (!wanted || settings === undefined || settings.restart === 'no' || settings.delaySeconds === null)
      return []
    if (!configured && !didRestart) return []
    const facts: Facts = { ...settings, delaySeconds: settings.delaySeconds }
    const endless = endlessOf(facts)
    const hammers = hammersOf(facts, didRestart || endless !== null)
    const outlived = endless === null ? outlivedOf(facts, service) : null
    return [hammers, endless, outlived].filter((finding) => finding !== null)
  },
}

type Facts = RestartSettings & { delaySeconds: number }

const finding = (code: string, value: number, args: NonNullable<Finding['args']>): Finding => ({
  check: 'restart_settings',
  code,
  status: 'warning',
  value,
  unit: 'seconds',
  warn: null,
  crit: null,
  args,
})

/** With systemd's defaults (100 ms, 5 starts in 10 s) a unit gives up in half a second: that alone is no fault. */
const hammersOf = (settings: Facts, isProven: boolean): Finding | null => {
  const { restart, delaySeconds } = settings
  if (delaySeconds >= (isProven ? hammersBelowSeconds : defaultDelaySeconds)) return null
  return finding('hammers', delaySeconds, { restart, wantedDelaySeconds: 5 })
}

/**
 * systemd refuses the start that follows `burst` others within the interval (systemd.unit(5)); even if each crashes at
 * once they are RestartSec apart. Either of the two at 0 switches the limit off.
 */
const endlessOf = (settings: Facts): Finding | null => {
  const { delaySeconds, limitIntervalSeconds: interval, limitBurst: burst } = settings
  if (interval === null || burst === null) return null
  if (interval > 0 && burst > 0 && burst * delaySeconds < interval) return null
  return finding('endless', interval, { ...argsOf(settings, burst), ...wanted(settings, livesSeconds) })
}

/** The limit would trigger for one that crashes at once; this one lives longer, and so is restarted for ever. */
const outlivedOf = (settings: Facts, service: ServiceFacts): Finding | null => {
  const { delaySeconds, limitIntervalSeconds: interval, limitBurst: burst } = settings
  const { uptimeSeconds: uptime, state } = service
  if (interval === null || burst === null || uptime.kind !== 'value' || state !== 'running') return null
  const outlivesSeconds = interval / burst - delaySeconds
  if (uptime.value <= outlivesSeconds || restartsOf(service) < repeatedly) return null
  return finding('outlived', interval, {
    ...argsOf(settings, burst),
    outlivesSeconds,
    restarts: restartsOf(service),
    ...wanted(settings, uptime.value),
  })
}

/** Those of the last days where they are known; a single crash half a year ago says nothing. */
const restartsOf = ({ restarts, restartCounts }: ServiceFacts): number => {
  if (restartCounts !== undefined && restartCounts.bySystemd > 0) return restartCounts.bySystemd
  return restarts.kind === 'value' ? restarts.value : 0
}

const argsOf = ({ delaySeconds }: Facts, burst: number): NonNullable<Finding['args']> => ({
  delaySeconds,
  burst,
})

/** Whole minutes within which that many starts happen when it lives that long in between. */
const wanted = (
  { delaySeconds, limitBurst }: Facts,
  lifeSeconds: number,
): { wantedBurst: number; wantedIntervalSeconds: number } => {
  const wantedBurst = limitBurst || 5
  return {
    wantedBurst,
    wantedIntervalSeconds: Math.ceil((wantedBurst * (delaySeconds + lifeSeconds)) / 60) * 60,
  }
}
