import type { ContainerFacts, UnitFacts } from '../../core/facts.ts'
import type { Finding } from '../../core/finding.ts'
import { absent, type Reading } from '../../core/reading.ts'
import type { ServiceFacts, ServiceTarget } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Host } from '../../host/host.ts'

/** A service of the config, as far as observing it goes. */
export interface ServiceToObserve {
  target: ServiceTarget
  /** `processes.match`: counts these of its processes. */
  processMatch: string | null
}

export interface ObservedServices {
  services: ServiceFacts[]
  /** What could not be looked through for services; only when none are configured. */
  findings: Finding[]
  /** All of the engine, where it was asked: what depends on what is in their labels. */
  containers: ContainerFacts[]
}

export interface Asked {
  containers: Reading<ContainerFacts[]>
  units: Reading<UnitFacts[]>
}

export type Ask = (needs: (type: ServiceTarget['type']) => boolean) => Promise<Asked>

/**
 * Looks at the configured services, in the order of the config. A compose service with several containers becomes one
 * entry each, NAME/1, NAME/2 … Only when none is configured every container that is up or went down badly and every
 * failed or restarted unit is looked at: who names services has said what matters.
 *
 * The engine and systemd are asked at the same time, only when something needs them, and a second time only for what
 * ended in between.
 */
export const observeServices = async (
  host: Host,
  configured: Readonly<Record<string, ServiceToObserve>>,
  hostShmemBytes: number | null,
): Promise<ObservedServices> => {
  const entries = Object.entries(configured)
  const discovers = entries.length === 0
  const ask: Ask = async (needs) => {
    const [containers, units] = await Promise.all([
      needs('container') ? host.engine.containers() : absent('container engine'),
      needs('unit') ? host.systemd.units(unitNames(entries)) : absent('systemd'),
    ])
    return { containers, units }
  }
  const asked = await ask((type) => discovers || entries.some(([, { target }]) => target.type === type))
  // Nothing is named, and there is nobody to tell of any.
  if (discovers && asked.containers.kind === 'absent' && asked.units.kind === 'absent')
    return { services: [], findings: [], containers: [] }
  const { observeAsked } = await import('./asked-services.ts')
  return observeAsked(host, entries, hostShmemBytes, ask, asked)
}

/** systemd forgets a stopped unit; asked by name it tells of it all the same. */
const unitNames = (entries: readonly [string, ServiceToObserve][]): string[] =>
  entries.flatMap(([, { target }]) => (target.type === 'unit' ? [fullUnitName(target.ref)] : []))
