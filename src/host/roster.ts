import type { End, EndProcessesAction, ProcessIdentity, ProcessKey } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { ProcessStat } from '../core/facts.ts'

/** One process that is to end. */
export interface Member extends ProcessKey {
  words: string
  sent: 'nothing' | 'SIGTERM' | 'SIGKILL'
  /** Null while it is alive, as far as is known. */
  end: End | null
  /** As last seen: the letter of /proc/PID/stat, and its parent. */
  state: string
  ppid: number
  /** It was not among those that were asked for. */
  isNewcomer: boolean
  /** It ended, and its parent has not asked for its exit status yet. */
  isZombie: boolean
}

/** Who is to end, and what is known of each. */
export interface Roster {
  members: Map<string, Member>
  spared: ReadonlySet<string>
  /** Those in which a member was alive when last looked. Empty ones are forgotten: the number may be another's then. */
  sessions: Set<number>
  looked: boolean
}

export const rosterOf = ({ processes, newcomers }: EndProcessesAction): Roster => ({
  members: new Map(processes.map((one) => [keyOf(one), { ...one, ...unseen, isNewcomer: false }])),
  spared: new Set((newcomers.spared ?? []).map(keyOf)),
  sessions: new Set(newcomers.sessions),
  looked: false,
})

const unseen = { sent: 'nothing', end: null, state: '?', ppid: 0, isZombie: false } as const

export const keyOf = ({ pid, startTicks }: ProcessKey): string => `${pid}:${startTicks}`

export const living = (roster: Roster): Member[] =>
  [...roster.members.values()].filter((one) => one.end === null)

/** Takes over how a member looks now; null: there is no such pid. */
export const see = (member: Member, stat: ProcessStat | null): void => {
  if (member.end !== null) return
  if (stat === null) hasEnded(member, 'gone')
  else if (stat.startTicks !== member.startTicks) hasEnded(member, 'changed')
  else {
    member.state = stat.state
    member.ppid = stat.ppid
    member.isZombie = hasExited(stat)
    if (member.isZombie) hasEnded(member, 'gone')
  }
}

/** @param otherwise what it is called when nothing had been sent to it yet */
export const hasEnded = (member: Member, otherwise: 'gone' | 'changed'): void => {
  if (member.sent === 'SIGKILL') member.end = 'killed'
  else member.end = member.sent === 'SIGTERM' ? 'exited' : otherwise
}

/** A main thread that has ended is shown as Z too while other threads go on working. */
const hasExited = ({ state, threads }: ProcessStat): boolean => /^[ZXx]$/.test(state) && threads <= 1

/**
 * Takes in a whole scan: what became of the members, and who has come: children of living members, and whoever is in
 * a session in which until now only members were. A process that forks while it dies hands its child to init, but not
 * to another session. Returns how many came.
 *
 * @param off pids that are not touched, whoever started them
 * @param own pids in cgroups in which there were but members
 */
export const lookOver = (
  roster: Roster,
  processes: readonly ProcessStat[],
  off: ReadonlySet<number>,
  own: ReadonlySet<number> = new Set(),
): number => {
  const byPid = new Map(processes.map((stat) => [stat.pid, stat]))
  const before = roster.members.size
  for (const member of roster.members.values()) {
    const stat = byPid.get(member.pid)
    // One that is not in the scan may have become unreadable instead: the caller looks at it alone.
    if (stat !== undefined) see(member, stat)
  }
  if (!roster.looked) keepSessionsOfLiving(roster, byPid)
  roster.looked = true
  for (const stat of processes)
    if (off.has(stat.pid) || roster.spared.has(keyOf(stat))) roster.sessions.delete(stat.session)
  const isNew = (stat: ProcessStat): boolean =>
    !(stat.isKernelThread || off.has(stat.pid) || hasExited(stat)) &&
    !roster.members.has(keyOf(stat)) &&
    !roster.spared.has(keyOf(stat)) &&
    (own.has(stat.pid) || roster.sessions.has(stat.session) || isChildOfMember(roster, byPid, stat))
  for (let came = processes.filter(isNew); came.length > 0; came = processes.filter(isNew))
    for (const stat of came) roster.members.set(keyOf(stat), newcomer(stat))
  keepSessionsOfLiving(roster, byPid)
  return roster.members.size - before
}

const newcomer = ({ pid, startTicks, comm, state, ppid }: ProcessStat): Member => ({
  ...unseen,
  pid,
  startTicks,
  words: clip(comm, 40),
  state,
  ppid,
  isNewcomer: true,
})

/** Takes in whom somebody else knows to be one of them, but none of the spared, nor `off`. */
export const takeIn = (roster: Roster, those: readonly ProcessIdentity[], off: ReadonlySet<number>): void => {
  for (const one of those) {
    const key = keyOf(one)
    if (off.has(one.pid) || roster.members.has(key) || roster.spared.has(key)) continue
    roster.members.set(key, { ...unseen, ...one, isNewcomer: true })
  }
}

const isChildOfMember = (
  roster: Roster,
  byPid: ReadonlyMap<number, ProcessStat>,
  { ppid, startTicks }: ProcessStat,
): boolean => {
  const parent = byPid.get(ppid)
  if (parent === undefined || parent.startTicks > startTicks) return false
  return roster.members.get(keyOf(parent))?.end === null
}

/**
 * Takes sessions up again that one scan has found empty. The number is another's only if a process of that pid has begun a
 * session since, and then it is there as a rule, and no member.
 */
export const keepSessions = (
  roster: Roster,
  sessions: readonly number[],
  known: ReadonlySet<number>,
): void => {
  const members = new Set([...roster.members.values()].map(({ pid }) => pid))
  for (const session of sessions)
    if (!known.has(session) || members.has(session)) roster.sessions.add(session)
}

const keepSessionsOfLiving = (roster: Roster, byPid: ReadonlyMap<number, ProcessStat>): void => {
  const inUse = new Set(living(roster).map(({ pid }) => byPid.get(pid)?.session))
  for (const session of roster.sessions) if (!inUse.has(session)) roster.sessions.delete(session)
}
