import { configNameOf } from '../checks/judge.ts'
import { type ObservedServices, observeServices } from '../checks/observe/services.ts'
import type { Config } from '../config/config.ts'
import type { Host } from '../host/host.ts'
import { servicesToObserve } from './look.ts'
import { restartOf } from './service-config.ts'

/**
 * What may be restarted and was not looked at, as it is now: of a run that is limited to some services, which may have
 * to restart one that others depend on.
 *
 * @param lookedAt names of services, also of replicas
 */
export const lookOutside = async (
  host: Host,
  { services }: Config,
  lookedAt: readonly string[],
): Promise<Pick<ObservedServices, 'services' | 'containers'>> => {
  const known = new Set(lookedAt.flatMap((name) => [name, configNameOf(name)]))
  const others = Object.entries(services).filter(
    ([name, config]) => !known.has(name) && restartOf(config) !== null,
  )
  return others.length === 0
    ? { services: [], containers: [] }
    : observeServices(host, servicesToObserve(Object.fromEntries(others)), null)
}
