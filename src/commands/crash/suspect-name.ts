import { findContainers } from '../../checks/observe/find-container.ts'
import type { Restarts } from '../../core/crash-story.ts'
import type { ContainerFacts } from '../../core/facts.ts'
import type { ServiceTarget } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'

/** A service as it is called in the config, and recorded, and as it is called as a suspect. */
export interface NamedService {
  /** Of several containers of one service each is `NAME/1`, `NAME/2`, as `check` has them. */
  service: string
  target: ServiceTarget
  name: string
  kind: Restarts['kind']
}

interface Known {
  containers: readonly ContainerFacts[]
  /** Names of containers by id, also of those that are gone. */
  containerNames: ReadonlyMap<string, string>
}

/** Services of the config by their unit or container, as the logs have it; what is known by its processes as it is. */
export const namedServices = (
  services: Readonly<Record<string, { target: ServiceTarget }>>,
  known: Known,
): NamedService[] =>
  Object.entries(services).flatMap(([service, { target }]): NamedService[] => {
    if (target.type === 'unit') return [{ service, target, name: fullUnitName(target.ref), kind: 'unit' }]
    if (target.type !== 'container') return [{ service, target, name: service, kind: 'unit' }]
    const names = containersOf(target.ref, known)
    return names.map((name, i) => ({
      service: names.length === 1 ? service : `${service}/${i + 1}`,
      ...{ target, name, kind: 'container' as const },
    }))
  })

/** By the rules of findContainers, then of those that are gone; what nobody knows is called as it is asked for. */
const containersOf = (ref: string, { containers, containerNames }: Known): string[] => {
  const found = findContainers(ref, containers)
  if (found.kind === 'ambiguous') return [ref]
  if (found.containers.length > 0) return found.containers.map(({ name }) => name)
  if ([...containerNames.values()].includes(ref)) return [ref]
  const gone = /^[0-9a-f]{6,64}$/.test(ref) ? [...containerNames].filter(([id]) => id.startsWith(ref)) : []
  return [(gone.length === 1 ? gone[0]?.[1] : undefined) ?? ref]
}
