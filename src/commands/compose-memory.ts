import { readMemoryInfo } from '../checks/memory.ts'
import { cgroupSwap } from '../checks/observe/cgroup-swap.ts'
import { isGone } from '../checks/observe/figures.ts'
import { isDead } from '../checks/observe/process-tree.ts'
import { shortName } from '../checks/observe/short-name.ts'
import {
  type Composition,
  listedParts,
  type MemoryKind,
  type NamePart,
  type ProcessPart,
} from '../core/composition.ts'
import type { ProcessMemory, ProcessStat } from '../core/facts.ts'
import { identityHash } from '../core/identity-hash.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'

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
  const own = scan.processes.filter((stat) => wanted.has(stat.pid))
  const looks = own.filter((stat) => !stat.isKernelThread && !isDead(stat)).map((stat) => measure(host, stat))
  const measured = looks.filter((look) => typeof look === 'object')
  if (measured.length === 0) return null
  // Those of other users are not in the list where /proc hides them.
  const hidden = scan.complete ? 0 : wanted.size - own.length
  const denied = looks.filter((look) => look === 'unread').length
  return {
    atMs: host.now(),
    identity: identityHash(facts.identity),
    kinds: kindsOf(host, facts, measured),
    processes: valueOrNull(facts.processes),
    openFiles: valueOrNull(facts.openFiles),
    threads: valueOrNull(facts.threads),
    unread: denied + hidden + Math.max(0, facts.pids.length - mostProcesses),
    newestTicks: scan.processes.reduce((newest, { startTicks }) => Math.max(newest, startTicks), 0),
    largest: largest(
      measured.map(
        ({ stat, memory, name }): ProcessPart => ({
          pid: stat.pid,
          startTicks: stat.startTicks,
          name,
          bytes: heldBytes(memory),
          sharedBytes: memory.shmemBytes,
        }),
      ),
    ),
    names: largest(addedUp(measured)),
  }
}

const measure = (host: Host, stat: ProcessStat): Measured | 'unread' | 'gone' => {
  const reading = host.processes.memory(stat.pid)
  if (reading.kind !== 'value') return isGone(reading) ? 'gone' : 'unread'
  const memory = reading.value
  // One in uninterruptible sleep may hold the lock that reading its command line waits for.
  const commandLine = stat.state === 'D' ? '' : (valueOrNull(host.processes.commandLine(stat.pid)) ?? '')
  return { stat, memory, name: shortName(stat.comm, commandLine) }
}

const heldBytes = ({ anonBytes, swapBytes }: ProcessMemory): number => anonBytes + swapBytes

const addedUp = (measured: readonly Measured[]): NamePart[] => {
  const byName = new Map<string, NamePart>()
  for (const { memory, name } of measured) {
    const sum = byName.get(name) ?? { name, processes: 0, bytes: 0, sharedBytes: 0 }
    byName.set(name, {
      name,
      processes: sum.processes + 1,
      bytes: sum.bytes + heldBytes(memory),
      sharedBytes: sum.sharedBytes + memory.shmemBytes,
    })
  }
  return [...byName.values()]
}

const largest = <T extends { bytes: number; sharedBytes: number }>(parts: readonly T[]): T[] =>
  [...parts].sort((a, b) => b.bytes + b.sharedBytes - (a.bytes + a.sharedBytes)).slice(0, listedParts)

/**
 * Of its cgroup, where it has one of its own; else its processes added up, which see no kernel memory. Files that are
 * mapped, as libraries are, would count for each of them, so of the page cache nothing is known then.
 */
const kindsOf = (
  host: Host,
  { cgroup: path }: ServiceFacts,
  measured: readonly Measured[],
): Record<MemoryKind, number | null> => {
  const cgroup = path === undefined ? null : valueOrNull(host.cgroups.memory(path))
  if (path !== undefined && cgroup !== null) {
    const swapBytes = valueOrNull(cgroupSwap(host, path, cgroup))
    return {
      anonymous: swapBytes === null ? null : cgroup.anonBytes + swapBytes,
      shared: cgroup.shmemBytes,
      file: Math.max(0, cgroup.fileBytes - cgroup.shmemBytes),
      // Names and inodes of files that were looked at are a cache as well, and are given back.
      kernel:
        cgroup.kernelBytes === null
          ? null
          : Math.max(0, cgroup.kernelBytes - (cgroup.slabReclaimableBytes ?? 0)),
      sockets: cgroup.socketBytes,
    }
  }
  const sum = (of: (memory: ProcessMemory) => number): number =>
    measured.reduce((all, { memory }) => all + of(memory), 0)
  return {
    anonymous: sum(({ anonBytes, swapBytes }) => anonBytes + swapBytes),
    shared: sharedTogether(
      host,
      sum(({ shmemBytes }) => shmemBytes),
    ),
    file: null,
    kernel: null,
    sockets: null,
  }
}

/** What several have mapped is in each of them; together it is no more than all shared memory of the host. */
const sharedTogether = (host: Host, addedUp: number): number =>
  Math.min(addedUp, valueOrNull(readMemoryInfo(host))?.shmemBytes ?? addedUp)
