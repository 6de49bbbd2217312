import { cgroupLeakNumber } from '../../checks/observe/cgroup-swap.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { StarterService } from '../../plan/starter-config.ts'

export interface Found {
  services: StarterService[]
  /** Cgroups of these services, so that their processes are not proposed once more. */
  cgroups: string[]
  notes: string[]
}

/** Below this nothing is proposed only for its size. */
export const notableBytes = 100 * 1024 ** 2

/** What a cgroup holds that nobody can reclaim (anon + shmem + swap), and the hard limit that is its own. */
export const measureCgroup = (
  host: Host,
  path: string | null,
): { memoryBytes: number | null; limitBytes: number | null } => {
  const memory = path === null ? null : valueOrNull(host.cgroups.memory(path))
  if (path === null || memory === null) return { memoryBytes: null, limitBytes: null }
  const { limitBytes, limitAt } = memory
  return {
    memoryBytes: valueOrNull(cgroupLeakNumber(host, path, memory)),
    limitBytes: limitAt === path ? limitBytes : null,
  }
}
