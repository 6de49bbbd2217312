import type { ServiceConfig } from '../../config/config.ts'
import type { Limit } from '../../config/sections/restart.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Host } from '../../host/host.ts'
import type { WantedLimit } from '../../plan/limits.ts'
import { chosenServices, requireFound } from '../chosen-services.ts'
import type { RunContext } from '../command.ts'
import { observeConfigured } from '../observe-configured.ts'

/** A service with its own limits; what stands further up the cgroup tree is in `facts.memory`. */
export interface LimitedService {
  facts: ServiceFacts
  via: 'container' | 'unit' | null
  /** Id of the container, or name of the unit. */
  ref: string | null
  /** Of its own. */
  memoryBytes: number | null
  reservationBytes: number | null
  wanted: WantedLimit | null
}

/** Those of the config, or named; without a config every container and unit that is of interest. */
export const gatherLimits = async (context: RunContext): Promise<LimitedService[]> => {
  const { host, loaded, args } = context
  if (loaded === null) throw new Error('limits runs with a config')
  const chosen = chosenServices(loaded.config, args)
  const observed = await observeConfigured(host, chosen)
  const units = await unitLimits(host, observed.services)
  if (Object.keys(chosen).length === 0)
    requireFound(
      args,
      observed.services.map(({ name }) => name),
    )
  return observed.services
    .filter(
      ({ name }) => args.length === 0 || args.includes(name) || args.includes(name.replace(/\/\d+$/, '')),
    )
    .map((facts): LimitedService => {
      const config = chosen[facts.name] ?? chosen[facts.name.replace(/\/\d+$/, '')] ?? null
      const container = observed.containers.find(({ id }) => id === facts.containerId)
      const unit = facts.kind === 'unit' ? (units.get(unitOf(facts)) ?? null) : null
      return {
        facts,
        via: container !== undefined ? 'container' : unit !== null ? 'unit' : null,
        ref: container?.id ?? unit?.id ?? null,
        memoryBytes: container?.memoryLimitBytes ?? unit?.memoryMaxBytes ?? null,
        reservationBytes: container?.memoryReservationBytes ?? unit?.memoryLowBytes ?? null,
        wanted: wantedOf(config),
      }
    })
}

const unitOf = ({ target, name }: ServiceFacts): string =>
  fullUnitName(target.type === 'unit' ? target.ref : name)

interface UnitLimit {
  id: string
  memoryMaxBytes: number | null
  memoryLowBytes: number | null
}

const unitLimits = async (host: Host, services: readonly ServiceFacts[]): Promise<Map<string, UnitLimit>> => {
  const names = services.filter(({ kind }) => kind === 'unit').map(unitOf)
  if (names.length === 0) return new Map()
  const units = await host.systemd.units(names)
  return new Map(
    (units.kind === 'value' ? units.value : [])
      .filter(({ loadState }) => loadState === 'loaded')
      .flatMap((unit) => unit.names.map((name) => [name, unit] as const)),
  )
}

const wantedOf = (config: ServiceConfig | null): WantedLimit | null => {
  const limit = (config?.features.limit ?? null) as Limit | null
  return limit === null
    ? null
    : { memoryBytes: limit.memory ?? null, reservationBytes: limit.reservation ?? null }
}
