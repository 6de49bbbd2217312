import type { Config, ServiceConfig } from '../config/config.ts'
import { nearest } from '../config/nearest.ts'
import { exitCode, HealthError } from '../core/errors.ts'
import { clip } from '../core/escape.ts'

/**
 * The services of the config that the command line names, all without a name. Without any in the config the names are
 * of what is found on the host, which is known only after looking.
 *
 * @throws HealthError 64 for a name that the config does not have
 */
export const chosenServices = (config: Config, names: readonly string[]): Record<string, ServiceConfig> => {
  const all = config.services
  if (names.length === 0 || Object.keys(all).length === 0) return all
  return Object.fromEntries(
    names.map((name) => {
      const service = Object.hasOwn(all, name) ? all[name] : undefined
      if (service === undefined) throw unknownService(name, Object.keys(all))
      return [name, service]
    }),
  )
}

/** @throws HealthError 64 when one of the names was not found */
export const requireFound = (names: readonly string[], found: readonly string[]): void => {
  for (const name of names) if (!found.includes(name)) throw unknownService(name, found)
}

const unknownService = (name: string, known: readonly string[]): HealthError => {
  const near = nearest(name, known)
  const list = known.slice(0, 10).map((other) => clip(other, 60))
  return new HealthError(
    exitCode.usage,
    `there is no service ${clip(name, 60)}${near === null ? '' : `; ${clip(near, 60)} is near`}`,
    known.length === 0
      ? 'nothing is configured, and nothing of that name runs here'
      : `known: ${list.join(', ')}${known.length > 10 ? ' …' : ''}`,
  )
}
