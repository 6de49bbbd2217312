import type { EndProcessesAction, ProcessIdentity } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { ProcessScan, ProcessStat } from '../core/facts.ts'
import type { Protection } from './protected.ts'

export interface EndScopeFacts {
  scan: ProcessScan
  /** What the service is known by: the process of its pid file, or those that match. The main one first. */
  pids: readonly number[]
  /** Of plan/protected.ts. */
  protections: ReadonlyMap<number, Protection>
  /** Raw; empty where it cannot be read. */
  commandLine(pid: number): string
}

/** What is to be ended, as the action `end-processes` takes it, and what will not be. */
export interface EndScope extends Pick<EndProcessesAction, 'processes' | 'newcomers'> {
  protectedOnes: (ProcessIdentity & { protection: Protection })[]
}

const wordsWidth = 80

/**
 * A service's processes: those it is known by, all below them, and all in the sessions these lead. A session is made
 * by its leader and passed on to each child for life, so who is in it descends from the leader though its own parent
 * may have died since (a daemon's orphans). What is protected stays, with everything below it.
 *
 * Sessions are handed on for newcomers only where every process in them is to be ended: then whoever appears there
 * descends from one of these. Where processes are hidden (`hidepid`) nobody can tell.
 */
export const endScope = ({ scan, pids, protections, commandLine }: EndScopeFacts): EndScope => {
  const byPid = new Map(scan.processes.map((stat) => [stat.pid, stat]))
  const reached = reachedFrom(pids, byPid, protections)
  const found = [...reached].flatMap((pid) => byPid.get(pid) ?? [])
  const identity = ({ pid, startTicks, comm }: ProcessStat): ProcessIdentity => ({
    pid,
    startTicks,
    words: clip(commandLine(pid) || comm, wordsWidth),
  })
  const toEnd = found.filter(({ pid }) => !protections.has(pid))
  const kept = found.flatMap((stat) => {
    const protection = protections.get(stat.pid)
    return protection === undefined ? [] : [{ ...identity(stat), protection }]
  })
  return {
    // A zombie has ended; what is left of it is its parent's to reap.
    processes: toEnd.filter(({ state, threads }) => !(state === 'Z' && threads <= 1)).map(identity),
    newcomers: {
      sessions: scan.complete ? sessionsOf(toEnd, scan.processes) : [],
      spared: kept.map(({ pid, startTicks }) => ({ pid, startTicks })),
    },
    protectedOnes: kept,
  }
}

/** Protected ones are reached, and nothing is reached through them. */
const reachedFrom = (
  pids: readonly number[],
  byPid: ReadonlyMap<number, ProcessStat>,
  protections: ReadonlyMap<number, Protection>,
): Set<number> => {
  const reached = new Set(pids.filter((pid) => byPid.has(pid)))
  const { byParent, bySession } = relations([...byPid.values()])
  // A Set's iteration also comes to what is added on the way.
  for (const pid of reached) {
    if (protections.has(pid)) continue
    for (const child of byParent.get(pid) ?? []) reached.add(child)
    // Only a leader's pid is a session's number.
    for (const member of bySession.get(pid) ?? []) reached.add(member)
  }
  return reached
}

const relations = (processes: readonly ProcessStat[]) => {
  const byParent = new Map<number, number[]>()
  const bySession = new Map<number, number[]>()
  const put = (map: Map<number, number[]>, key: number, pid: number): void => {
    const there = map.get(key)
    if (there) there.push(pid)
    else map.set(key, [pid])
  }
  for (const { pid, ppid, session } of processes) {
    put(byParent, ppid, pid)
    put(bySession, session, pid)
  }
  return { byParent, bySession }
}

/** Those of which every process is one of these. 0 is "none", 1 that of init. */
const sessionsOf = (those: readonly ProcessStat[], all: readonly ProcessStat[]): number[] => {
  const own = new Set(those.map(({ pid }) => pid))
  const sessions = new Set(those.map(({ session }) => session).filter((session) => session > 1))
  for (const { pid, session } of all) if (!own.has(pid)) sessions.delete(session)
  return [...sessions].sort((a, b) => a - b)
}
