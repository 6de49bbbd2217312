import type { CgroupMemory } from '../../core/facts.ts'
import {
  absent,
  failed,
  flatMapReading,
  mapReading,
  type Reading,
  value,
  valueOrNull,
} from '../../core/reading.ts'
import type { ServiceMemory } from '../../core/service.ts'
import { cgroupSwap } from './cgroup-swap.ts'
import { type Group, isGone, vanished } from './figures.ts'
import type { Snapshot } from './snapshot.ts'

/** A hard limit and who set it. */
export interface Limit {
  limitBytes: number
  limitAt: string
}

/**
 * A cgroup that is the service's own. Where the kernel does not count memory by cgroup (a Raspberry Pi without
 * `cgroup_enable=memory`) its processes are added up.
 *
 * @param set the limit that the engine or systemd knows of; the tighter one counts
 */
export const groupOfCgroup = ({ snapshot, path, set }: CgroupOf): Group => {
  const pids = snapshot.host.cgroups.pids(path)
  const cgroup = snapshot.host.cgroups.memory(path)
  if (cgroup.kind === 'absent' && pids.kind === 'value')
    return groupOfPids({ snapshot, pids: pids.value, set })
  return {
    cgroup: path,
    pids,
    memory: flatMapReading(cgroup, (memory) =>
      mapReading(cgroupSwap(snapshot.host, path, memory), (swapBytes) => ({
        leakBytes: memory.anonBytes + memory.shmemBytes + swapBytes,
        usedBytes: Math.max(0, memory.currentBytes - memory.inactiveFileBytes),
        swapBytes,
        ...tighter(limitOf(memory), set),
      })),
    ),
    oomKills: oomKillsOf(cgroup),
  }
}

interface CgroupOf {
  snapshot: Snapshot
  path: string
  set: Limit | null
}

/** Processes without a cgroup of their own, by the sum of what each holds. The cgroup they are in may limit them. */
export const groupOfPids = ({ snapshot, pids, set }: PidsOf): Group => ({
  cgroup: null,
  pids: value([...pids]),
  memory: mapReading(heldBy(snapshot, pids), ({ heldBytes, swapBytes }) => ({
    leakBytes: heldBytes,
    usedBytes: heldBytes,
    swapBytes,
    ...tighter(limitAround(snapshot, pids[0]), set),
  })),
  oomKills: absent('a count of OOM kills'),
})

interface PidsOf {
  snapshot: Snapshot
  /** The main process first. */
  pids: readonly number[]
  set: Limit | null
}

const limitOf = ({ limitBytes, limitAt }: CgroupMemory): Limit | null =>
  limitBytes === null ? null : { limitBytes, limitAt: limitAt ?? '' }

const tighter = (a: Limit | null, b: Limit | null): Pick<ServiceMemory, 'limitBytes' | 'limitAt'> => {
  if (a === null || b === null) return a ?? b ?? { limitBytes: null, limitAt: null }
  return b.limitBytes < a.limitBytes ? b : a
}

const oomKillsOf = (cgroup: Reading<CgroupMemory>): Reading<number> => {
  if (cgroup.kind !== 'value') return cgroup
  return cgroup.value.oomKills === null ? absent('a count of OOM kills') : value(cgroup.value.oomKills)
}

const limitAround = ({ host }: Snapshot, pid: number | undefined): Limit | null => {
  const path = pid === undefined ? null : valueOrNull(host.cgroups.memoryPathOf(pid))
  const memory = path === null ? null : valueOrNull(host.cgroups.memory(path))
  return memory === null ? null : limitOf(memory)
}

/**
 * RssAnon + RssShmem + VmSwap of all. Shared memory that several have mapped is in the RssShmem of each (100 workers
 * of one PostgreSQL with 8 GB of shared buffers would make 800 GB), so together it counts for no more than all shared
 * memory of the host.
 */
const heldBy = (
  { host, hostShmemBytes }: Snapshot,
  pids: readonly number[],
): Reading<{ heldBytes: number; swapBytes: number }> => {
  let anonBytes = 0
  let shmemBytes = 0
  let swapBytes = 0
  let seen = 0
  for (const pid of pids) {
    const memory = host.processes.memory(pid)
    if (memory.kind === 'value') {
      anonBytes += memory.value.anonBytes
      shmemBytes += memory.value.shmemBytes
      swapBytes += memory.value.swapBytes
      seen++
    } else if (!isGone(memory)) return memory
  }
  if (seen === 0) return pids.length === 0 ? failed('vanished', 'its processes', 'there are none') : vanished
  const together =
    pids.length > 1 && hostShmemBytes !== null ? Math.min(shmemBytes, hostShmemBytes) : shmemBytes
  return value({ heldBytes: anonBytes + together + swapBytes, swapBytes })
}
