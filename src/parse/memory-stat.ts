import { failed, type Reading, value } from '../core/reading.ts'

/** What memory.stat tells of a cgroup and all below it, in bytes; null: this kernel does not say. */
export interface CgroupMemoryStat {
  anonBytes: number
  /** The page cache; tmpfs and shared memory are in here too. */
  fileBytes: number
  shmemBytes: number
  swapBytes: number | null
  inactiveFileBytes: number
  kernelBytes: number | null
  /** Of that, what the kernel gives back when memory is short. */
  slabReclaimableBytes: number | null
  socketBytes: number | null
  /** The tightest limit up the whole tree, also above what a container sees; Infinity: none. Null: v2 does not say. */
  hierarchicalLimitBytes: number | null
}

/**
 * cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst). `rss` is the cgroup alone and `total_rss` with all
 * below it, so only `total_…` counts. `shmem` came with Linux 4.10 and cannot be told from the cache before; swap is
 * there only where the kernel accounts for it (`swapaccount=1`).
 */
export const parseMemoryStatV1 = (text: string): Reading<CgroupMemoryStat> => {
  const numbers = keyedNumbers(text)
  const total = (key: string): number | null => numbers.get(`total_${key}`) ?? numbers.get(key) ?? null
  const anonBytes = total('rss')
  const fileBytes = total('cache')
  if (anonBytes === null || fileBytes === null) return malformed('no rss or cache line')
  const limitBytes = numbers.get('hierarchical_memory_limit')
  return value({
    anonBytes,
    fileBytes,
    shmemBytes: total('shmem') ?? 0,
    swapBytes: total('swap'),
    inactiveFileBytes: total('inactive_file') ?? 0,
    kernelBytes: null,
    slabReclaimableBytes: null,
    socketBytes: null,
    hierarchicalLimitBytes:
      limitBytes !== undefined && isNoLimit(limitBytes) ? Infinity : (limitBytes ?? null),
  })
}

/** What `kernel` (Linux 5.18) adds up, for older kernels. */
const kernelParts = ['kernel_stack', 'pagetables', 'sec_pagetables', 'percpu', 'vmalloc', 'slab']

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst): all figures are of the cgroup and everything below it. */
export const parseMemoryStatV2 = (text: string): Reading<CgroupMemoryStat> => {
  const numbers = keyedNumbers(text)
  const anonBytes = numbers.get('anon')
  const fileBytes = numbers.get('file')
  if (anonBytes === undefined || fileBytes === undefined) return malformed('no anon or file line')
  const parts = kernelParts.flatMap((key) => numbers.get(key) ?? [])
  const sumOfParts = parts.length === 0 ? null : parts.reduce((sum, bytes) => sum + bytes, 0)
  return value({
    anonBytes,
    fileBytes,
    shmemBytes: numbers.get('shmem') ?? 0,
    swapBytes: null,
    inactiveFileBytes: numbers.get('inactive_file') ?? 0,
    kernelBytes: numbers.get('kernel') ?? sumOfParts,
    slabReclaimableBytes: numbers.get('slab_reclaimable') ?? null,
    socketBytes: numbers.get('sock') ?? null,
    hierarchicalLimitBytes: null,
  })
}

/** The content of memory.max (v2) or memory.limit_in_bytes (v1); the value null means "no limit". */
export const parseMemoryLimit = (text: string): Reading<number | null> => {
  const word = text.trim()
  if (word === 'max') return value(null)
  if (!/^\d+$/.test(word)) return failed('malformed', 'memory limit', 'neither "max" nor a number')
  return value(isNoLimit(Number(word)) ? null : Number(word))
}

/**
 * v1 says "no limit" by its greatest number, rounded down to pages: 9223372036854771712 with 4 KiB pages,
 * 9223372036854759424 with 16 KiB; 9223372036854775807 before Linux 3.19; LONG_MAX pages on 32 bits.
 */
const isNoLimit = (bytes: number): boolean => bytes >= 2 ** 62 || bytes === (2 ** 31 - 1) * 4096

const keyedNumbers = (text: string): Map<string, number> => {
  const numbers = new Map<string, number>()
  for (const [, key, digits] of text.matchAll(/^(\w+) (\d+)$/gm)) numbers.set(key ?? '', Number(digits))
  return numbers
}

const malformed = (detail: string): Reading<never> => failed('malformed', 'memory.stat', detail)
