import { type Fleet, type FleetHost, serviceCount } from '../core/fleet.ts'
import { isoStamp } from '../core/stamp.ts'

/** The body of `fleet@1` (see schema/fleet-1.json). What is not known is null, never 0. */
export const fleetDocument = (
  fleet: Fleet,
  page: string | null,
): { schema: 'fleet@1'; body: Record<string, unknown> } => ({
  schema: 'fleet@1',
  body: {
    maxAgeSeconds: Math.round(fleet.maxAgeMs / 1000),
    page,
    troubles: fleet.troubles,
    hosts: fleet.hosts.map((host) => hostDocument(host, fleet.nowMs)),
  },
})

const hostDocument = (host: FleetHost, nowMs: number): Record<string, unknown> => {
  const { name, status, freshness, seen, services, leaks, next, problems, moreProblems, notes } = host
  return {
    ...{ name, status, freshness },
    seenAt: seen && isoStamp(seen.atMs),
    ageSeconds: seen && Math.round((nowMs - seen.atMs) / 1000),
    seenStatus: seen?.status ?? null,
    form: seen?.form ?? null,
    file: seen?.file ?? null,
    version: seen?.version ?? null,
    services: seen && { total: serviceCount(host), ...services },
    leaks: seen && leaks,
    nextToLimit: next && { service: next.service, secondsToLimit: Math.round(next.seconds) },
    problems,
    moreProblems,
    notes,
  }
}
