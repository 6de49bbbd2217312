import type { HostBase } from './base.ts'
import { type FreezableCgroup, type Freezer, freeze, isFrozen, pidsInFolder, thaw } from './freezer.ts'
import { forgetFrozen, noteFrozen } from './frozen-note.ts'
import { statOf } from './signal.ts'

/**
 * Whether it may be frozen at all: it is a cgroup, nobody else has frozen it, and none that must never stand still is in it.
 *
 * @param off pids of these: this program, what started it, init
 */
export const mayStandStill = (freezer: Freezer, cgroup: FreezableCgroup, off: ReadonlySet<number>): boolean =>
  freezer.isCgroup(cgroup) && !isFrozen(cgroup) && !pidsInFolder(cgroup.folder).some((pid) => off.has(pid))

/** This program and all above it. */
export const selfAndAbove = (base: HostBase): Set<number> => {
  const off = new Set([1])
  for (let at = base.pid; at > 0 && !off.has(at); ) {
    off.add(at)
    const stat = statOf(base, at)
    at = stat.kind === 'value' ? stat.value.ppid : 0
  }
  return off
}

/**
 * Does `work` while all in these stand still, as far as they can be frozen within half a second, and thaws them. Nothing else in this
 * program comes in between, so no signal can end it there. False, and nothing was done: there is none, or it could not
 * be written down.
 *
 * @param note the file in which it stands while it lasts, for the next run
 */
export const whileFrozen = (
  base: HostBase,
  cgroups: readonly FreezableCgroup[],
  note: string,
  work: () => void,
): boolean => {
  if (cgroups.length === 0 || !noteFrozen(base, note, cgroups)) return false
  try {
    for (const one of cgroups) tryFreeze(one)
    work()
  } finally {
    if (cgroups.filter((one) => !thaw(one)).length === 0) forgetFrozen(note)
  }
  return true
}

const tryFreeze = (cgroup: FreezableCgroup): void => {
  try {
    freeze(cgroup)
  } catch {
    // Removed meanwhile, or not ours to write: then the work is done as quickly as it can be without.
  }
}
