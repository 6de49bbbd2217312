import { configNameOf } from '../checks/judge.ts'
import type { ServiceConfig } from '../config/config.ts'
import { type Reading, valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import { countOthers, freshRestarts, restartCounts, type ServiceRestarts } from '../store/restart-state.ts'

export interface RestartSources {
  nowMs: number
  bootId: string
  bootAtMs: Reading<number>
  services: Readonly<Record<string, ServiceConfig>>
}

/** What is kept of a service, with what the engine or systemd has restarted since. Counting twice changes nothing. */
export const countedRestarts = (
  before: ServiceRestarts,
  { kind, containerId, restarts }: ServiceFacts,
  { nowMs, bootId, bootAtMs }: Omit<RestartSources, 'services'>,
): ServiceRestarts => {
  if (restarts.kind !== 'value' || kind === 'process') return before
  return kind === 'container'
    ? countOthers(before, { counter: restarts.value, of: containerId ?? null }, 'engine', nowMs)
    : countOthers(
        before,
        { counter: restarts.value, of: bootId === '' ? null : bootId, sinceMs: valueOrNull(bootAtMs) },
        'systemd',
        nowMs,
      )
}

/** The services with `restartCounts`, as the checks judge them. */
export const withRestartCounts = (
  services: readonly ServiceFacts[],
  kept: Readonly<Record<string, ServiceRestarts>>,
  sources: RestartSources,
): ServiceFacts[] =>
  services.map((facts) => {
    const before = Object.hasOwn(kept, facts.name) ? kept[facts.name] : undefined
    const counted = countedRestarts(before ?? freshRestarts, facts, sources)
    const every = everyOf(sources.services, facts.name)
    return { ...facts, restartCounts: restartCounts(counted, sources.nowMs, every) }
  })

const everyOf = (services: Readonly<Record<string, ServiceConfig>>, name: string): number | null => {
  const key = Object.hasOwn(services, name) ? name : configNameOf(name)
  const restart = Object.hasOwn(services, key) ? services[key]?.features.restart : null
  return (restart as { every: number | null } | null | undefined)?.every ?? null
}
