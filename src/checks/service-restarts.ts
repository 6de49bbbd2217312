import { count, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { refOf, type ServiceFacts } from '../core/service.ts'
import type { ServiceCheck } from './check.ts'

const limits = record('How often it may be restarted, by whomever, beside restart.every', {
  warn: threshold(count('Restarts within 24 hours', 3, { min: 1 })),
  crit: threshold(count('Restarts within 24 hours', 20, { min: 1 })),
  per_week: threshold(count('Restarts within 7 days, from which on it is a warning', 5, { min: 1 })),
})

/**
 * Incident P: `Restart=always` hid for weeks that the service ran out of memory every other day. One that keeps being
 * restarted is no fine service, also while it is up. Without counts of the last days (a first run, a captured host)
 * the engine's or systemd's counter is a figure that is not judged: it does not say in what time.
 */
export const serviceRestarts: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'restarts',
  key: 'restarts',
  limits,

  judge(service, given): Finding[] {
    const masking = isUp(service) ? maskingOf(service, given) : null
    return masking === null ? counter(service) : [masking]
  },
}

const isUp = ({ state }: ServiceFacts): boolean => state === 'running' || state === 'starting'

const maskingOf = (
  service: ServiceFacts,
  { warn, crit, per_week }: typeof limits.default,
): Finding | null => {
  const { restartCounts, kind } = service
  if (restartCounts === undefined) return null
  const { scheduled, byTool, byEngine, bySystemd } = restartCounts
  const today = restartCounts.today - scheduled.today
  const week = restartCounts.week - scheduled.week
  const common = { check: 'restarts', code: 'masking', unit: 'count' as const }
  const args = { kind, ref: refOf(service), byTool, byEngine, bySystemd }
  const status = judgeLevel(today, warn, crit)
  if (status !== 'ok') return { ...common, status, value: today, warn, crit, args: { ...args, over: 'day' } }
  if (judgeLevel(week, per_week, null) === 'ok') return null
  return {
    ...common,
    status: 'warning',
    value: week,
    warn: per_week,
    crit: null,
    args: { ...args, over: 'week' },
  }
}

const counter = ({ restarts, kind }: ServiceFacts): Finding[] =>
  restarts.kind === 'value' && restarts.value > 0
    ? [
        {
          check: 'restarts',
          code: 'count',
          status: 'ok',
          value: restarts.value,
          unit: 'count',
          warn: null,
          crit: null,
          args: { kind },
        },
      ]
    : []
