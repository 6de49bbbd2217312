import {
  budget,
  choice,
  count,
  duration,
  flag,
  list,
  optionalRecord,
  type Parsed,
  record,
  size,
  text,
} from '../../core/field.ts'

/** How and how often a service may be restarted; a service without it is never restarted. */
export const restart = optionalRecord(
  'Restart it when it keeps failing; without this key it is never restarted',
  {
    after: count('Consecutive failed checks before a restart', 3, { min: 1, max: 100 }),
    out_of: count('Not consecutive: so many failed ones among the last checks', null, { min: 1, max: 100 }),
    fail_on: choice(
      'The worst finding from which a check counts as failed',
      ['critical', 'warning'],
      'critical',
    ),
    start_grace: duration('After a start, failed checks restart nothing for so long', 0, { max: 86_400 }),
    backoff: record('Wait longer from restart to restart', {
      after: count('From this restart on', 3, { min: 1 }),
      step: duration('Wait the number of restarts times this', 60),
      max: duration('But never longer', 3600),
    }),
    limit: budget('Then give up and say so, until it is healthy once', { count: 5, perSeconds: 86_400 }),
    grace: duration('Between SIGTERM and SIGKILL', 3, { max: 600 }),
    evidence: flag('Write a crash report before anything is killed', true),
    every: duration('Restart on schedule, as an emergency measure', null, { min: 60 }),
  },
  { canBeOff: true },
)

export const start = list(
  'How it is started: program and arguments; for process and pidfile',
  text('Argument', '', { canBeEmpty: true }),
  {
    notEmpty: true,
  },
)

// Below 6 MiB the Engine refuses (docker run, --memory).
const smallestLimit = 6 * 1024 ** 2

export const limit = optionalRecord(
  'Memory limits that `limits apply` sets live',
  {
    memory: size('Hard limit', null, { min: smallestLimit }),
    reservation: size('Soft limit: what it is pushed back to when memory is short', null, {
      min: smallestLimit,
    }),
  },
  { atLeastOne: ['memory', 'reservation'] },
)

const day = '(Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const time = '([01]\\d|2[0-3]):[0-5]\\d'

export const maintenance = list(
  'Times in which nothing is restarted, local time',
  text('Window', '', {
    pattern: new RegExp(`^(${day}([,-]${day})* )?${time}-(${time}|24:00)$`),
    expects: 'a window such as "Sun 02:00-04:00" or "Mon-Fri 22:00-06:00"',
  }),
  { orOne: true },
)

export const after = list('Services it depends on: restarted with them, after them', text('Service', ''), {
  orOne: true,
})

export type Restart = NonNullable<Parsed<typeof restart>>
export type Limit = NonNullable<Parsed<typeof limit>>
