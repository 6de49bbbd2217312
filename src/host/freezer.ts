import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cgroupFolder, freezerHierarchies, type MemoryHierarchy } from '../parse/cgroup-layout.ts'
import { parseMountinfo } from '../parse/mountinfo.ts'
import { parseProcCgroup, v1PathOf } from '../parse/proc-cgroup.ts'
import type { HostBase } from './base.ts'
import { readKernelText } from './kernel-file.ts'
import { monotonicMs } from './monotonic.ts'

/** A cgroup in which processes can be frozen, as a folder. */
export interface FreezableCgroup {
  folder: string
  version: 1 | 2
  /** Tells it from a later one of the same name. */
  inode: number
}

export interface Freezer {
  /** Null: it is in none but the topmost one, which cannot be frozen. */
  of(pid: number): FreezableCgroup | null
  /** By its path as /proc/PID/cgroup has it; null: there is none of that name that can be frozen and has anybody in it. */
  at(path: string): FreezableCgroup | null
  /** Whether a folder is one of a cgroup: below a mount of them, with the file that freezes. */
  isCgroup(cgroup: FreezableCgroup): boolean
}

export const makeFreezer = (base: HostBase): Freezer => {
  const mountinfo = readKernelText(base, '/proc/self/mountinfo')
  const { v1, v2 } = freezerHierarchies(parseMountinfo(mountinfo.kind === 'value' ? mountinfo.value : ''))
  const below = (hierarchy: MemoryHierarchy | null, path: string | null): FreezableCgroup | null => {
    if (hierarchy === null || path === null || path === '/') return null
    const folder = cgroupFolder(hierarchy, path)
    return folder === null || folder === hierarchy.mountPoint ? null : freezable(folder, hierarchy.version)
  }
  return {
    of(pid) {
      const text = readKernelText(base, `/proc/${pid}/cgroup`)
      if (text.kind !== 'value') return null
      return below(v1, v1PathOf(text.value, 'freezer')) ?? below(v2, parseProcCgroup(text.value).v2Path)
    },
    at: (path) =>
      [below(v1, path), below(v2, path)].find((one) => one !== null && pidsInFolder(one.folder).length > 0) ??
      null,
    isCgroup: ({ folder, version, inode }) => {
      const hierarchy = version === 1 ? v1 : v2
      const isBelow = hierarchy !== null && folder.startsWith(`${hierarchy.mountPoint.replace(/\/+$/, '')}/`)
      return isBelow && !folder.split('/').includes('..') && freezable(folder, version)?.inode === inode
    },
  }
}

const switchOf = (version: 1 | 2): string => (version === 1 ? 'freezer.state' : 'cgroup.freeze')

const freezable = (folder: string, version: 1 | 2): FreezableCgroup | null => {
  try {
    return existsSync(`${folder}/${switchOf(version)}`)
      ? { folder, version, inode: statSync(folder).ino }
      : null
  } catch {
    // It was removed meanwhile.
    return null
  }
}

/** In it and below, as far as they can be read. */
export const pidsInFolder = (folder: string): number[] => {
  try {
    const own = (readFileSync(`${folder}/cgroup.procs`, 'utf8').match(/^[1-9]\d*$/gm) ?? []).map(Number)
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return [...own, ...below.flatMap(({ name }) => pidsInFolder(`${folder}/${name}`))]
  } catch {
    // Removed, or threaded: nobody that could be told is in it.
    return []
  }
}

/** As somebody else has frozen it (`docker pause`): then it is theirs to thaw. */
export const isFrozen = ({ folder, version }: FreezableCgroup): boolean => {
  try {
    return version === 1
      ? readFileSync(`${folder}/freezer.state`, 'utf8').trim() !== 'THAWED'
      : readFileSync(`${folder}/cgroup.freeze`, 'utf8').trim() === '1'
  } catch {
    return false
  }
}

/** Thawed, or gone; false also where that cannot be read. */
export const goesOn = ({ folder, version }: FreezableCgroup): boolean => {
  try {
    return version === 1
      ? readFileSync(`${folder}/freezer.state`, 'utf8').trim() === 'THAWED'
      : readFileSync(`${folder}/cgroup.freeze`, 'utf8').trim() === '0'
  } catch {
    return !existsSync(folder)
  }
}

/** A process in uninterruptible sleep (D) freezes when it wakes; the others need not wait longer for it. */
const freezeMs = 500

/**
 * Returns when all in these stand still, or after half a second. Waits without giving way to anything else in this program, so that no
 * signal can end it in between. One that is removed meanwhile, or not this user's to write, is left out.
 */
export const freeze = (cgroups: readonly FreezableCgroup[]): void => {
  const untilMs = monotonicMs() + freezeMs
  const moving = cgroups.filter(switchOn)
  const cell = new Int32Array(new SharedArrayBuffer(4))
  while (!moving.every(standsStill) && monotonicMs() < untilMs) Atomics.wait(cell, 0, 0, 2)
}

const switchOn = ({ folder, version }: FreezableCgroup): boolean => {
  try {
    writeFileSync(`${folder}/${switchOf(version)}`, version === 1 ? 'FROZEN' : '1')
    return true
  } catch {
    // Then the work is done as quickly as it can be without.
    return false
  }
}

const standsStill = ({ folder, version }: FreezableCgroup): boolean => {
  try {
    return version === 1
      ? readFileSync(`${folder}/freezer.state`, 'utf8').trim() === 'FROZEN'
      : /^frozen 1$/m.test(readFileSync(`${folder}/cgroup.events`, 'utf8'))
  } catch {
    // Removed: nobody is in it any more.
    return true
  }
}

/** @returns whether it is thawed, or gone */
export const thaw = ({ folder, version }: FreezableCgroup): boolean => {
  try {
    writeFileSync(`${folder}/${switchOf(version)}`, version === 1 ? 'THAWED' : '0')
    return true
  } catch {
    return !existsSync(folder)
  }
}

/** `cgroup.kill` (v2, since 5.14): all that is in it, at once, whatever it forks. False where there is no such thing. */
export const killAll = ({ folder, version }: FreezableCgroup): boolean => {
  if (version === 1) return false
  try {
    writeFileSync(`${folder}/cgroup.kill`, '1', { flag: 'r+' })
    return true
  } catch {
    return false
  }
}
