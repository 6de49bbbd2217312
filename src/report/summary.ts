import type { Finding, Status } from '../core/finding.ts'
import type { Observed } from '../core/transition.ts'
import { numberArg } from './figure.ts'

/** All findings in a few words: `2 critical, 1 warning, 1 not measured`. */
export const summary = (observed: readonly Observed[]): string => {
  const count = (status: Status): number => observed.filter(({ finding }) => finding.status === status).length
  const [critical, warnings, unknown] = [count('critical'), count('warning'), count('unknown')]
  const parts = [
    ...(critical > 0 ? [`${critical} critical`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    ...(unknown > 0 ? [`${unknown} not measured`] : []),
  ]
  return parts.length === 0 ? 'all is well' : parts.join(', ')
}

/** RAM as the memory check saw it (a container's limit inside a container), or null. */
export const totalMemoryBytes = (findings: readonly Finding[]): number | null => {
  const memory = findings.find(({ check, code }) => check === 'memory' && code === 'level')
  return memory === undefined ? null : numberArg(memory, 'totalBytes')
}
