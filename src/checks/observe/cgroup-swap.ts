import type { CgroupMemory } from '../../core/facts.ts'
import { failed, flatMapReading, mapReading, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { readMemoryInfo } from '../memory.ts'
import { sumOver } from './figures.ts'

/**
 * What of a cgroup is swapped out. A kernel that does not count swap by cgroup (`swapaccount=0`, the default of many
 * before 5.8) leaves it to the host, which may have none at all, and to the processes: 35 µs each. Of these shared
 * memory is missing, which the kernel counts in none of them.
 */
export const cgroupSwap = (host: Host, path: string, { swapBytes }: CgroupMemory): Reading<number> => {
  if (swapBytes !== null) return value(swapBytes)
  if (valueOrNull(readMemoryInfo(host))?.swapTotalBytes === 0) return value(0)
  return flatMapReading(host.cgroups.pids(path), (pids) =>
    pids.length === 0
      ? failed('vanished', `processes of ${path}`, 'there are none whose swap could be added up')
      : sumOver(pids, (pid) => mapReading(host.processes.memory(pid), (memory) => memory.swapBytes)),
  )
}

/** anon + shmem + swap. */
export const cgroupLeakNumber = (host: Host, path: string, memory: CgroupMemory): Reading<number> =>
  mapReading(cgroupSwap(host, path, memory), (swapBytes) => memory.anonBytes + memory.shmemBytes + swapBytes)
