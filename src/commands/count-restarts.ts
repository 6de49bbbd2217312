import { bootIdOf } from '../checks/boot-id.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import { countOthers, freshRestarts, restartCounts, type ServiceRestarts } from '../store/restart-state.ts'
import type { State } from '../store/state.ts'

/** Adds what the engine and systemd have restarted since the last look, and tells each service how often it was. */
export const countRestarts = (
  host: Host,
  services: readonly ServiceFacts[],
  before: State['restarts'],
): { facts: ServiceFacts[]; restarts: State['restarts'] } => {
  const restarts: State['restarts'] = Object.assign(Object.create(null), before)
  // Nothing is known of the days before a capture.
  if (!host.live) return { facts: [...services], restarts }
  const boot: Boot = { id: bootIdOf(host), atMs: valueOrNull(host.processes.bootAtMs()) }
  const facts = services.map((service): ServiceFacts => {
    const counted = withOthers(service, restarts[service.name] ?? freshRestarts, boot, host.now())
    restarts[service.name] = counted
    return { ...service, restartCounts: restartCounts(counted, host.now()) }
  })
  return { facts, restarts }
}

interface Boot {
  id: string
  atMs: number | null
}

const withOthers = (
  { kind, restarts, containerId }: ServiceFacts,
  before: ServiceRestarts,
  boot: Boot,
  nowMs: number,
): ServiceRestarts => {
  const counter = valueOrNull(restarts)
  if (counter === null || kind === 'process') return before
  return kind === 'container'
    ? countOthers(before, { counter, of: containerId ?? null }, 'engine', nowMs)
    : // systemd's counter is not older than the boot: on the first look it tells of that time at least.
      countOthers(before, { counter, of: boot.id || null, sinceMs: boot.atMs }, 'systemd', nowMs)
}
