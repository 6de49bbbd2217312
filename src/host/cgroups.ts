import { existsSync } from 'node:fs'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { parseCgroupCpu } from '../parse/cgroup-cpu.ts'
import { type CgroupLayout, cgroupLayout } from '../parse/cgroup-layout.ts'
import { parseMountinfo } from '../parse/mountinfo.ts'
import { parseProcCgroup } from '../parse/proc-cgroup.ts'
import type { HostBase } from './base.ts'
import { readCgroupMemory } from './cgroup-memory.ts'
import { type CgroupTree, makeCgroupTree } from './cgroup-tree.ts'
import type { HostCgroups } from './host.ts'
import { readKernelText } from './kernel-file.ts'

/** Kubernetes nodes have some thousands of cgroups; beyond this something makes them without end. */
const maxCgroups = 20_000

/** The cgroups that count memory, v1 or v2, of a live or captured host; the layout is found at the first question. */
export const makeCgroups = (base: HostBase): HostCgroups => {
  let found: CgroupLayout | null = null
  const layout = (): CgroupLayout => {
    found ??= findLayout(base)
    return found
  }
  const withTree = <T>(ask: (tree: CgroupTree) => Reading<T>): Reading<T> => {
    const { memory } = layout()
    return memory === null ? absent('memory cgroups') : ask(makeCgroupTree(base, memory))
  }

  return {
    get version() {
      return layout().version
    },
    memoryPathOf: (pid) => withTree((tree) => memoryPathOf(base, tree, pid)),
    memory: (path) => withTree((tree) => readCgroupMemory(tree, path)),
    pids: (path) => withTree((tree) => pidsBelow(tree, path)),
    pressure: (path) =>
      withTree((tree) =>
        tree.hierarchy.version === 1 ? absent('pressure of v1 cgroups') : pressureOf(tree, path),
      ),
    // The hierarchy of v1 that counts CPU time is another one, with paths of its own.
    cpuSeconds: (path) =>
      withTree((tree) =>
        tree.hierarchy.version === 1 ? absent('CPU time of v1 cgroups') : cpuSecondsOf(tree, path),
      ),
  }
}

/** Which of the two counts memory here. */
export const memoryVersionOf = (base: HostBase): 'v1' | 'v2' =>
  findLayout(base).memory?.version === 1 ? 'v1' : 'v2'

const findLayout = (base: HostBase): CgroupLayout => {
  const mountinfo = readKernelText(base, '/proc/self/mountinfo')
  // Of the hundreds of lines of a busy Docker host a dozen are of cgroups.
  const lines =
    mountinfo.kind === 'value' ? mountinfo.value.split('\n').filter((l) => l.includes(' - cgroup')) : []
  const layout = cgroupLayout(parseMountinfo(lines.join('\n')))
  return layout.version === 'none' && !base.live ? layoutByFolders(base) : layout
}

/** A capture without mountinfo: the usual places tell. */
const layoutByFolders = (base: HostBase): CgroupLayout => {
  const has = (name: string): boolean => existsSync(base.at(`/sys/fs/cgroup/${name}`))
  if (has('cgroup.controllers')) {
    return { version: 'v2', memory: { version: 2, mountPoint: '/sys/fs/cgroup', rootInside: '/' } }
  }
  if (!has('memory')) return { version: 'none', memory: null }
  return {
    version: has('unified') ? 'hybrid' : 'v1',
    memory: { version: 1, mountPoint: '/sys/fs/cgroup/memory', rootInside: '/' },
  }
}

const memoryPathOf = (base: HostBase, tree: CgroupTree, pid: number): Reading<string> => {
  const text = readKernelText(base, `/proc/${pid}/cgroup`)
  if (text.kind !== 'value') return text
  const { v1MemoryPath, v2Path } = parseProcCgroup(text.value)
  const path = tree.hierarchy.version === 1 ? v1MemoryPath : v2Path
  return path === null ? absent(`memory cgroup of process ${pid}`) : value(path)
}

const pressureOf = (tree: CgroupTree, path: string): Reading<string> => {
  const text = tree.read(path, 'memory.pressure')
  return text.kind === 'value' && text.value === '' ? absent(`pressure of cgroup ${path}`) : text
}

const cpuSecondsOf = (tree: CgroupTree, path: string): Reading<number> => {
  const text = tree.read(path, 'cpu.stat')
  if (text.kind !== 'value') return text
  const seconds = parseCgroupCpu(text.value)
  return seconds === null ? absent(`CPU time of cgroup ${path}`) : value(seconds)
}

/** A cgroup below that is removed meanwhile has no processes any more; its own removal is a failure. */
const pidsBelow = (tree: CgroupTree, path: string): Reading<number[]> => {
  const pids = new Set<number>()
  const pending = [path]
  for (let seen = 0; pending.length > 0; seen++) {
    if (seen === maxCgroups) return failed('io', path, `has more than ${maxCgroups} cgroups below it`)
    const at = pending.pop() ?? path
    const procs = tree.read(at, 'cgroup.procs')
    const children = tree.children(at)
    for (const reading of [procs, children]) {
      if (reading.kind === 'failed' && (at === path || reading.cause !== 'vanished')) return reading
    }
    if (procs.kind === 'absent' && at === path) return failed('vanished', path, 'is being removed')
    // v1 may name a process twice, and one of another pid namespace is 0.
    if (procs.kind === 'value') for (const pid of pidsIn(procs.value)) pids.add(pid)
    if (children.kind === 'value') for (const name of children.value) pending.push(below(at, name))
  }
  return value([...pids])
}

const pidsIn = (text: string): number[] => (text.match(/^[1-9]\d*$/gm) ?? []).map(Number)

const below = (path: string, name: string): string =>
  path.endsWith('/') ? `${path}${name}` : `${path}/${name}`
