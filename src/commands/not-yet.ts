import type { Config, ServiceConfig } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'

/**
 * What the config may say already and this version does not act on. An alert that is configured and never sent must not
 * look as if it were: `check` says so until the version that does it takes the key off this list.
 */
export const notYet = ({ services, metrics, orphans }: Config): Finding[] => {
  const keys = [
    ...Object.entries(services).flatMap(([name, service]) =>
      keysOf(service).map((key) => `services.${name}.${key}`),
    ),
    ...(metrics.textfile !== null ? ['metrics.textfile'] : []),
    ...(orphans.length > 0 ? ['orphans'] : []),
  ]
  if (keys.length === 0) return []
  const shown = keys.slice(0, shownKeys).join(', ')
  return [
    {
      check: 'config',
      code: 'not-yet',
      status: 'warning',
      value: null,
      unit: null,
      warn: null,
      crit: null,
      args: { keys: keys.length > shownKeys ? `${shown} and ${keys.length - shownKeys} more` : shown },
    },
  ]
}

const shownKeys = 5

const keysOf = ({ checks }: ServiceConfig): string[] => {
  const memory = checks.memory as { growth?: unknown; forecast?: unknown } | null | undefined
  return [
    ...(isGiven(memory?.growth) ? ['memory.growth'] : []),
    ...(isGiven(memory?.forecast) ? ['memory.forecast'] : []),
  ]
}

const isGiven = (value: unknown): boolean =>
  value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)
