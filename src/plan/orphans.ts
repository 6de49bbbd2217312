import type { ProcessStat } from '../core/facts.ts'
import type { Protection } from './protected.ts'
import { commandInits, reapers, shells } from './reapers.ts'

export interface OrphanFacts {
  processes: readonly ProcessStat[]
  /** The same by their pids: made once, as there may be thousands and many rules. */
  byPid: ReadonlyMap<number, ProcessStat>
  protections: ReadonlyMap<number, Protection>
  /** Who is kept an eye on: daemons of pid files, main processes of units, first processes of containers. */
  trackedPids: ReadonlySet<number>
  /**
   * Whom pid files name that are not believed. They are spared as those are, and no more: whoever may write the file must not
   * have a process of his taken for the daemon of which `keep` speaks.
   */
  claimedPids: ReadonlySet<number>
  /** First processes of containers: orphans in there become theirs. With 1 where this runs in a container, beside its application. */
  containerInits: ReadonlySet<number>
  /** Whether a process runs what its parent runs, since it was forked from it and has started no program of its own; null: not known. */
  isForkOfParent(stat: ProcessStat): boolean | null
  /** Where it is: `keep` is about each of these places by itself. A rule may mean the replicas of a service, of which each has its daemon. */
  placeOf(stat: ProcessStat): string
}

export interface OrphanWish {
  /** So many stay. */
  keep: number
  keepBy: 'newest' | 'oldest'
  olderThanSeconds: number | null
  moreThanBytes: number | null
}

/** One that the rule's expression, program, user and scope fit. */
export interface OrphanCandidate {
  stat: ProcessStat
  /** Null: not known. */
  ageSeconds: number | null
  /** Resident and swapped out; null: not known. It may be read only when asked for, so ask only where it matters. */
  readonly memoryBytes: number | null
}

export type OrphanFate = { kind: 'orphan' } | { kind: 'spared'; reason: string }

const parentLives = 'its parent lives'

/** Whether what others leave behind becomes a child of this one. */
export const takesInOrphans = (
  { pid, comm }: ProcessStat,
  { containerInits }: Pick<OrphanFacts, 'containerInits'>,
): boolean => pid === 1 || containerInits.has(pid) || reapers.has(comm)

/**
 * The command of each init that runs one: its oldest child, since all that it took in later was started by that. Start times are
 * of 10 ms, in which a script can start a dozen; among these the number in the container's own pid namespace decides,
 * which counts up from 1, as the host's numbers do not. Where that is not known (null), each of them may be it.
 */
export const commandsOfInits = (
  processes: readonly ProcessStat[],
  namespacePid: (pid: number) => number | null,
): number[] =>
  processes
    .filter(({ comm }) => commandInits.has(comm))
    .flatMap(({ pid: init }) => {
      const children = processes.filter(({ ppid }) => ppid === init)
      const firstTicks = Math.min(...children.map(({ startTicks }) => startTicks))
      const first = children.filter(({ startTicks }) => startTicks === firstTicks).map(({ pid }) => pid)
      const numbers = first.map(namespacePid)
      const known = numbers.filter((number) => number !== null)
      return first.length > 1 && known.length === first.length
        ? first.filter((_, i) => numbers[i] === Math.min(...known))
        : first
    })

const isZombie = ({ state, threads }: ProcessStat): boolean => state === 'Z' && threads <= 1

// Of fewer programs nothing can be said about "most".
const fewPrograms = 4

/**
 * Whether a rule that nothing narrows fits more than half of the programs that run, by name: an expression gone wrong.
 * Hundreds of one program are what a rule is for, and count once.
 *
 * @param among whom the rule might fit; asked only where it fits several programs
 */
export const fitsTooMuch = (
  candidates: readonly OrphanCandidate[],
  protections: OrphanFacts['protections'],
  among: () => readonly ProcessStat[],
): boolean => {
  const programs = (of: readonly ProcessStat[]): number =>
    new Set(
      of
        .filter((one) => !one.isKernelThread && !protections.has(one.pid) && !isZombie(one))
        .map(({ comm }) => comm),
    ).size
  const fitted = programs(candidates.map(({ stat }) => stat))
  return fitted >= fewPrograms && fitted * 2 > programs(among())
}

/**
 * Which of a rule's candidates are orphans that are to go: handed to an init or a subreaper, not of a daemon that is kept
 * an eye on, old and big enough, and not among those that may stay. All others are spared, with the reason.
 */
export const orphanFates = (
  candidates: readonly OrphanCandidate[],
  wish: OrphanWish,
  facts: OrphanFacts,
): Map<number, OrphanFate> => {
  const fates = new Map<number, OrphanFate>()
  const places = new Map<string, { orphans: ProcessStat[]; cared: number }>()
  for (const candidate of candidates) {
    const { stat } = candidate
    const place = places.get(facts.placeOf(stat)) ?? { orphans: [], cared: 0 }
    places.set(facts.placeOf(stat), place)
    const reason = whySpared(candidate, wish, facts)
    if (isDaemon(stat, facts)) place.cared++
    if (reason === null) place.orphans.push(stat)
    else fates.set(stat.pid, { kind: 'spared', reason })
  }
  for (const { orphans, cared } of places.values()) keepSome(fates, orphans, cared, wish)
  // What an orphan has started goes with it: with its parent ended it would be the next orphan.
  for (const [pid, fate] of [...fates])
    if (isSparedForParent(fate) && isBelowOrphan(pid, fates, facts)) fates.delete(pid)
  return fates
}

