import type { Finding, Status } from '../core/finding.ts'
import type { CheckOutcome } from './restart.ts'

// What a restart would not mend, or what this toolkit itself has done or left undone.
const notByItself: ReadonlySet<string> = new Set(['restart', 'restarts', 'restart_settings', 'limit'])

/** What in a service's findings makes its check a failed one: `fail_on` in the config. */
export type FailOn = 'critical' | 'warning'

export const isFailure = (status: Status, failOn: FailOn): boolean =>
  status === 'critical' || (failOn === 'warning' && status === 'warning')

/**
 * Whether a check of a service counts as failed. `unknown` neither counts nor resets: a socket that could not be asked
 * says nothing of the service behind it.
 */
export const checkOutcome = (findings: readonly Finding[], failOn: FailOn): CheckOutcome => {
  const statuses = findings.filter(({ check }) => !notByItself.has(check)).map(({ status }) => status)
  if (statuses.some((status) => isFailure(status, failOn))) return 'failed'
  return statuses.includes('unknown') ? 'unknown' : 'good'
}
