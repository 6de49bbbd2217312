import { count, record, regex, threshold } from '../core/field.ts'
import { absent } from '../core/reading.ts'
import type { ServiceCheck } from './check.ts'
import { judgeCount } from './service-counts.ts'

const limits = record('How many processes it has', {
  match: regex('Only those with a command line that matches count', null),
  warn: threshold(count('Processes', null)),
  crit: threshold(count('Processes', null)),
})

/** Counted from the host, so that no tool is needed inside a container (incident E: no `pgrep`, so always 0). */
export const serviceProcesses: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'processes',
  key: 'processes',
  limits,
  judge: ({ processes, matchedProcesses }, { match, warn, crit }) =>
    match === null
      ? judgeCount('processes', processes, { warn, crit })
      : judgeCount('processes', matchedProcesses ?? absent('a count'), { warn, crit }, { match }),
}
