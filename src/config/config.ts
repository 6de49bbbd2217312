import type { ServiceTarget } from '../core/service.ts'

/** The parsed config: bytes, seconds, percent; every default filled in. */
export interface Config {
  /** Limits of the host's checks by the check's name, as each check's own `limits` field parses them. */
  host: Record<string, unknown>
  /** In the order of the file. */
  services: Record<string, ServiceConfig>
  /** Parsed as config/features.ts states; the commands that use them know their types. */
  cleanup: unknown[]
  orphans: unknown[]
  journal: Record<string, string>
  /** How often `install` has each command started, in seconds, by its name; null: never. */
  schedule: Record<string, number | null>
  notify: { remindSeconds: number; targets: unknown[] }
  metrics: { textfile: string | null }
}

export interface ServiceConfig {
  target: ServiceTarget
  /** Limits of the service checks by config key (`memory`, `processes`, …). */
  checks: Record<string, unknown>
  /** What is not a limit: `restart`, `probes`, `start`, `limit`, `hooks`, … by config key; null, or an empty list, when not given. */
  features: Record<string, unknown>
}

export interface LoadedConfig {
  config: Config
  /** Null when there is no config file and the defaults stand. */
  path: string | null
  /** One line each, e.g. a world-readable file that holds a secret. */
  warnings: string[]
}
