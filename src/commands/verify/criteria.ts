import type { Config, ServiceConfig } from '../../config/config.ts'
import type { Verify } from '../../config/sections/verify.ts'
import type { Criteria } from '../../core/acceptance.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { chosenServices } from '../chosen-services.ts'

/** What each service is held to, by its name. */
export interface Asked {
  criteria: Map<string, Criteria>
  /** Those of the config; empty: the names are of what is found, or recorded. */
  configured: Record<string, ServiceConfig>
}

type Options = Readonly<Record<string, unknown>>

export const criteriaFlags = [
  '--max-memory',
  '--max-growth',
  '--max-swap',
  '--max-cpu',
  '--min-uptime',
  '--max-processes',
]

/**
 * The bounds of the flags, and where one is not given, of `services.NAME.verify` in the config.
 *
 * @throws HealthError 64 when there is no service, or one that is named has no bound
 */
export const askedOf = (config: Config, names: readonly string[], options: Options): Asked => {
  const configured = chosenServices(config, names)
  const isConfigured = Object.keys(configured).length > 0
  if (!isConfigured && names.length === 0)
    throw new HealthError(exitCode.usage, 'verify needs a service', 'name one: oratio-health verify NAME …')
  const wanted = isConfigured ? Object.keys(configured) : [...new Set(names)]
  const all = wanted.map((name) => [name, criteriaOf(configured[name], options)] as const)
  const held = all.filter(([, criteria]) => isBound(criteria))
  const without = all.find(([, criteria]) => !isBound(criteria))
  if (without !== undefined && (names.length > 0 || held.length === 0))
    throw new HealthError(
      exitCode.usage,
      names.length > 0
        ? `nothing is asked of ${clip(without[0], 60)}`
        : 'no service of the config has verify:',
      `give a bound (${criteriaFlags.join(', ')}), or verify: in the service's config`,
    )
  return { criteria: new Map(held), configured }
}

const criteriaOf = (service: ServiceConfig | undefined, options: Options): Criteria => {
  const own = (service?.features.verify ?? null) as Verify | null
  const given = (name: string): number | null => {
    const value = options[name]
    return typeof value === 'number' ? value : null
  }
  return {
    maxMemoryBytes: given('maxMemory') ?? own?.max_memory ?? null,
    maxGrowthBytesPerMinute: given('maxGrowth') ?? own?.max_growth ?? null,
    maxSwapBytes: given('maxSwap') ?? own?.max_swap ?? null,
    maxCpuPercent: given('maxCpu') ?? own?.max_cpu ?? null,
    minUptimeSeconds: given('minUptime') ?? own?.min_uptime ?? null,
    maxProcesses: given('maxProcesses') ?? own?.max_processes ?? null,
    warmUpSeconds: given('warmUp') ?? own?.warm_up ?? 0,
  }
}

const isBound = ({ warmUpSeconds: _, ...bounds }: Criteria): boolean =>
  Object.values(bounds).some((bound) => bound !== null)
