import type { HostBase } from './base.ts'
import {
  type FreezableCgroup,
  type Freezer,
  freeze,
  goesOn,
  isFrozen,
  pidsInFolder,
  thaw,
} from './freezer.ts'
import { forgetFrozen, noteFrozen, readFrozen } from './frozen-note.ts'
import { monotonicMs } from './monotonic.ts'
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

/** What came of it; null: nothing was frozen and nothing done, since there is none, or it could not be written down. */
export type FrozenMoment = {
  /** How long they were held, for who looks into a delay of what is in there. */
  heldMs: number
  /** Folders of those that could not be thawed. */
  stillFrozen: string[]
} | null

/**
 * Does `work` while all in these stand still, as far as they can be frozen within half a second, and thaws them. Nothing else in this
 * program comes in between, so no signal can end it there.
 *
 * @param note the file in which they stand while it lasts, for the next run; what an earlier run has left in it stays
 */
export const whileFrozen = (
  base: HostBase,
  cgroups: readonly FreezableCgroup[],
  note: string,
  work: () => void,
): FrozenMoment => {
  if (cgroups.length === 0 || !noteFrozen(base, note, [...leftFrozen(note), ...cgroups])) return null
  const sinceMs = monotonicMs()
  let thawedAtMs = sinceMs
  let stillFrozen: FreezableCgroup[] = []
  try {
    freeze(cgroups)
    work()
  } finally {
    stillFrozen = cgroups.filter((one) => !thaw(one))
    thawedAtMs = monotonicMs()
    const left = leftFrozen(note)
    if (left.length === 0) forgetFrozen(note)
    else noteFrozen(base, note, left)
  }
  return { heldMs: Math.round(thawedAtMs - sinceMs), stillFrozen: stillFrozen.map(({ folder }) => folder) }
}

const leftFrozen = (note: string): FreezableCgroup[] =>
  (readFrozen(note)?.cgroups ?? []).filter((one) => !goesOn(one))
