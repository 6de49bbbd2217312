import type { EndProcessesAction, ProcessIdentity } from '../core/action.ts'
import type { ProcessStat } from '../core/facts.ts'
import type { LogLine } from '../core/log-line.ts'
import { type Failed, failed } from '../core/reading.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { endedLines, toEndLines } from './end-log.ts'
import { endResult, endWords } from './end-words.ts'
import { type ForkStorm, makeForkStorm } from './fork-storm.ts'
import { monotonicMs } from './monotonic.ts'
import { scanProc } from './process-scan.ts'
import {
  hasEnded,
  keepSessions,
  keyOf,
  living,
  lookOver,
  type Member,
  type Roster,
  rosterOf,
  see,
  takeIn,
} from './roster.ts'
import { type Signal, sendSignal, statOf } from './signal.ts'
import { loadPidfds, type Pidfds } from './syscalls.ts'

/** From the first SIGKILL to giving up: a process of 60 GB needs some seconds to give back its memory. */
const killMs = 10_000
const longestPollMs = 50
const shortestPollMs = 5
/** How often it is made sure, after newcomers, that none was missed. */
const mostConfirmations = 3
/** Of the time that is waited, not more than a tenth goes into scans: 25 µs a process. */
const scanShare = 10

/**
 * Ends processes and what they start meanwhile: SIGTERM, the grace, SIGKILL to the rest as long as any is seen, and a
 * scan that finds none left. Where new ones keep coming, their cgroup is frozen for the kill if the action allows it. What comes after the SIGTERM gets none: it may be how the service saves its data. Takes
 * at most the grace and 10 s.
 */
export const endProcessesChange = (
  action: EndProcessesAction,
  base: HostBase,
  log: (...lines: LogLine[]) => void,
): Change => ({
  words: endWords(action),
  obstacle: () =>
    action.processes.length === 0 ? { outcome: 'skipped', detail: 'there is no process to end' } : null,
  perform: async () => {
    if (action.figures !== undefined) log(...toEndLines(action))
    const ending: Ending = {
      base,
      pidfds: await loadPidfds(),
      roster: rosterOf(action),
      storm: action.freeze === undefined ? null : makeForkStorm(base, action.freeze),
      sessions: action.newcomers.sessions,
      anew: action.freeze?.anew ?? (() => []),
      known: new Set(),
      off: new Set(),
      unscanned: null,
      scanCostMs: 0,
      scannedAtMs: Number.NEGATIVE_INFINITY,
    }
    look(ending)
    ending.storm?.noteOwn(ending.roster)
    if (ending.unscanned === null) await endAll(ending, action.graceMs)
    if (action.figures !== undefined) log(...endedLines(ending.roster))
    return endResult(ending.roster, ending.unscanned, ending.storm?.held())
  },
})

interface Ending {
  base: HostBase
  pidfds: Pidfds | null
  roster: Roster
  storm: ForkStorm | null
  /** As the action has them. */
  sessions: readonly number[]
  anew(): readonly ProcessIdentity[]
  /** Pids of the last scan, and those of them that are not touched. */
  known: ReadonlySet<number>
  off: ReadonlySet<number>
  /** Why the last scan told nothing; then nobody can say that none is left. */
  unscanned: Failed | null
  scanCostMs: number
  scannedAtMs: number
}

const endAll = async (ending: Ending, graceMs: number): Promise<void> => {
  const hadEnded =
    ending.storm !== null &&
    [...ending.roster.members.values()].some(({ end }) => end === 'gone' || end === 'changed')
  for (const member of living(ending.roster)) {
    // Newcomers of the first look were started since the plan was made: they belong to what is there.
    send(ending, member, 'SIGTERM')
    // A stopped process takes a SIGTERM only when it goes on.
    if (member.end === null && member.state === 'T') send(ending, member, 'SIGCONT')
  }
  const killAtMs = monotonicMs() + Math.max(0, graceMs)
  // Some that were there when it was planned are not there any more: they may have handed on.
  let hasNewcomers = hadEnded
  await waitFor(ending, killAtMs, (came) => {
    hasNewcomers ||= came > 0
  })
  const killLiving = () => {
    for (const member of living(ending.roster)) if (member.sent !== 'SIGKILL') send(ending, member, 'SIGKILL')
  }
  killLiving()
  const giveUpAtMs = Math.max(killAtMs, monotonicMs()) + killMs
  const killOn = (came: number): void => {
    hasNewcomers ||= came > 0
    const isStorm = came > 0 || (living(ending.roster).length === 0 && !isOver(ending))
    hasNewcomers ||= isStorm
    if (!isStorm || !freezeAndKill(ending, killLiving)) killLiving()
  }
  await waitFor(ending, giveUpAtMs, killOn)
  // A scan takes some milliseconds: who starts his successor behind it and ends before it comes is not in it.
  for (let i = 0; hasNewcomers && i < mostConfirmations && isOver(ending); i++) {
    keepSessions(ending.roster, ending.sessions, ending.known)
    if (!freezeAndKill(ending, killLiving)) look(ending)
    if (isOver(ending)) break
    await waitFor(ending, giveUpAtMs, killOn)
  }
  look(ending)
  for (const member of living(ending.roster)) member.end = 'survived'
}