/** What it would be if the rule fits it; `keep` is left out of account. */
export const mayBeOrphan = (candidate: OrphanCandidate, wish: OrphanWish, facts: OrphanFacts): boolean =>
  whySpared(candidate, wish, facts) === null

/** @param cared so many daemons that are kept an eye on are there: beside one `keep: 1` keeps none of what it left behind */
const keepSome = (
  fates: Map<number, OrphanFate>,
  orphans: readonly ProcessStat[],
  cared: number,
  { keep, keepBy }: OrphanWish,
): void => {
  const sign = keepBy === 'newest' ? 1 : -1
  const staysFirst = [...orphans].sort((a, b) => sign * (b.startTicks - a.startTicks || b.pid - a.pid))
  const stay = Math.max(0, keep - cared)
  for (const [i, { pid }] of staysFirst.entries())
    fates.set(
      pid,
      i < stay ? { kind: 'spared', reason: `among the ${keepBy} ${stay}, which stay` } : { kind: 'orphan' },
    )
}

const isSparedForParent = (fate: OrphanFate): boolean =>
  fate.kind === 'spared' && fate.reason.startsWith(parentLives)

/** With nobody in between who stays. */
const isBelowOrphan = (
  pid: number,
  fates: ReadonlyMap<number, OrphanFate>,
  { byPid, protections }: OrphanFacts,
): boolean => {
  const passed = new Set<number>()
  for (let at = byPid.get(pid)?.ppid ?? 0; at > 1 && !passed.has(at); at = byPid.get(at)?.ppid ?? 0) {
    const fate = fates.get(at)
    if (fate?.kind === 'orphan') return true
    if (protections.has(at) || (fate !== undefined && !isSparedForParent(fate))) return false
    passed.add(at)
  }
  return false
}

/** An init or a script that starts a daemon has the daemon's name in its own command line. */
const isDaemon = ({ pid, comm }: ProcessStat, { trackedPids, containerInits }: OrphanFacts): boolean =>
  trackedPids.has(pid) && !reapers.has(comm) && !(containerInits.has(pid) && shells.has(comm))

const whySpared = (candidate: OrphanCandidate, wish: OrphanWish, facts: OrphanFacts): string | null => {
  const { stat, ageSeconds } = candidate
  const { byPid, protections, trackedPids, claimedPids, containerInits } = facts
  const protection = protections.get(stat.pid)
  if (protection !== undefined) return `protected: ${protection}`
  const parent = byPid.get(stat.ppid)
  const parentWords = `process ${stat.ppid}${parent === undefined ? '' : ` (${parent.comm})`}`
  if (isZombie(stat)) return `a zombie, which its parent ${parentWords} does not reap`
  if (trackedPids.has(stat.pid)) return 'it is the tracked one'
  if (claimedPids.has(stat.pid)) return 'a pid file names it, though one that is not believed'
  const tracked = trackedAbove(stat, facts)
  if (tracked !== null) return `it belongs to the tracked process ${tracked}`
  const isHandedOver =
    stat.ppid === 1 || containerInits.has(stat.ppid) || (parent !== undefined && reapers.has(parent.comm))
  if (!isHandedOver) return `${parentLives}: ${parentWords}`
  if (parent !== undefined && containerInits.has(parent.pid) && !reapers.has(parent.comm)) {
    const isFork = facts.isForkOfParent(stat)
    if (isFork) return `${parentLives}: ${parentWords}, of which it is a worker`
    if (isFork === null && !shells.has(parent.comm) && !isOfAnother(stat, parent))
      return `it may be a worker of ${parentWords}, which could not be seen`
    // Nobody says which of the script's children is the daemon.
    if (shells.has(parent.comm) && wish.keep === 0 && !hasTrackedChild(parent.pid, facts))
      return `it may be the daemon of the start script, ${parentWords}: say keep: 1, or the pid file in services:`
  }
  if (wish.olderThanSeconds !== null) {
    if (ageSeconds === null) return 'its age is not known'
    if (!(ageSeconds > wish.olderThanSeconds)) return 'it is not old enough'
  }
  if (wish.moreThanBytes !== null) {
    const { memoryBytes } = candidate
    if (memoryBytes === null) return 'its memory is not known'
    if (!(memoryBytes > wish.moreThanBytes)) return 'it is not big enough'
  }
  return null
}

/** A child is in its parent's session, or leads its own: who is in a third was started by somebody else, and handed over. */
export const isOfAnother = ({ pid, session }: ProcessStat, parent: ProcessStat): boolean =>
  session > 0 && session !== pid && session !== parent.session

const hasTrackedChild = (init: number, { processes, trackedPids }: OrphanFacts): boolean =>
  processes.some(({ pid, ppid }) => ppid === init && trackedPids.has(pid))

/**
 * The nearest tracked process that it descends from. A container's first process is everybody's in there: to be below it
 * directly is to be handed over to it.
 */
const trackedAbove = (
  stat: ProcessStat,
  { trackedPids, claimedPids, containerInits, byPid }: OrphanFacts,
): number | null => {
  const passed = new Set([stat.pid])
  for (let at = stat.ppid; at > 1 && !passed.has(at); at = byPid.get(at)?.ppid ?? 0) {
    if ((trackedPids.has(at) || claimedPids.has(at)) && !containerInits.has(at)) return at
    passed.add(at)
  }
  return null
}
