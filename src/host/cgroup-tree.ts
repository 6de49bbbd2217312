import { readdirSync, statSync } from 'node:fs'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { cgroupFolder, type MemoryHierarchy } from '../parse/cgroup-layout.ts'
import type { HostBase } from './base.ts'
import { goneOrFailed, readKernelText } from './kernel-file.ts'

/** The hierarchy that counts memory, as files. Paths are cgroups as /proc/PID/cgroup names them. */
export interface CgroupTree {
  hierarchy: MemoryHierarchy
  /**
   * A file of a cgroup, e.g. `memory.stat`; absent when the cgroup is there without that file, as it also is for a
   * moment before it is removed: the files go first. Empty where the kernel has nothing in it (EOPNOTSUPP, see kernel-file.ts).
   */
  read(path: string, file: string): Reading<string>
  /** The names of the cgroups right below. */
  children(path: string): Reading<string[]>
  /** Tells a cgroup from a later one of the same name. */
  inode(path: string): Reading<number>
}

export const makeCgroupTree = (base: HostBase, hierarchy: MemoryHierarchy): CgroupTree => {
  const inFolder = <T>(path: string, look: (folder: string) => Reading<T>): Reading<T> => {
    const folder = cgroupFolder(hierarchy, path)
    if (folder === null)
      return failed('denied', path, `lies outside of what is mounted at ${hierarchy.mountPoint}`)
    try {
      return look(folder)
    } catch (error) {
      const failure = goneOrFailed(error, path)
      return failure.kind === 'failed' && failure.cause === 'vanished' ? noSuchCgroup(path) : failure
    }
  }

  return {
    hierarchy,
    read: (path, file) =>
      inFolder(path, (folder) => {
        const text = readKernelText(base, `${folder}/${file}`)
        if (text.kind === 'absent') return value('')
        if (text.kind === 'value' || text.cause !== 'vanished') return text
        statSync(base.at(folder))
        return absent(`${file} of cgroup ${path}`)
      }),
    children: (path) =>
      inFolder(path, (folder) => {
        const entries = readdirSync(base.at(folder), { withFileTypes: true })
        return value(entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name))
      }),
    inode: (path) => inFolder(path, (folder) => value(statSync(base.at(folder)).ino)),
  }
}

const noSuchCgroup = (path: string): Reading<never> => failed('vanished', path, 'there is no such cgroup')
