import type { Finding } from '../core/finding.ts'
import type { CheckOutcome } from './restart.ts'

// What a restart would not mend, or what this toolkit itself has done or left undone.
const notByItself: ReadonlySet<string> = new Set(['restart', 'restarts', 'restart_settings', 'limit'])

/**
 * Whether a check of a service counts as failed. `unknown` neither counts nor resets: a socket that could not be asked
 * says nothing of the service behind it.
 */
export const checkOutcome = (findings: readonly Finding[], failOn: 'critical' | 'warning'): CheckOutcome => {
  const statuses = findings.filter(({ check }) => !notByItself.has(check)).map(({ status }) => status)
  if (statuses.includes('critical') || (failOn === 'warning' && statuses.includes('warning'))) return 'failed'
  return statuses.includes('unknown') ? 'unknown' : 'good'
}
