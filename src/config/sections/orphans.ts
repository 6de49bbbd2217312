import {
  choice,
  count,
  duration,
  list,
  type Parsed,
  path,
  record,
  regex,
  required,
  size,
  text,
  threshold,
} from '../../core/field.ts'
import { containerName, ruleName, unitName, userName } from '../../core/text-forms.ts'

export const orphanRule = record(
  'Processes without a parent that cares, ended by `kill-orphans`',
  {
    name: required(text('What the rule is called', null, ruleName)),
    match: regex('Regular expression on the whole command line', null, { selective: true }),
    exe: path('Program they run', null),
    user: text('User they belong to', null, userName),
    container: text('Only in this container', null, containerName),
    unit: text('Only in this unit', null, unitName),
    keep: count('How many may stay', 0),
    keep_by: choice('Which these are', ['newest', 'oldest'], 'newest'),
    older_than: duration('Only those that have run longer', null),
    max_memory: size('Only those that hold more', null),
    warn: threshold(count('From so many on, `check` warns; off: it counts them only', 1)),
    crit: threshold(count('From so many on, they are critical to `check`', null)),
  },
  { atLeastOne: ['match', 'exe'] },
)

export const orphans = list('Orphaned processes', orphanRule)

export type OrphanRule = Parsed<typeof orphanRule>
