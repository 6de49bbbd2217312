import type { MemoryInfo } from '../core/facts.ts'
import { percent, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { mapReading, mustBeThere, type Reading, valueOrNull } from '../core/reading.ts'
import type { Host, HostCgroups } from '../host/host.ts'
import { parseMeminfo } from '../parse/meminfo.ts'
import type { HostCheck } from './check.ts'
import { percentOf } from './percent.ts'

export interface MemoryFacts {
  usedBytes: number
  totalBytes: number
  /** `container`: the limit of the container this runs in, which is tighter than the machine's RAM. */
  of: 'host' | 'container'
  /** True on kernels before 3.14, which do not say what is available. */
  estimated: boolean
}

const limits = record('Memory in use (total less available)', {
  warn: threshold(percent('Share in use', 85)),
  crit: threshold(percent('Share in use', 95)),
})

export const memory: HostCheck<typeof limits.default, MemoryFacts> = {
  scope: 'host',
  name: 'memory',
  limits,

  read(host): Reading<MemoryFacts> {
    return mapReading(readMemoryInfo(host), (info) => containerMemory(host.cgroups, info) ?? hostMemory(info))
  },

  judge({ usedBytes, totalBytes, of, estimated }, { warn, crit }): Finding[] {
    const usedPercent = percentOf(usedBytes, totalBytes)
    return [
      {
        check: 'memory',
        code: 'level',
        status: judgeLevel(usedPercent, warn, crit),
        value: usedPercent,
        unit: 'percent',
        warn,
        crit,
        args: { usedBytes, totalBytes, of, estimated: estimated ? 1 : 0 },
      },
    ]
  },
}

/** /proc/meminfo; every Linux host has it, so without it the memory could not be measured. */
export const readMemoryInfo = (host: Pick<Host, 'files'>): Reading<MemoryInfo> => {
  const text = mustBeThere(host.files.readText('/proc/meminfo'))
  return text.kind === 'value' ? parseMeminfo(text.value) : text
}

const hostMemory = (info: MemoryInfo): MemoryFacts => {
  // Shmem is part of Cached and cannot be dropped: a full tmpfs is used memory.
  const estimate = info.freeBytes + info.buffersBytes + info.cachedBytes - info.shmemBytes
  const available = info.availableBytes ?? Math.max(0, estimate)
  return {
    usedBytes: Math.max(0, info.totalBytes - available),
    totalBytes: info.totalBytes,
    of: 'host',
    estimated: info.availableBytes === null,
  }
}

/**
 * Inside a container /proc/meminfo is the whole machine's. Pid 1 is the container's init there, and on a machine it
 * is never limited; our own cgroup would be the wrong one to ask, since `cron.service` may have a limit of its own.
 */
const containerMemory = (cgroups: HostCgroups, info: MemoryInfo): MemoryFacts | null => {
  const path = valueOrNull(cgroups.memoryPathOf(1))
  const init = path === null ? null : valueOrNull(cgroups.memory(path))
  if (init?.limitBytes == null || init.limitAt === null || init.limitBytes >= info.totalBytes) return null
  // With systemd in the container its init is in `init.scope`: the figure that counts is that of the limited cgroup,
  // unless that lies outside of what a container sees (a pod's limit).
  const limited = valueOrNull(cgroups.memory(init.limitAt)) ?? init
  return {
    usedBytes: Math.max(0, limited.currentBytes - limited.inactiveFileBytes),
    totalBytes: init.limitBytes,
    of: 'container',
    estimated: false,
  }
}
