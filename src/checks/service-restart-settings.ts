import { flag } from '../core/field.ts'
import type { Finding } from '../core/finding.ts'
import type { RestartSettings, ServiceFacts } from '../core/service.ts'
import type { ServiceCheck } from './check.ts'
import { delaysTogether, lastingDelay } from './restart-delays.ts'

/** systemd's own RestartSec (systemd.service(5)); nobody has to have chosen it. */
const defaultDelaySeconds = 0.1
const hammersBelowSeconds = 1
/** A mended start limit still sees a service that lives so long between two crashes. */
const livesSeconds = 60
const repeatedly = 3
/** No two lives are alike: a start limit has to see the longer ones too. */
const margin = 1.5

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
  // RestartSteps soon slow it down.
  if (lastingDelay(settings) >= (isProven ? hammersBelowSeconds : defaultDelaySeconds)) return null
  return finding('hammers', delaySeconds, { restart, wantedDelaySeconds: 5 })
}

/**
 * systemd refuses the start that follows `burst` others within the interval (systemd.unit(5)); even if each crashes at
 * once they are RestartSec apart, and with RestartSteps more and more. Either of the two at 0 switches the limit off.
 */
const endlessOf = (settings: Facts): Finding | null => {
  const { limitIntervalSeconds: interval, limitBurst: burst } = settings
  if (interval === null || burst === null) return null
  if (interval > 0 && burst > 0 && delaysTogether(1, burst, settings) < interval) return null
  return finding('endless', interval, { ...argsOf(settings, burst), ...wanted(settings, livesSeconds) })
}

/** The limit would trigger for one that crashes at once; this one lives longer, and so is restarted for ever. */
const outlivedOf = (settings: Facts, service: ServiceFacts): Finding | null => {
  const { limitIntervalSeconds: interval, limitBurst: burst } = settings
  const lives = lifeOf(service, settings.delaySeconds)
  if (interval === null || burst === null || lives === null) return null
  const next = (service.restarts.kind === 'value' ? service.restarts.value : 0) + 1
  const outlivesSeconds = Math.max(0, interval - delaysTogether(next, burst, settings)) / burst
  if (lives <= outlivesSeconds || restartsOf(service) < repeatedly) return null
  return finding('outlived', interval, {
    ...argsOf(settings, burst),
    outlivesSeconds,
    restarts: restartsOf(service),
    ...wanted(settings, lives * margin),
  })
}

/**
 * How long it lives between two restarts, in seconds: so long as it is up now, and where several restarts were counted
 * their mean. Null: it is not up.
 */
const lifeOf = (
  { state, uptimeSeconds, restartCounts }: ServiceFacts,
  delaySeconds: number,
): number | null => {
  if (state !== 'running' || uptimeSeconds.kind !== 'value') return null
  const { bySystemd = 0, firstBySystemdSeconds: first = null } = restartCounts ?? {}
  if (first === null || bySystemd < 2) return uptimeSeconds.value
  const mean = (first - uptimeSeconds.value) / (bySystemd - 1)
  return Math.max(uptimeSeconds.value, mean - delaySeconds)
}

/** Those of the last days where they are known; a single crash half a year ago says nothing. */
const restartsOf = ({ restarts, restartCounts }: ServiceFacts): number => {
  if (restartCounts !== undefined && restartCounts.bySystemd > 0) return restartCounts.bySystemd
  return restarts.kind === 'value' ? restarts.value : 0
}

const argsOf = (settings: Facts, burst: number): NonNullable<Finding['args']> => ({
  burstSeconds: delaysTogether(1, burst, settings),
  burst,
})

/** Whole minutes within which that many starts happen when it lives that long in between. */
const wanted = (
  settings: Facts,
  lifeSeconds: number,
): { wantedBurst: number; wantedIntervalSeconds: number } => {
  const wantedBurst = settings.limitBurst || 5
  // The longest delay, since a unit that was restarted often has come to that.
  const cycleSeconds = lastingDelay(settings) + lifeSeconds
  return {
    wantedBurst,
    wantedIntervalSeconds: Math.ceil((wantedBurst * cycleSeconds) / 60) * 60,
  }
}
