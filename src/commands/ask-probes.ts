import type { JudgedService } from '../checks/judge.ts'
import type { Probe } from '../checks/probes/probe.ts'
import type { ServiceConfig } from '../config/config.ts'
import { worstStatus } from '../core/finding.ts'
import type { Host } from '../host/host.ts'
import { configOf } from './service-config.ts'

// What hangs must not use up the whole run: its restart is begun in the same one.
const keptForHealingMs = 10_000

/** Adds what the probes of the config found to each service; without any nothing of them is loaded. */
export const askProbes = async (
  host: Host,
  services: readonly JudgedService[],
  configs: Readonly<Record<string, ServiceConfig>>,
  remembered: unknown,
  remainingMs: () => number,
): Promise<{ services: JudgedService[]; remember: unknown }> => {
  const asked = services.flatMap(({ facts }) => {
    const probes = (configOf(configs, facts.name)?.features.probes ?? []) as Probe[]
    // A captured host cannot be asked, and another one that answers here would be taken for it.
    return facts.configured && host.live && probes.length > 0 ? [{ facts, probes }] : []
  })
  // Of a run limited to other services the positions in logs stay as they were.
  if (asked.length === 0) return { services: [...services], remember: remembered ?? null }
  const { runProbes } = await import('../checks/probes/run-probes.ts')
  const { findings, remember } = await runProbes(
    host,
    asked,
    remembered,
    () => remainingMs() - keptForHealingMs,
  )
  return {
    services: services.map((service) => withFindings(service, findings.get(service.facts.name))),
    remember,
  }
}

const withFindings = (service: JudgedService, more: JudgedService['findings'] = []): JudgedService => {
  const findings = [...service.findings, ...more]
  return { ...service, findings, status: worstStatus(findings.map(({ status }) => status)) }
}
