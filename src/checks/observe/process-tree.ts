import type { ProcessStat } from '../../core/facts.ts'

export interface ProcessTree {
  byPid: ReadonlyMap<number, ProcessStat>
  childrenOf: ReadonlyMap<number, number[]>
}

export const processTree = (processes: readonly ProcessStat[]): ProcessTree => {
  const byPid = new Map<number, ProcessStat>()
  const childrenOf = new Map<number, number[]>()
  for (const stat of processes) {
    byPid.set(stat.pid, stat)
    const siblings = childrenOf.get(stat.ppid)
    if (siblings) siblings.push(stat.pid)
    else childrenOf.set(stat.ppid, [stat.pid])
  }
  return { byPid, childrenOf }
}

/** The process and all below it. A scan is no snapshot, so pid reuse may close a ring: each pid counts once. */
export const withDescendants = ({ childrenOf }: ProcessTree, pid: number): number[] => {
  const seen = new Set([pid])
  for (const one of seen) for (const child of childrenOf.get(one) ?? []) seen.add(child)
  return [...seen]
}

/** The process itself, what started it (cron, its shell, sudo) and what it started itself (systemctl). */
export const familyOf = (tree: ProcessTree, pid: number): Set<number> => {
  const family = new Set(withDescendants(tree, pid))
  for (let at = tree.byPid.get(pid)?.ppid; at && !family.has(at); at = tree.byPid.get(at)?.ppid)
    family.add(at)
  return family
}

/** The one that has run longest, which is the one that started the others. */
export const oldestOf = (processes: readonly ProcessStat[]): ProcessStat | null =>
  processes.reduce<ProcessStat | null>(
    (oldest, one) =>
      oldest === null ||
      one.startTicks < oldest.startTicks ||
      (one.startTicks === oldest.startTicks && one.pid < oldest.pid)
        ? one
        : oldest,
    null,
  )

/** Ended and only waiting to be reaped: it holds no memory and serves nobody. */
export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X' || state === 'x'
