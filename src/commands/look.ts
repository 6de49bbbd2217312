import { unreadable } from '../checks/check.ts'
import { type JudgedService, judgeHost, judgeServices, readHostChecks } from '../checks/judge.ts'
import { readMemoryInfo } from '../checks/memory.ts'
import { type Biggest, biggestConsumers } from '../checks/observe/biggest.ts'
import { observeServices, type ServiceToObserve } from '../checks/observe/services.ts'
import { hostChecks, serviceChecks } from '../checks/registry.ts'
import type { Config, ServiceConfig } from '../config/config.ts'
import type { ContainerFacts, MemoryInfo } from '../core/facts.ts'
import type { Finding } from '../core/finding.ts'
import { mustBeThere, type Reading, valueOrNull } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import type { State } from '../store/state.ts'
import { askProbes } from './ask-probes.ts'
import { countRestarts } from './count-restarts.ts'

const shownConsumers = 5

/** One look at the host, judged; nothing is changed. */
export interface Look {
  findings: Finding[]
  services: JudgedService[]
  containers: ContainerFacts[]
  biggest: Reading<Biggest>
  /** For the next look, by the check's name. */
  remembered: Record<string, unknown>
  /** With the restarts by the engine and by systemd since the last look. */
  restarts: State['restarts']
}

export interface Before {
  remembered: State['remembered']
  restarts: State['restarts']
}

/**
 * @param services those of the config to look at
 * @param remainingMs what is left for this run
 */
export const look = async (
  host: Host,
  config: Config,
  services: Readonly<Record<string, ServiceConfig>>,
  before: Before,
  remainingMs: () => number,
): Promise<Look> => {
  const meminfo = valueOrNull(readMemoryInfo(host))
  // The engine and systemd answer while the host's own files are read.
  const [observed, runs] = await Promise.all([
    observeServices(host, servicesToObserve(services), meminfo?.shmemBytes ?? null),
    readHostChecks(host, hostChecks, config.host, before.remembered),
  ])
  const { facts, restarts } = countRestarts(host, observed.services, before.restarts)
  const judged = judgeServices(facts, serviceChecks, services, {
    totalMemoryBytes: meminfo?.totalBytes ?? null,
  })
  const probed = await askProbes(host, judged, services, before.remembered.probes, remainingMs)
  return {
    findings: [...judgeHost(runs), ...observed.findings, ...processFindings(host)],
    services: probed.services,
    containers: observed.containers,
    biggest: biggestConsumers(host, shownConsumers, meminfo === null ? 0 : swapUsed(meminfo)),
    remembered: {
      ...Object.fromEntries(runs.map(({ check, remember }) => [check.name, remember])),
      probes: probed.remember,
    },
    restarts,
  }
}

/** Without the list of processes nothing can be said of services, and of who uses the memory. */
const processFindings = (host: Host): Finding[] => {
  const scan = mustBeThere(host.processes.scan())
  return scan.kind === 'failed' ? [unreadable('processes', scan)] : []
}

const swapUsed = ({ swapTotalBytes, swapFreeBytes }: MemoryInfo): number => swapTotalBytes - swapFreeBytes

export const servicesToObserve = (
  services: Readonly<Record<string, ServiceConfig>>,
): Record<string, ServiceToObserve> =>
  Object.fromEntries(
    Object.entries(services).map(([name, { target, checks }]) => [
      name,
      { target, processMatch: processMatchOf(checks.processes) },
    ]),
  )

const processMatchOf = (limits: unknown): string | null =>
  (limits as { match: string | null } | null | undefined)?.match ?? null
