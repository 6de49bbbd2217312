import type { CgroupMemory } from '../core/facts.ts'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { selfAndAncestors } from '../parse/cgroup-layout.ts'
import { parseOomKills } from '../parse/memory-events.ts'
import { parseMemoryLimit, parseMemoryStatV1, parseMemoryStatV2 } from '../parse/memory-stat.ts'
import type { CgroupTree } from './cgroup-tree.ts'

/** The same things under the names of the two versions. */
const fileNames = {
  1: { current: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes', events: 'memory.oom_control' },
  2: { current: 'memory.current', limit: 'memory.max', events: 'memory.events' },
}

/**
 * All memory figures of a cgroup, with everything below it. `absent` where its memory is not counted (the root of
 * v2, a kernel without the controller). The files are read one after the other, and a service may restart in
 * between, which makes a new cgroup of the same name: such a mixture is refused as `vanished`.
 */
export const readCgroupMemory = (tree: CgroupTree, path: string): Reading<CgroupMemory> => {
  const before = tree.inode(path)
  if (before.kind !== 'value') return before
  const memory = readFigures(tree, path)
  const after = tree.inode(path)
  if (after.kind !== 'value') return after
  return before.value === after.value ? memory : failed('vanished', path, 'a new cgroup has taken its place')
}

const readFigures = (tree: CgroupTree, path: string): Reading<CgroupMemory> => {
  const { version } = tree.hierarchy
  const names = fileNames[version]
  const current = naturalIn(tree, path, names.current)
  if (current.kind === 'absent') return absent(`memory accounting of cgroup ${path}`)
  if (current.kind === 'failed') return current

  const statText = tree.read(path, 'memory.stat')
  if (statText.kind !== 'value') return neededFile(statText, path)
  const stat = (version === 1 ? parseMemoryStatV1 : parseMemoryStatV2)(statText.value)
  if (stat.kind !== 'value') return stat

  const limit = tightestLimit(tree, path, stat.value.hierarchicalLimitBytes)
  if (limit.kind !== 'value') return limit
  const swap =
    version === 2 ? orNull(naturalIn(tree, path, 'memory.swap.current')) : value(stat.value.swapBytes)
  if (swap.kind !== 'value') return swap
  const kernel =
    version === 1
      ? orNull(naturalIn(tree, path, 'memory.kmem.usage_in_bytes'))
      : value(stat.value.kernelBytes)
  if (kernel.kind !== 'value') return kernel
  const events = orNull(tree.read(path, names.events))
  if (events.kind !== 'value') return events

  return value({
    currentBytes: current.value,
    anonBytes: stat.value.anonBytes,
    fileBytes: stat.value.fileBytes,
    shmemBytes: stat.value.shmemBytes,
    swapBytes: swap.value ?? 0,
    inactiveFileBytes: stat.value.inactiveFileBytes,
    kernelBytes: kernel.value,
    socketBytes: stat.value.socketBytes,
    limitBytes: limit.value?.bytes ?? null,
    limitAt: limit.value?.at ?? null,
    oomKills: parseOomKills(events.value ?? ''),
  })
}

interface Limit {
  bytes: number
  at: string
}

/** What /proc/PID/cgroup calls all that lies above the own cgroup namespace. */
const above = '/..'

/**
 * The tightest hard limit of the cgroup and those above it (memory.high only slows down, so it does not count). v1
 * tells its size itself: that respects `use_hierarchy`, and knows the limits that a container cannot see.
 */
const tightestLimit = (
  tree: CgroupTree,
  path: string,
  hierarchicalBytes: number | null,
): Reading<Limit | null> => {
  if (hierarchicalBytes === Infinity) return value(null)
  let tightest: Limit | null = null
  for (const at of selfAndAncestors(tree.hierarchy, path)) {
    const limit = limitOf(tree, at)
    if (limit.kind !== 'value') return limit
    const bytes = limit.value
    if (bytes === null || (hierarchicalBytes !== null && bytes !== hierarchicalBytes)) continue
    if (tightest === null || bytes < tightest.bytes) tightest = { bytes, at }
  }
  if (tightest === null && hierarchicalBytes !== null) return value({ bytes: hierarchicalBytes, at: above })
  return value(tightest)
}

const limitOf = (tree: CgroupTree, path: string): Reading<number | null> => {
  const text = orNull(tree.read(path, fileNames[tree.hierarchy.version].limit))
  if (text.kind !== 'value') return text
  return text.value === null ? value(null) : parseMemoryLimit(text.value)
}

const naturalIn = (tree: CgroupTree, path: string, file: string): Reading<number> => {
  const text = tree.read(path, file)
  if (text.kind !== 'value') return text
  return /^\d+\n?$/.test(text.value)
    ? value(Number(text.value))
    : failed('malformed', `${file} of cgroup ${path}`, 'is no number')
}

/** Files that older kernels, or cgroups without that kind of accounting, do not have. */
const orNull = <T>(reading: Reading<T>): Reading<T | null> =>
  reading.kind === 'absent' ? value(null) : reading

/** The kernel makes this file together with the one read before: without it the cgroup is going. */
const neededFile = (reading: Exclude<Reading<string>, { kind: 'value' }>, path: string): Reading<never> =>
  reading.kind === 'absent' ? failed('vanished', path, 'its memory.stat is not there any more') : reading
