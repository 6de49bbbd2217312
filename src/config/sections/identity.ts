import { optionalRecord, type Parsed, path, regex, required, text } from '../../core/field.ts'
import type { ServiceTarget } from '../../core/service.ts'
import { containerName, unitName, userName } from '../../core/text-forms.ts'

/** What a service is known by; exactly one of these keys. */
export const identity = {
  container: text(
    "A container's name, the start of its id, or PROJECT/SERVICE of compose",
    null,
    containerName,
  ),
  unit: text('A systemd unit', null, unitName),
  process: optionalRecord(
    'All processes that fit, with the tool itself and its ancestors left out',
    {
      match: required(regex('Regular expression on the whole command line', null, { selective: true })),
      user: text('Only those of this user', null, userName),
      exe: path('Only those that run this program', null),
    },
    { shorthand: 'match' },
  ),
  pidfile: path("File that holds the main process's pid", null),
}

export const identityKeys = ['container', 'unit', 'process', 'pidfile'] as const

type Identity = { [K in keyof typeof identity]: Parsed<(typeof identity)[K]> }

/** The target of a service whose keys were found valid: one of them is not null. */
export const targetOf = ({ container, unit, process: matching, pidfile }: Identity): ServiceTarget => {
  if (container !== null) return { type: 'container', ref: container }
  if (unit !== null) return { type: 'unit', ref: unit }
  if (matching !== null) return { type: 'process', ...matching }
  return { type: 'pidfile', path: pidfile ?? '' }
}

/** Back into the keys of the config. */
export const identityOf = (target: ServiceTarget): Partial<Identity> => {
  switch (target.type) {
    case 'container':
      return { container: target.ref }
    case 'unit':
      return { unit: target.ref }
    case 'process':
      return { process: { match: target.match, user: target.user, exe: target.exe } }
    case 'pidfile':
      return { pidfile: target.path }
  }
}
