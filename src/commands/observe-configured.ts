import { readMemoryInfo } from '../checks/memory.ts'
import { observeServices } from '../checks/observe/services.ts'
import type { ServiceConfig } from '../config/config.ts'
import { valueOrNull } from '../core/reading.ts'
import type { Host } from '../host/host.ts'

/** The services as they are now, without probes and without judging them. */
export const observeConfigured = (
  host: Host,
  services: Readonly<Record<string, ServiceConfig>>,
): ReturnType<typeof observeServices> => {
  const wanted = Object.fromEntries(
    Object.entries(services).map(([name, { target }]) => [name, { target, processMatch: null }]),
  )
  return observeServices(host, wanted, valueOrNull(readMemoryInfo(host))?.shmemBytes ?? null)
}
