import { count, record, threshold } from '../core/field.ts'
import type { ServiceCheck } from './check.ts'
import { judgeCount } from './service-counts.ts'

const limits = record('How many threads its processes have together', {
  warn: threshold(count('Threads', null)),
  crit: threshold(count('Threads', null)),
})

export const serviceThreads: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'threads',
  key: 'threads',
  limits,
  judge: ({ threads }, thresholds) => judgeCount('threads', threads, thresholds),
}
