import { flag } from '../core/field.ts'
import type { Finding, Status } from '../core/finding.ts'
import { refOf, type ServiceFacts, type ServiceState } from '../core/service.ts'
import type { ServiceCheck } from './check.ts'

const whenConfigured: Record<ServiceState, Status> = {
  running: 'ok',
  starting: 'ok',
  paused: 'warning',
  restarting: 'critical',
  stopped: 'critical',
  failed: 'critical',
  missing: 'critical',
  unknown: 'unknown',
}

/** What nobody asked for may be stopped on purpose; one that was ended from outside is worth a warning all the same. */
const whenFound: Record<ServiceState, Status> = { ...whenConfigured, stopped: 'warning' }

/** Whether the service is up. Always one finding; its code is the state, or `unhealthy`. */
export const serviceState: ServiceCheck<boolean> = {
  scope: 'service',
  name: 'state',
  key: null,
  limits: flag('Has no limits', true),

  judge(service): Finding[] {
    const { state, stateDetail, health, kind } = service
    const unhealthy = health === 'unhealthy' && (state === 'running' || state === 'starting')
    return [
      {
        check: 'state',
        code: unhealthy ? 'unhealthy' : state,
        status: unhealthy ? 'critical' : statusOf(service),
        value: null,
        unit: null,
        warn: null,
        crit: null,
        args: { kind, detail: stateDetail, ref: refOf(service) },
      },
    ]
  },
}

const statusOf = ({ state, configured, restsBetweenRuns }: ServiceFacts): Status => {
  if (state === 'stopped' && restsBetweenRuns) return 'ok'
  return (configured ? whenConfigured : whenFound)[state]
}
