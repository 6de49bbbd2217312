import type { HistorySample } from '../core/history.ts'
import { identityHash } from '../core/identity-hash.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'

export type Processes = ReadonlyMap<number, { cpuTicks: number; threads: number }>

/** Empty when they could not be read: then what is made of them is not measured. */
export const processesOf = (host: Host): Processes =>
  new Map((valueOrNull(host.processes.scan())?.processes ?? []).map((one) => [one.pid, one]))

/** Null: its memory could not be measured, or it does not run. */
export const serviceSample = (
  host: Host,
  facts: ServiceFacts,
  processes: Processes,
): HistorySample | null => {
  const memory = valueOrNull(facts.memory)
  if (memory === null) return null
  const own = facts.pids.flatMap((pid) => processes.get(pid) ?? [])
  return {
    atMs: host.now(),
    leakBytes: memory.leakBytes,
    usedBytes: memory.usedBytes,
    limitBytes: memory.limitBytes,
    swapBytes: memory.swapBytes,
    cpuSeconds: serviceCpuSeconds(host, facts, own),
    processes: valueOrNull(facts.processes),
    openFiles: valueOrNull(facts.openFiles),
    threads: valueOrNull(facts.threads),
    identity: identityHash(facts.identity),
  }
}

/**
 * By its cgroup, which also counts who has ended. Where that does not count (v1, none of its own) those that are alive
 * are added up; where it could not be read nothing is, since a sum beside a count would be a jump.
 */
const serviceCpuSeconds = (
  host: Host,
  { cgroup }: ServiceFacts,
  own: readonly { cpuTicks: number }[],
): number | null => {
  const counted = cgroup === undefined ? null : host.cgroups.cpuSeconds(cgroup)
  if (counted !== null && counted.kind !== 'absent') return valueOrNull(counted)
  if (own.length === 0) return null
  return own.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / host.processes.ticksPerSecond
}
