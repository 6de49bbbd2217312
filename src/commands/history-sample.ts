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
    cpuSeconds: own.length === 0 ? null : cpuSecondsOf(host, own),
    processes: valueOrNull(facts.processes),
    openFiles: valueOrNull(facts.openFiles),
    threads: valueOrNull(facts.threads),
    identity: identityHash(facts.identity),
  }
}

export const cpuSecondsOf = (host: Host, processes: readonly { cpuTicks: number }[]): number =>
  processes.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / host.processes.ticksPerSecond
