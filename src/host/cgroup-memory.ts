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
  // What may be missing comes first: a cgroup on its way out has lost the needed files too by the time they are read.
  const swap = version === 2 ? orNull(naturalIn(tree, path, 'memory.swap.current')) : value(null)
  if (swap.kind !== 'value') return swap
  const kernel = version === 1 ? orNull(naturalIn(tree, path, 'memory.kmem.usage_in_bytes')) : value(null)
  if (kernel.kind !== 'value') return kernel
  const events = orNull(tree.read(path, names.events))
  if (events.kind !== 'value') return events

  const current = naturalIn(tree, path, names.current)
  if (current.kind !== 'value') return current.kind === 'failed' ? current : whyNotCounted(tree, path)
  const statText = tree.read(path, 'memory.stat')
  if (statText.kind !== 'value') return statText.kind === 'failed' ? statText : goingAway(path)
  const stat = (version === 1 ? parseMemoryStatV1 : parseMemoryStatV2)(statText.value)
  if (stat.kind !== 'value') return stat
  const limit = tightestLimit(tree, path, stat.value.hierarchicalLimitBytes)
  if (limit.kind !== 'value') return limit

  return value({
    currentBytes: current.value,
    anonBytes: stat.value.anonBytes,
    fileBytes: stat.value.fileBytes,
    shmemBytes: stat.value.shmemBytes,
    swapBytes: stat.value.swapBytes ?? swap.value,
    inactiveFileBytes: stat.value.inactiveFileBytes,
    kernelBytes: stat.value.kernelBytes ?? kernel.value,
    slabReclaimableBytes: stat.value.slabReclaimableBytes,
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
    if (limit.kind === 'failed') return limit
    // What has memory.current has a limit file too; the root above has neither.
    if (limit.kind === 'absent' && at === path) return goingAway(path)
    const bytes = limit.kind === 'value' ? limit.value : null
    if (bytes === null || (hierarchicalBytes !== null && bytes !== hierarchicalBytes)) continue
    if (tightest === null || bytes < tightest.bytes) tightest = { bytes, at }
  }
  if (tightest === null && hierarchicalBytes !== null) return value({ bytes: hierarchicalBytes, at: above })
  return value(tightest)
}

const limitOf = (tree: CgroupTree, path: string): Reading<number | null> => {
  const text = tree.read(path, fileNames[tree.hierarchy.version].limit)
  return text.kind === 'value' ? parseMemoryLimit(text.value) : text
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

const goingAway = (path: string): Reading<never> => failed('vanished', path, 'is being removed')

/** v1 counts the memory of every cgroup; v2 only where the one above hands the controller down, and not at the root. */
const whyNotCounted = (tree: CgroupTree, path: string): Reading<never> => {
  const controllers = tree.read(path, 'cgroup.controllers')
  if (tree.hierarchy.version === 1 || controllers.kind === 'absent') return goingAway(path)
  if (controllers.kind === 'failed') return controllers
  const isRoot = tree.read(path, 'cgroup.events').kind === 'absent'
  const counts = controllers.value.trim().split(' ').includes('memory')
  return counts && !isRoot ? goingAway(path) : absent(`memory accounting of cgroup ${path}`)
}
