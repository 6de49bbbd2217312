import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts, ServiceTarget } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Host } from '../../host/host.ts'
import { unreadable } from '../check.ts'
import { observeContainer } from './container.ts'
import { discoverContainers, discoverUnits } from './discover.ts'
import { findContainers } from './find-container.ts'
import { lookAgain } from './look-again.ts'
import { observePidfile } from './pidfile.ts'
import { observeProcess } from './process.ts'
import type { Ask, Asked, ObservedServices, ServiceToObserve } from './services.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'
import { observeUnit } from './unit.ts'
import { reasonOf, type Wanted, withoutFigures } from './wanted.ts'

/** What services.ts has asked about, measured. */
export const observeAsked = async (
  host: Host,
  entries: readonly [string, ServiceToObserve][],
  hostShmemBytes: number | null,
  ask: Ask,
  asked: Asked,
): Promise<ObservedServices> => {
  // After the answers, so that no container is younger than the scan.
  const snapshot = takeSnapshot(host, hostShmemBytes)
  const expressions = hasExpressions(entries) ? await import('./expressions.ts') : null
  await expressions?.matchCandidates(
    snapshot,
    entries.map(([, { target }]) => target),
  )
  const first =
    entries.length === 0
      ? discover({ snapshot, ...asked })
      : {
          services: entries.flatMap(([name, service]) =>
            observeConfigured({ snapshot, ...asked }, name, service),
          ),
          findings: [],
        }
  const services = await lookAgain(host, first.services, ask, (service, asked) =>
    observeAgain({ snapshot, ...asked }, service, entries),
  )
  const counted: ServiceFacts[] = []
  for (const service of services) {
    const match = entries.find(([, { target }]) => target === service.target)?.[1].processMatch ?? null
    counted.push(
      match === null || expressions === null
        ? service
        : await expressions.withMatchedCount(snapshot, service, match),
    )
  }
  return { services: counted, findings: first.findings, containers: valueOrNull(asked.containers) ?? [] }
}

const hasExpressions = (entries: readonly [string, ServiceToObserve][]): boolean =>
  entries.some(([, { target, processMatch }]) => target.type === 'process' || processMatch !== null)

interface Sources extends Asked {
  snapshot: Snapshot
}

/** The same service in new answers; null for a replica that is not there any more. */
const observeAgain = (
  sources: Sources,
  { name, target, configured, containerId }: ServiceFacts,
  entries: readonly [string, ServiceToObserve][],
): ServiceFacts | null => {
  const [configName, service] = entries.find(([, one]) => one.target === target) ?? [
    name,
    { target, processMatch: null },
  ]
  const found = observeConfigured(sources, configName, service)
  const again = found.find((one) => one.containerId === containerId) ?? (found.length === 1 ? found[0] : null)
  return again ? { ...again, name, configured } : null
}

const observeConfigured = (sources: Sources, name: string, { target }: ServiceToObserve): ServiceFacts[] => {
  const wanted: Wanted = { name, target, configured: true }
  try {
    return observe(sources, wanted, target)
  } catch (error) {
    return [defect(wanted, error)]
  }
}

const observe = (sources: Sources, wanted: Wanted, target: ServiceTarget): ServiceFacts[] => {
  switch (target.type) {
    case 'container':
      return observeContainers(sources, wanted, target.ref)
    case 'unit':
      return [observeNamedUnit(sources, wanted, target.ref)]
    case 'process':
      return [observeProcess(sources.snapshot, wanted, target)]
    case 'pidfile':
      return [observePidfile(sources.snapshot, wanted, target.path)]
  }
}

const observeContainers = (
  { snapshot, containers }: Sources,
  wanted: Wanted,
  ref: string,
): ServiceFacts[] => {
  if (containers.kind !== 'value') return [withoutFigures(wanted, 'unknown', reasonOf(containers))]
  const found = findContainers(ref, containers.value)
  if (found.kind === 'ambiguous')
    return [withoutFigures(wanted, 'unknown', `${found.count} containers have an id that begins with ${ref}`)]
  const [first, ...others] = found.containers
  if (first === undefined) return [withoutFigures(wanted, 'missing', `no container ${ref}`)]
  if (others.length === 0) return [observeContainer(snapshot, wanted, first)]
  return found.containers.map((container, i) =>
    observeContainer(snapshot, { ...wanted, name: `${wanted.name}/${i + 1}` }, container),
  )
}

const observeNamedUnit = ({ snapshot, units }: Sources, wanted: Wanted, ref: string): ServiceFacts => {
  if (units.kind !== 'value') return withoutFigures(wanted, 'unknown', reasonOf(units))
  const name = fullUnitName(ref)
  const unit = units.value.find(({ id, names }) => id === name || names.includes(name))
  return unit ? observeUnit(snapshot, wanted, unit) : withoutFigures(wanted, 'missing', `no unit ${name}`)
}

const discover = ({
  snapshot,
  containers,
  units,
}: Sources): Pick<ObservedServices, 'services' | 'findings'> => {
  const foundContainers = containers.kind === 'value' ? containers.value : []
  const foundUnits = units.kind === 'value' ? units.value : []
  const services = [
    ...discoverContainers(foundContainers, snapshot.nowMs).map((container) =>
      guarded(discovered(container.name, { type: 'container', ref: container.name }), (wanted) =>
        observeContainer(snapshot, wanted, container),
      ),
    ),
    ...discoverUnits(foundUnits).map((unit) =>
      guarded(discovered(unit.id, { type: 'unit', ref: unit.id }), (wanted) =>
        observeUnit(snapshot, wanted, unit),
      ),
    ),
  ]
  const findings = [
    ...(containers.kind === 'failed' ? [unreadable('containers', containers)] : []),
    ...(units.kind === 'failed' ? [unreadable('units', units)] : []),
  ]
  return { services, findings }
}

const discovered = (name: string, target: ServiceTarget): Wanted => ({
  name,
  target,
  configured: false,
})

const guarded = (wanted: Wanted, observe: (wanted: Wanted) => ServiceFacts): ServiceFacts => {
  try {
    return observe(wanted)
  } catch (error) {
    return defect(wanted, error)
  }
}

/** An error of ours in one service must not hide the others. */
const defect = (wanted: Wanted, error: unknown): ServiceFacts =>
  withoutFigures(
    wanted,
    'unknown',
    `defect of oratio-health: ${error instanceof Error ? error.message : String(error)}`,
  )
