import type { ServiceConfig } from '../../config/config.ts'
import { observeConfigured } from '../observe-configured.ts'
import { type Gathering, lackOf, outcome } from './source.ts'
import type { NamedService } from './suspect-name.ts'

/**
 * How many processes the kernel has killed for memory in the cgroup of each configured service (memory.events, or
 * memory.oom_control of v1). It counts on when the log of the kill is gone; since when is the cgroup's age. The engine and
 * systemd are not asked again.
 */
export const countOomKills = async (
  gathering: Gathering,
  services: Readonly<Record<string, ServiceConfig>>,
  named: readonly NamedService[],
): Promise<void> => {
  if (Object.keys(services).length === 0) return
  const { host, engineSaid, systemdSaid, oomCounts } = gathering
  const asked = {
    ...host,
    engine: { ...host.engine, containers: async () => engineSaid },
    systemd: { units: async () => systemdSaid },
  }
  const { services: observed } = await observeConfigured(asked, services)
  for (const { name: service, oomKills } of observed) {
    const one = named.find((other) => other.service === service)
    if (one !== undefined && oomKills.kind === 'value' && oomKills.value > 0)
      oomCounts.push({ name: one.name, kind: one.kind, count: oomKills.value })
  }
  for (const { name, oomKills } of observed) {
    // That a service is down is no lack of its cgroup: there is none then.
    if (oomKills.kind !== 'failed' || oomKills.cause === 'vanished') continue
    outcome(gathering, `cgroup of ${name}`, 0, true, lackOf(oomKills))
  }
}
