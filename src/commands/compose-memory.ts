import { isDead } from '../checks/observe/process-tree.ts'
import { shortName } from '../checks/observe/short-name.ts'
import type { Composition, MemoryKind, NamePart, ProcessPart } from '../core/composition.ts'
import type { ProcessMemory, ProcessStat } from '../core/facts.ts'
import { identityHash } from '../core/identity-hash.ts'
import { flatMapReading, valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'

const shownParts = 12
/** Each costs 35 µs. */
const mostProcesses = 2000

interface Measured {
  stat: ProcessStat
  memory: ProcessMemory
  name: string
}

/** What the memory of a service is made of now; null: it does not run, or its processes cannot be seen. */
export const compositionOf = (host: Host, facts: ServiceFacts): Composition | null => {
  const scan = valueOrNull(host.processes.scan())
  if (scan === null || facts.identity === null || facts.pids.length === 0) return null
  const wanted = new Set(facts.pids.slice(0, mostProcesses))
  const measured = scan.processes
    .filter((stat) => wanted.has(stat.pid))
    .flatMap((stat) => measure(host, stat))
  if (measured.length === 0) return null
  return {
    atMs: host.now(),
    identity: identityHash(facts.identity),
    kinds: kindsOf(host, facts, measured),
    processes: valueOrNull(facts.processes),
    openFiles: valueOrNull(facts.openFiles),
    threads: valueOrNull(facts.threads),
    largest: largest(
      measured.map(
        ({ stat, memory, name }): ProcessPart => ({
          pid: stat.pid,
          startTicks: stat.startTicks,
          name,
          bytes: ownBytes(memory),
        }),
      ),
    ),
    names: largest(addedUp(measured)),
  }
}

const measure = (host: Host, stat: ProcessStat): Measured[] => {
  if (stat.isKernelThread || isDead(stat)) return []
  const memory = valueOrNull(host.processes.memory(stat.pid))
  if (memory === null) return []
  // One in uninterruptible sleep may hold the lock that reading its command line waits for.
  const commandLine = stat.state === 'D' ? '' : (valueOrNull(host.processes.commandLine(stat.pid)) ?? '')
  return [{ stat, memory, name: shortName(stat.comm, commandLine) }]
}

const ownBytes = ({ anonBytes, shmemBytes, swapBytes }: ProcessMemory): number =>
  anonBytes + shmemBytes + swapBytes

const addedUp = (measured: readonly Measured[]): NamePart[] => {
  const byName = new Map<string, NamePart>()
  for (const { memory, name } of measured) {
    const sum = byName.get(name) ?? { name, processes: 0, bytes: 0 }
    byName.set(name, { name, processes: sum.processes + 1, bytes: sum.bytes + ownBytes(memory) })
  }
  return [...byName.values()]
}

const largest = <T extends { bytes: number }>(parts: readonly T[]): T[] =>
  [...parts].sort((a, b) => b.bytes - a.bytes).slice(0, shownParts)

/** Of its cgroup, where it has one of its own; else its processes added up, which see no kernel memory. */
const kindsOf = (
  host: Host,
  { kind, mainPid, pids }: ServiceFacts,
  measured: readonly Measured[],
): Record<MemoryKind, number | null> => {
  const pid = mainPid ?? pids[0]
  const cgroup =
    kind === 'process' || pid === undefined
      ? null
      : valueOrNull(flatMapReading(host.cgroups.memoryPathOf(pid), (path) => host.cgroups.memory(path)))
  if (cgroup !== null)
    return {
      anonymous: cgroup.anonBytes + cgroup.swapBytes,
      shared: cgroup.shmemBytes,
      file: Math.max(0, cgroup.fileBytes - cgroup.shmemBytes),
      kernel: cgroup.kernelBytes,
      sockets: cgroup.socketBytes,
    }
  const sum = (of: (memory: ProcessMemory) => number): number =>
    measured.reduce((all, { memory }) => all + of(memory), 0)
  return {
    anonymous: sum(({ anonBytes, swapBytes }) => anonBytes + swapBytes),
    shared: sum(({ shmemBytes }) => shmemBytes),
    file: sum(({ fileBytes }) => fileBytes),
    kernel: null,
    sockets: null,
  }
}