const freezeAndKill = (ending: Ending, killLiving: () => void): boolean =>
  ending.storm?.freezeAndKill(ending.roster, ending, () => {
    keepSessions(ending.roster, ending.sessions, ending.known)
    look(ending)
    takeIn(ending.roster, ending.anew(), ending.off)
    killLiving()
  }) ?? false

/** None that is known is left, nor anybody in a cgroup of their own, nor one that the scan has missed. */
const isOver = ({ roster, storm, known, sessions }: Ending): boolean =>
  living(roster).length === 0 &&
  (storm === null || (storm.ownPids().size === 0 && !storm.isRestless(known, sessions)))

/** Until none is alive or the time is up; `then` is done after each look. */
const waitFor = async (ending: Ending, untilMs: number, then: (came: number) => void): Promise<void> => {
  let pauseMs = shortestPollMs
  while (!isOver(ending)) {
    const leftMs = untilMs - monotonicMs()
    if (leftMs <= 0) return
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)))
    const came = refresh(ending)
    then(came)
    pauseMs = came > 0 ? shortestPollMs : Math.min(pauseMs * 2, longestPollMs)
  }
}

/** Looks at the members alone where scans are dear; that none is left only a scan may say. */
const refresh = (ending: Ending): number => {
  const sinceMs = monotonicMs() - ending.scannedAtMs
  if (sinceMs >= ending.scanCostMs * scanShare) return look(ending)
  lookAtLiving(ending)
  return living(ending.roster).length === 0 ? look(ending) : 0
}

const look = (ending: Ending): number => {
  const { base, roster } = ending
  const startedAtMs = monotonicMs()
  const scan = scanProc(base, 4096)
  if (scan.kind !== 'value') {
    ending.unscanned = scan.kind === 'failed' ? scan : failed('io', '/proc', 'lists no process')
    lookAtLiving(ending)
    return 0
  }
  ending.unscanned = null
  const off = untouchables(base, scan.value.processes)
  ending.off = off
  ending.known = new Set(scan.value.processes.map(({ pid }) => pid))
  for (const member of living(roster)) if (off.has(member.pid)) member.end = 'protected'
  const came = lookOver(roster, scan.value.processes, off, ending.storm?.ownPids())
  const seen = new Set(scan.value.processes.map(keyOf))
  for (const member of living(roster)) if (!seen.has(keyOf(member))) lookAt(base, member)
  noteReaped(ending)
  ending.scannedAtMs = monotonicMs()
  ending.scanCostMs = ending.scannedAtMs - startedAtMs
  return came
}

const lookAtLiving = ({ base, roster }: Ending): void => {
  for (const member of living(roster)) lookAt(base, member)
}

/**
 * For an instant every process that ends is a zombie. Init reaps in its own time, and this program its own children
 * once it waits for nothing else.
 */
const noteReaped = ({ base, roster }: Ending): void => {
  for (const member of roster.members.values()) {
    if (!member.isZombie) continue
    const stat = statOf(base, member.pid)
    const isThere = stat.kind === 'value' && stat.value.startTicks === member.startTicks
    if (isThere) member.ppid = stat.value.ppid
    member.isZombie = isThere && member.ppid !== 1 && member.ppid !== base.pid
  }
}

const lookAt = (base: HostBase, member: Member): void => {
  const stat = statOf(base, member.pid)
  if (stat.kind === 'value') see(member, stat.value)
  else if (stat.kind === 'failed' && stat.cause === 'vanished') see(member, null)
}

/** The plan leaves out more (plan/protected.ts); these would be the end of this run or of the host. */
const untouchables = (base: HostBase, processes: readonly ProcessStat[]): Set<number> => {
  const byPid = new Map(processes.map((stat) => [stat.pid, stat]))
  const off = new Set([0, 1, 2])
  for (let at: number | undefined = base.pid; at && !off.has(at); at = byPid.get(at)?.ppid) off.add(at)
  for (const { pid, isKernelThread } of processes) if (isKernelThread) off.add(pid)
  return off
}

const send = ({ base, pidfds }: Ending, member: Member, signal: Signal): void => {
  const answer = sendSignal(base, member, signal, pidfds)
  if (answer === 'denied') member.end = 'denied'
  else if (answer !== 'sent') hasEnded(member, answer)
  else if (signal !== 'SIGCONT') member.sent = signal
}
