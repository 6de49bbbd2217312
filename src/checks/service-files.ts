import { count, record, threshold } from '../core/field.ts'
import type { ServiceCheck } from './check.ts'
import { judgeCount } from './service-counts.ts'

const limits = record('How many files and sockets its processes have open', {
  warn: threshold(count('Open files', null)),
  crit: threshold(count('Open files', null)),
})

export const serviceFiles: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'open_files',
  key: 'open_files',
  limits,
  judge: ({ openFiles }, thresholds) => judgeCount('open_files', openFiles, thresholds),
}
