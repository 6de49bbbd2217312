import type { Status } from '../core/finding.ts'
import { type Fleet, type FleetHost, serviceCount } from '../core/fleet.ts'
import type { GatheredProblem } from '../core/gathered.ts'
import { formatDuration } from '../core/units.ts'

const counted = (fleet: Fleet, of: (host: FleetHost) => boolean): number => fleet.hosts.filter(of).length

/** `3 hosts: 1 critical, 2 unknown (1 old, 1 unread)`. */
export const fleetSummary = (fleet: Fleet): string => {
  const { hosts } = fleet
  if (hosts.length === 0) return 'no host was found'
  const of = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`
  const parts = (['critical', 'unknown', 'warning'] as const).flatMap((status) => {
    const count = counted(fleet, (host) => host.status === status)
    return count === 0
      ? []
      : [
          `${count} ${status}${status === 'unknown' ? whyUnknown(fleet) : status === 'warning' && count > 1 ? 's' : ''}`,
        ]
  })
  return parts.length === 0 ? `${of}, all well` : `${of}: ${parts.join(', ')}`
}

const whyUnknown = (fleet: Fleet): string => {
  const words = { old: 'old', ahead: 'of a clock ahead', unread: 'unread' } as const
  const parts = (['old', 'ahead', 'unread'] as const).flatMap((kind) => {
    const count = counted(fleet, ({ freshness }) => freshness === kind)
    return count === 0 ? [] : [`${count} ${words[kind]}`]
  })
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** How old what is known of it is; `–`: nothing is. */
export const ageText = ({ seen, freshness }: FleetHost, nowMs: number): string => {
  if (seen === null) return '–'
  const seconds = (nowMs - seen.atMs) / 1000
  return freshness === 'ahead' && seconds < 0 ? `${formatDuration(-seconds)} ahead` : formatDuration(seconds)
}

/** `2 of 3 ok`; of a host that is not known now they say nothing. */
export const servicesText = (host: FleetHost): string => {
  if (host.freshness !== 'fresh') return '–'
  const all = serviceCount(host)
  if (all === 0) return 'none'
  return host.services.ok === all ? `${all} ok` : `${host.services.ok} of ${all} ok`
}

export const leaksText = ({ freshness, leaks }: FleetHost): string =>
  freshness === 'fresh' ? String(leaks) : '–'

export const nextText = ({ freshness, next }: FleetHost): string =>
  freshness === 'fresh' && next !== null ? formatDuration(next.seconds) : '–'

export const problemText = ({ service, message }: GatheredProblem): string =>
  service === null || service === '' ? message : `${service}: ${message}`

const statusWords: Readonly<Record<Status, string>> = {
  ok: 'well',
  warning: 'a warning',
  critical: 'critical',
  unknown: 'unknown',
}

/** Why nothing is known of a host now; null: something is. */
export const staleText = (host: FleetHost, nowMs: number): string | null => {
  const { freshness, seen } = host
  if (seen === null || freshness === 'fresh') return null
  const then = statusWords[seen.status]
  if (freshness === 'old') return `last seen ${ageText(host, nowMs)} ago, then ${then}`
  return seen.atMs > nowMs
    ? `its clock is ${formatDuration((seen.atMs - nowMs) / 1000)} ahead; it says ${then}`
    : `its clock was ahead when ${seen.file} was written; it said ${then}`
}

export const staleMend = ({ freshness }: FleetHost): string =>
  freshness === 'old'
    ? 'see that it is gathered, that check runs there, and that its clock is right'
    : 'set its clock, and gather anew'

/** In a line: what is worst. */
export const worstText = (host: FleetHost, nowMs: number): string => {
  const [first] = host.problems
  const stale = staleText(host, nowMs)
  if (stale !== null) return stale
  if (first === undefined)
    return host.status === 'ok' ? '' : `it says ${statusWords[host.status]}, and not why`
  const more = host.problems.length - 1 + host.moreProblems
  return `${problemText(first)}${more === 0 ? '' : ` (and ${more} more)`}`
}
