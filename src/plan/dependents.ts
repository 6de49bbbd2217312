import type { ContainerFacts } from '../core/facts.ts'

/** A service as far as what it depends on goes. */
export interface Dependent {
  name: string
  /** `after:` of the config: names of services that it depends on. */
  after: readonly string[]
  /** What runs it: one, or the replicas of a compose service; none for units and processes. */
  containers: readonly ContainerFacts[]
  /** False without `restart:` in the config: then it stays as it is, and so does what depends on it alone. */
  restartable: boolean
}

/**
 * The services to restart after `name` was restarted, each once and after all of them that it depends on itself; else
 * in the order given. Dependencies that go in a circle are followed once. A service depends on another
 * - by `after:` of the config,
 * - by compose's `depends_on` with `restart: true`,
 * - by sharing its network (`network_mode: service:x`): that one is gone once the other has restarted.
 */
export const dependentsOf = (name: string, services: readonly Dependent[]): string[] => {
  const byName = new Map(services.map((service) => [service.name, service]))
  const visited = new Set([name])
  const inOrder: string[] = []
  const visit = (at: string): void => {
    const on = byName.get(at)
    // Backwards, since what is finished last comes first.
    for (const service of [...services].reverse()) {
      if (visited.has(service.name) || !service.restartable || !dependsOn(service, at, on)) continue
      visited.add(service.name)
      visit(service.name)
    }
    if (at !== name) inOrder.unshift(at)
  }
  visit(name)
  return inOrder
}

/** All of them, each after those it depends on, else in the order given; a circle is begun where it is come to first. */
export const dependenciesFirst = (services: readonly Dependent[]): string[] => {
  const entered = new Set<string>()
  const inOrder: string[] = []
  const visit = (service: Dependent): void => {
    if (entered.has(service.name)) return
    entered.add(service.name)
    for (const other of services) if (dependsOn(service, other.name, other)) visit(other)
    inOrder.push(service.name)
  }
  services.forEach(visit)
  return inOrder
}

const dependsOn = (service: Dependent, name: string, on: Dependent | undefined): boolean =>
  service.after.includes(name) ||
  (on?.containers.some((container) =>
    service.containers.some((own) => own.id !== container.id && needs(own, container)),
  ) ??
    false)

const needs = (own: ContainerFacts, other: ContainerFacts): boolean =>
  sharesNetwork(own, other) || composeRestartsWith(own, other)

/** `container:ID` as the engine keeps it, `container:NAME` as podman may. */
const sharesNetwork = ({ networkMode }: ContainerFacts, { id, name }: ContainerFacts): boolean => {
  const [, ref] = /^container:(.+)$/.exec(networkMode) ?? []
  return ref !== undefined && (ref === name || (/^[\da-f]{12,64}$/.test(ref) && id.startsWith(ref)))
}

/**
 * `com.docker.compose.depends_on`, e.g. `db:service_healthy:true,cache:service_started:false`: service, condition, and
 * whether compose restarts this one after that one. Compose before 2.17 writes no third field.
 */
const composeRestartsWith = (own: ContainerFacts, other: ContainerFacts): boolean =>
  own.composeProject !== null &&
  own.composeProject === other.composeProject &&
  other.composeService !== null &&
  (own.labels['com.docker.compose.depends_on'] ?? '').split(',').some((entry) => {
    const [service, , restart] = entry.trim().split(':')
    return service === other.composeService && restart === 'true'
  })
