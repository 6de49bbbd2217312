import { count, duration, optionalRecord, type Parsed, percent, rate, size } from '../../core/field.ts'

/** What `verify` holds a service to. */
export const verify = optionalRecord(
  'What `verify` holds it to, as the acceptance of a fix',
  {
    max_memory: size('Never more memory than this', null),
    max_growth: rate('Memory grows by no more than this', null),
    max_swap: size('Never more swap than this', null),
    max_cpu: percent('CPU on average, of one CPU', null, { max: 100_000 }),
    min_uptime: duration('Without a restart for so long', null),
    max_processes: count('Never more processes than this', null),
    warm_up: duration('So long after a start neither memory nor growth is judged', 0),
  },
  { atLeastOne: ['max_memory', 'max_growth', 'max_swap', 'max_cpu', 'min_uptime', 'max_processes'] },
)

export type Verify = NonNullable<Parsed<typeof verify>>
