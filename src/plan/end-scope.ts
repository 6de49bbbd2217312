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
  /** For people, without secrets; empty where it cannot be read. */
  commandLine(pid: number): string
  /**
   * Who takes in what others leave behind. With it what is below a protected one stays also in the session of one that is ended; a
   * service that is restarted goes with all of its session.
   */
  takesIn?(stat: ProcessStat): boolean
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
export const endScope = ({ scan, pids, protections, commandLine, takesIn }: EndScopeFacts): EndScope => {
  const byPid = new Map(scan.processes.map((stat) => [stat.pid, stat]))
  const isBelow = takesIn === undefined ? () => false : belowProtected(byPid, protections, takesIn)
  const reached = reachedFrom(pids, byPid, protections, isBelow)
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
  isBelow: (stat: ProcessStat) => boolean,
): Set<number> => {
  const reached = new Set(pids.filter((pid) => byPid.has(pid)))
  const { byParent, bySession } = relations([...byPid.values()])
  // A Set's iteration also comes to what is added on the way.
  for (const pid of reached) {
    if (protections.has(pid)) continue
    for (const child of byParent.get(pid) ?? []) reached.add(child.pid)
    // Only a leader's pid is a session's number.
    for (const member of bySession.get(pid) ?? []) if (!isBelow(member)) reached.add(member.pid)
  }
  return reached
}

/**
 * Whether one of those that it descends from, up to the leader of its session, is protected. Who is handed over to an init, which is
 * of another session, is below nobody any more.
 */
const belowProtected =
  (
    byPid: ReadonlyMap<number, ProcessStat>,
    protections: ReadonlyMap<number, Protection>,
    takesIn: (stat: ProcessStat) => boolean,
  ) =>
  ({ pid, ppid, session }: ProcessStat): boolean => {
    const passed = new Set([pid, session])
    for (let at = byPid.get(ppid); at !== undefined && !passed.has(at.pid); at = byPid.get(at.ppid)) {
      if (at.pid === 1 || (at.session !== session && takesIn(at))) return false
      if (protections.has(at.pid)) return true
      passed.add(at.pid)
    }
    return false
  }

const relations = (processes: readonly ProcessStat[]) => {
  const byParent = new Map<number, ProcessStat[]>()
  const bySession = new Map<number, ProcessStat[]>()
  const put = (map: Map<number, ProcessStat[]>, key: number, stat: ProcessStat): void => {
    const there = map.get(key)
    if (there) there.push(stat)
    else map.set(key, [stat])
  }
  for (const stat of processes) {
    put(byParent, stat.ppid, stat)
    put(bySession, stat.session, stat)
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
