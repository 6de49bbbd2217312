import type { Finding, Status } from '../core/finding.ts'
import type { CheckResult } from '../core/service.ts'
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

/** How many services were looked at and how long it took: `3 services, 0.4 s`. */
export const extent = ({ services, startedAtMs, finishedAtMs }: CheckResult): string => {
  const count = services.length
  const told = count === 0 ? 'no services' : count === 1 ? '1 service' : `${count} services`
  return `${told}, ${(Math.max(0, finishedAtMs - startedAtMs) / 1000).toFixed(1)} s`
}

/** RAM as the memory check saw it (a container's limit inside a container), or null. */
export const totalMemoryBytes = (findings: readonly Finding[]): number | null => {
  const memory = findings.find(({ check, code }) => check === 'memory' && code === 'level')
  return memory === undefined ? null : numberArg(memory, 'totalBytes')
}
