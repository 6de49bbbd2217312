import type { ProcessScan, ProcessStat } from '../../core/facts.ts'
import { failed, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { isAppAsInit } from '../../plan/own-init.ts'
import { type Protection, protectedProcesses } from '../../plan/protected.ts'
import { type Answers, type Contained, notListed, type Scope } from './ask-host.ts'
import { hasEnded, makeProcessReader, type ProcessReader } from './process-reader.ts'
import { readWhole, type WholeLook } from './read-whole.ts'

/** One look at the host, for all rules. */
export interface Seen
  extends Pick<
    ProcessReader,
    'commandLine' | 'words' | 'details' | 'isOfHere' | 'executable' | 'startOfStack'
  > {
  host: Host
  scan: ProcessScan
  byPid: ReadonlyMap<number, ProcessStat>
  zombies: readonly ProcessStat[]
  seenAtMs: number
  /** How long it took; who came meanwhile is no older. */
  tookMs: number
  protections: Map<number, Protection>
  containerInits: ReadonlySet<number>
  /** Pids in containers, which a rule without `container:` is not about. */
  containedPids: ReadonlySet<number>
  /** Who is in there; null: that could not be listed. */
  within(scope: Scope): ScopeLook | null
  startedAt(stat: Pick<ProcessStat, 'startTicks'>): number | null
}

export interface ScopeLook extends WholeLook {
  /** In which of the scope's cgroups each is; of the whole host it is not told. */
  cgroups: ReadonlyMap<number, string>
}

/**
 * All of it is read in one go, without giving way to anything else in this program: it may be done while a cgroup stands still. In
 * words, what is missing when not all of it could be seen: then nothing may be called an orphan.
 */
export const seeHost = ({ host, containers, of }: Answers): Seen | string => {
  const seenAtMs = host.elapsedMs()
  const scan = host.processes.scan()
  if (scan.kind !== 'value') return 'the processes could not be listed'
  if (!scan.value.complete) return 'processes of other users are hidden (hidepid)'
  const known = new Map(scan.value.processes.map((stat) => [stat.pid, stat]))
  const reader = makeProcessReader(host, known)
  const containedPids = new Set<number>()
  const missed = listContained(host, containers, containedPids)
  if (missed !== null) return missed
  const asked = [...of].flatMap(([rule, answer]) =>
    typeof answer === 'string' ? [] : [{ rule, scope: answer.scope }],
  )
  const looks = new Map<string, ScopeLook | null>()
  for (const { scope } of asked) {
    if (scope === null || looks.has(nameOf(scope))) continue
    looks.set(nameOf(scope), lookInto(host, scope, reader))
  }
  if (asked.some(({ scope }) => scope === null)) {
    const hasMatch = asked.some(({ rule, scope }) => scope === null && rule.match != null)
    const look = host.live ? lookAround(host, { known, reader, containers, containedPids, hasMatch }) : nobody
    looks.set(nameOf(null), look === null ? null : { ...look, cgroups: new Map() })
    // Who was read only now may be in a container, too.
    const missedNow = listContained(host, containers, containedPids)
    if (missedNow !== null) return missedNow
  }
  const processes = [...known.values()]
  const bootAtMs = valueOrNull(host.processes.bootAtMs())
  const { commandLine, words, details, isOfHere, executable, startOfStack } = reader
  return {
    ...{ host, seenAtMs, tookMs: host.elapsedMs() - seenAtMs, containedPids },
    ...{ commandLine, words, details, isOfHere, executable, startOfStack },
    scan: { ...scan.value, processes },
    byPid: known,
    zombies: processes.filter(hasEnded),
    protections: protectedProcesses({
      processes,
      selfPid: host.pid,
      uidOf: (pid) => details(pid).uid,
    }),
    containerInits: new Set([
      ...containers.flatMap(({ pid }) => (pid === null ? [] : [pid])),
      ...(isAppAsInit(known.get(1), known.values()) ? [1] : []),
    ]),
    within: (scope) => looks.get(nameOf(scope)) ?? null,
    startedAt: ({ startTicks }) =>
      bootAtMs === null ? null : bootAtMs + (startTicks * 1000) / host.processes.ticksPerSecond,
  }
}

const nobody: WholeLook = { pids: new Set(), isWhole: true }

const nameOf = (scope: Scope): string => (scope === null ? '' : `in ${scope.cgroups.join('\n')}`)

const listContained = (host: Host, containers: readonly Contained[], pids: Set<number>): string | null => {
  for (const { name, cgroup } of containers) {
    const own = host.cgroups.pids(cgroup)
    // It has ended since the engine answered.
    if (own.kind === 'failed' && own.cause === 'vanished') continue
    if (own.kind !== 'value') return notListed(name)
    for (const pid of own.value) pids.add(pid)
  }
  return null
}

/** Of a captured host all can be read at any time. */
const lookInto = (host: Host, scope: NonNullable<Scope>, reader: ProcessReader): ScopeLook | null => {
  const cgroups = new Map<number, string>()
  const look = readWhole(() => pidsOf(host, scope, cgroups), host.live ? reader.readAll : () => true)
  return look === null ? null : { ...look, cgroups }
}

/** @param cgroupOf takes in where each is */
const pidsOf = (
  host: Host,
  { cgroups }: NonNullable<Scope>,
  cgroupOf: Map<number, string>,
): Reading<number[]> => {
  const pids: number[] = []
  for (const cgroup of cgroups) {
    const own = host.cgroups.pids(cgroup)
    // Of several replicas one may end at any time.
    if (own.kind === 'failed' && own.cause === 'vanished' && cgroups.length > 1) continue
    if (own.kind !== 'value') return own
    for (const pid of own.value) {
      pids.push(pid)
      cgroupOf.set(pid, cgroup)
    }
  }
  return value(pids)
}

/**
 * Of the whole host the scan has read most, which is not read again. Who came since is read as a whole, and again whose parent is gone:
 * he has been handed over.
 */
const lookAround = (
  host: Host,
  {
    known,
    reader,
    containers,
    containedPids,
    hasMatch,
  }: {
    known: ReadonlyMap<number, ProcessStat>
    reader: ProcessReader
    containers: readonly Contained[]
    containedPids: Set<number>
    hasMatch: boolean
  },
): WholeLook | null => {
  const scanned = new Set(known.keys())
  return readWhole(
    () => {
      // Before all of /proc: who comes and goes in a container is none of the host's.
      const missed = listContained(host, containers, containedPids)
      if (missed !== null) return failed('io', 'containers', missed)
      const pids = host.processes.list()
      return pids.kind === 'absent' ? failed('io', '/proc', 'lists no process') : pids
    },
    (pid, listed) => {
      if (containedPids.has(pid)) return true
      const stat = known.get(pid)
      if (stat === undefined || !scanned.has(pid)) return reader.readAll(pid)
      if (stat.isKernelThread) return true
      if (stat.ppid !== 0 && !hasEnded(stat) && !listed.has(stat.ppid) && !reader.refresh(pid)) return false
      return !hasMatch || reader.readLine(pid)
    },
  )
}
