import type { MemoryInfo } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'

/** /proc/meminfo, lines such as `MemAvailable:   24431808 kB` (proc_meminfo(5): `kB` means 1024 bytes). */
export const parseMeminfo = (text: string): Reading<MemoryInfo> => {
  const bytes = new Map<string, number>()
  for (const line of text.matchAll(/^([\w()]+):\s+(\d+) kB$/gm)) {
    bytes.set(line[1] ?? '', Number(line[2]) * 1024)
  }
  const totalBytes = bytes.get('MemTotal')
  if (!totalBytes) return failed('malformed', '/proc/meminfo', 'no MemTotal line')
  return value({
    totalBytes,
    freeBytes: bytes.get('MemFree') ?? 0,
    availableBytes: bytes.get('MemAvailable') ?? null,
    buffersBytes: bytes.get('Buffers') ?? 0,
    cachedBytes: bytes.get('Cached') ?? 0,
    shmemBytes: bytes.get('Shmem') ?? 0,
    slabReclaimableBytes: bytes.get('SReclaimable') ?? 0,
    slabUnreclaimableBytes: bytes.get('SUnreclaim') ?? 0,
    swapTotalBytes: bytes.get('SwapTotal') ?? 0,
    swapFreeBytes: bytes.get('SwapFree') ?? 0,
  })
}
