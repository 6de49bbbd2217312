import type { Mount } from '../core/facts.ts'

/** The hierarchy that counts memory, and where it is mounted. */
export interface MemoryHierarchy {
  version: 1 | 2
  mountPoint: string
  /** The cgroup that the mount point shows; not `/` in a container without a cgroup namespace of its own. */
  rootInside: string
}

export interface CgroupLayout {
  version: 'v1' | 'v2' | 'hybrid' | 'none'
  /** Null where the kernel has no memory controller (`cgroup_disable=memory` on a Raspberry Pi). */
  memory: MemoryHierarchy | null
}

/**
 * Which cgroups a host has, by its mounts (cgroups(7)): `v2` is cgroup2 alone, `v1` the old hierarchies alone, and
 * `hybrid` both, where memory is counted by v1 as long as it has the controller.
 */
export const cgroupLayout = (mounts: Mount[]): CgroupLayout => {
  const v1 = mounts.filter((m) => m.type === 'cgroup')
  const v1Memory = bestOf(v1.filter((m) => m.superOptions.split(',').includes('memory')))
  const v2 = bestOf(mounts.filter((m) => m.type === 'cgroup2'))
  const version = v1.length === 0 ? (v2 ? 'v2' : 'none') : v2 ? 'hybrid' : 'v1'
  if (v1Memory) return { version, memory: hierarchy(1, v1Memory) }
  if (!v2) return { version, memory: null }
  // Some VPN clients mount an old hierarchy (net_cls) beside; that does not make a v2 host a hybrid one.
  return { version: v2.mountPoint === '/sys/fs/cgroup' ? 'v2' : version, memory: hierarchy(2, v2) }
}

/** The hierarchies in which processes can be frozen: the old freezer, and v2 (by the kernel since 5.2). */
export const freezerHierarchies = (
  mounts: Mount[],
): { v1: MemoryHierarchy | null; v2: MemoryHierarchy | null } => {
  const v1 = bestOf(
    mounts.filter((m) => m.type === 'cgroup' && m.superOptions.split(',').includes('freezer')),
  )
  const v2 = bestOf(mounts.filter((m) => m.type === 'cgroup2'))
  return { v1: v1 ? hierarchy(1, v1) : null, v2: v2 ? hierarchy(2, v2) : null }
}

/**
 * Container runtimes bind parts of a hierarchy to further places; the one that shows most of it counts, the usual
 * place before others, and of several on one point the last, which hides the others.
 */
const bestOf = (mounts: Mount[]): Mount | undefined => {
  const rank = (m: Mount): number =>
    m.rootInside.length + (m.mountPoint.startsWith('/sys/fs/cgroup') ? 0 : 10_000)
  const visible = new Map(mounts.map((m) => [m.mountPoint, m]))
  return [...visible.values()].sort((a, b) => rank(a) - rank(b))[0]
}

const hierarchy = (version: 1 | 2, mount: Mount): MemoryHierarchy => ({
  version,
  mountPoint: mount.mountPoint,
  rootInside: mount.rootInside,
})

/**
 * The folder of a cgroup, from its path as /proc/PID/cgroup has it; null when it lies outside of what is mounted.
 * In a container without its own cgroup namespace `/docker/ID/web` is `MOUNT/web`, since the mount shows
 * `/docker/ID`. With one, cgroups outside begin with `/..` (cgroup_namespaces(7)) and are reachable only where the
 * mount's own root does too.
 */
export const cgroupFolder = (memory: MemoryHierarchy, path: string): string | null => {
  const root = segmentsOf(memory.rootInside)
  const wanted = segmentsOf(path)
  if (root.some((segment, i) => wanted[i] !== segment)) return null
  const below = wanted.slice(root.length)
  if (below.includes('..') || below.includes('.')) return null
  return [memory.mountPoint.replace(/\/+$/, ''), ...below].join('/')
}

/** The cgroup itself and those above it, nearest first, up to the root of what is mounted. */
export const selfAndAncestors = (memory: MemoryHierarchy, path: string): string[] => {
  const segments = segmentsOf(path)
  const rootDepth = segmentsOf(memory.rootInside).length
  const paths: string[] = []
  for (let depth = segments.length; depth >= rootDepth; depth--) {
    paths.push(`/${segments.slice(0, depth).join('/')}`)
  }
  return paths
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')
