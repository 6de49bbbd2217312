import { clip } from '../core/escape.ts'
import type { ProcessStat } from '../core/facts.ts'
import {
  isOfAnother,
  type OrphanCandidate,
  type OrphanFacts,
  type OrphanFate,
  type OrphanWish,
} from './orphans.ts'
import { reapers, shells } from './reapers.ts'

/** Of a pod whose containers share their processes. What runs in these is no child of it. */
const podInit = 'pause'

/**
 * Whether process 1 is no init but what a container was made for: then it has children of its own, beside what it was handed. Kernel
 * threads are seen in the pid namespace of the host alone, where process 1 is its init, whatever it is called.
 */
export const isAppAsInit = (init: ProcessStat | undefined, processes: Iterable<ProcessStat>): boolean => {
  if (init === undefined || reapers.has(init.comm) || init.comm === podInit) return false
  for (const { isKernelThread } of processes) if (isKernelThread) return false
  return true
}

/**
 * Why a rule's orphans may be children that the application started which is process 1 here; null: they are not, or `keep`, or a daemon
 * that is kept an eye on, says which are to stay. Of a start script each is spared by itself.
 */
export const mayBeChildren = (
  fates: ReadonlyMap<number, OrphanFate>,
  candidates: readonly OrphanCandidate[],
  { keep }: Pick<OrphanWish, 'keep'>,
  { byPid, containerInits, trackedPids }: Pick<OrphanFacts, 'byPid' | 'containerInits' | 'trackedPids'>,
): string | null => {
  const init = byPid.get(1)
  if (init === undefined || !containerInits.has(1) || shells.has(init.comm)) return null
  // Itself counts as one of those that stay.
  const least = candidates.some(({ stat }) => stat.pid === 1) ? 2 : 1
  if (keep >= least) return null
  const children = candidates.filter(({ stat }) => stat.ppid === 1)
  if (children.some(({ stat }) => trackedPids.has(stat.pid))) return null
  const isMeant = ({ stat }: OrphanCandidate): boolean =>
    fates.get(stat.pid)?.kind === 'orphan' && !isOfAnother(stat, init)
  return children.some(isMeant)
    ? `process 1 here is ${clip(init.comm, 20)}, which may have started them itself: say keep: ${least}, or have it done on the host, with container:`
    : null
}
