import type { CrashEvent, CrashEventKind, OomHolder, OomTask } from '../core/crash-event.ts'
import type { Growth, Restarts, Suspect, SuspectReason } from '../core/crash-story.ts'

interface Case {
  name: string
  kind: Suspect['kind']
  events: CrashEvent[]
  /** As the biggest holder of memory in kills of others. */
  held: { bytes: number; processes: number; limitBytes: number | null; victim: string }[]
}

/**
 * Who is to blame, the most suspect first. The victim of the OOM killer is not always: in a kill for the whole host the
 * kernel's own dump tells who held the memory, and a program of which there are two hundred is added up.
 *
 * @param containerNames by id, to call them what people call them
 */
export const findSuspects = (
  events: readonly CrashEvent[],
  known: {
    restarts: readonly Restarts[]
    /** Kills for memory by the kernel's own count of a cgroup. */
    oomCounts?: readonly Restarts[]
    growth: readonly Growth[]
    containerNames: ReadonlyMap<string, string>
  },
): Suspect[] => {
  const cases = new Map<string, Case>()
  const caseOf = (name: string, kind: Suspect['kind']): Case => {
    const one = cases.get(name) ?? { name, kind, events: [], held: [] }
    cases.set(name, one)
    return one
  }
  const owners = ownersByName(events, known.containerNames)
  for (const event of events) {
    const owner = ownerOf(event, known.containerNames)
    if (owner !== null && blameOf(event.kind) > 0) caseOf(owner.name, owner.kind).events.push(event)
    const holder = holderOf(event)
    if (holder === null) continue
    const isOwn = holder.comm === event.comm
    const blamed = (isOwn ? owner : owners.get(holder.comm)) ?? {
      name: holder.comm,
      kind: 'program' as const,
    }
    caseOf(blamed.name, blamed.kind).held.push({
      bytes: holder.bytes,
      processes: holder.processes,
      limitBytes: event.oom?.limitBytes ?? null,
      victim: owner?.name ?? event.comm ?? '?',
    })
  }
  for (const { name, kind, count } of known.restarts) if (count >= restartsThatCount) caseOf(name, kind)
  for (const { name, kind } of known.oomCounts ?? []) caseOf(name, kind)
  return [...cases.values()]
    .map((one) => suspectOf(one, known))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || heldBy(b) - heldBy(a) || a.name.localeCompare(b.name))
    .slice(0, 20)
}

const heldBy = ({ reasons }: Suspect): number => reasons.find((one) => one.code === 'held')?.bytes ?? 0

const restartsThatCount = 3

/** What one event of a kind weighs. */
const weights: Partial<Record<CrashEventKind, number>> = {
  'oom-kill': 10,
  'heap-exhausted': 8,
  segfault: 4,
  trap: 4,
  'container-exit': 4,
  'unit-failed': 3,
  'worker-timeout': 2,
  'hung-task': 1,
}

const blameOf = (kind: CrashEventKind): number => weights[kind] ?? 0

const ownerOf = (
  { unit, container, comm, kind, oom }: CrashEvent,
  names: ReadonlyMap<string, string>,
): { name: string; kind: Suspect['kind'] } | null => {
  if (container !== null) return { name: names.get(container) ?? container.slice(0, 12), kind: 'container' }
  // Kernel threads hang and soft-lockups hit whoever is there.
  if (kind === 'soft-lockup') return null
  const scope = oom?.cgroup?.split('/').findLast((part) => /\.(?:service|scope)$/.test(part)) ?? null
  const named = unit ?? scope
  // A session's scope says less than the program in it.
  if (named !== null && !/^(?:session-|user@|init\.scope)/.test(named)) return { name: named, kind: 'unit' }
  return comm === null ? null : { name: comm, kind: 'program' }
}

type Owner = NonNullable<ReturnType<typeof ownerOf>>

/** Whose programs of a name are, by the kills of them: where all are of one. */
const ownersByName = (
  events: readonly CrashEvent[],
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, Owner> => {
  const found = new Map<string, Owner | null>()
  for (const event of events) {
    if (event.kind !== 'oom-kill' || event.comm === null) continue
    const owner = ownerOf(event, names)
    const before = found.get(event.comm)
    found.set(event.comm, before === undefined || before?.name === owner?.name ? owner : null)
  }
  return new Map([...found].filter((one): one is [string, Owner] => one[1] !== null))
}

/** The name that held most when memory ran out, all its processes together; null without a dump. */
const holderOf = ({ kind, oom, comm, bytes }: CrashEvent): OomHolder | null => {
  if (kind !== 'oom-kill' || oom === null) return null
  const most = (oom.holders ?? holdersIn(oom.tasks)).reduce<OomHolder | null>(
    (best, one) => (best === null || one.bytes > best.bytes ? one : best),
    null,
  )
  // Of a dump that was cut off the victim's row may be missing.
  return most !== null && comm !== null && (bytes ?? 0) > most.bytes
    ? { comm, bytes: bytes ?? 0, processes: 1 }
    : most
}

const holdersIn = (tasks: readonly OomTask[]): OomHolder[] => {
  const byName = new Map<string, OomHolder>()
  for (const task of tasks) {
    const holder = byName.get(task.comm) ?? { comm: task.comm, bytes: 0, processes: 0 }
    byName.set(task.comm, { ...holder, bytes: holder.bytes + sizeOf(task), processes: holder.processes + 1 })
  }
  return [...byName.values()]
}

const sizeOf = ({ rssBytes, swapBytes }: OomTask): number => rssBytes + swapBytes

const suspectOf = (
  { name, kind, events, held }: Case,
  known: { restarts: readonly Restarts[]; oomCounts?: readonly Restarts[]; growth: readonly Growth[] },
): Suspect => {
  const counted = known.oomCounts?.find((one) => one.name === name)?.count ?? 0
  const restarts = known.restarts.find((one) => one.name === name)?.count ?? 0
  const growth = growthOf({ name, kind, events, held }, known.growth)
  const reasons: SuspectReason[] = [
    ...killReasons(events),
    ...heldReasons(held, events),
    ...victimReasons(name, events),
    ...(growth === null
      ? []
      : [
          {
            code: 'grew' as const,
            bytesPerMinute: growth.bytesPerMinute,
            seconds: growth.seconds,
            culprit: growth.culprit,
            service: growth.service,
          },
        ]),
    ...countReasons(events),
    ...(counted > 0 ? [{ code: 'counted' as const, count: counted }] : []),
    ...(restarts >= restartsThatCount ? [{ code: 'restarts' as const, count: restarts }] : []),
  ]
  const own = events.reduce((sum, event) => sum + blameOf(event.kind), 0)
  // Holding the memory weighs more than being chosen for it.
  const holding = held.length * 12
  const innocence = victimReasons(name, events).length > 0 ? 0.5 : 1
  const score =
    own * innocence +
    holding +
    Math.min(restarts, 20) * 0.5 +
    (growth === null ? 0 : 6) +
    (counted > 0 ? 3 : 0)
  return { name, kind, score: Math.round(score * 10) / 10, reasons }
}

/**
 * A service that is known by its processes has no name in the logs: by the process that was killed, or, where nothing
 * tells whose it was, by what it runs.
 */
const growthOf = ({ name, kind, events }: Case, growth: readonly Growth[]): Growth | null => {
  const isKilled = ({ programs, pids }: Growth): boolean =>
    events.some(
      (event) =>
        event.kind === 'oom-kill' &&
        pids.includes(event.pid ?? -1) &&
        event.comm !== null &&
        programs.includes(event.comm),
    )
  return (
    growth.find((one) => one.name === name) ??
    growth.find(isKilled) ??
    (kind === 'program' ? growth.find(({ programs }) => programs.includes(name)) : undefined) ??
    null
  )
}

const killReasons = (events: readonly CrashEvent[]): SuspectReason[] => {
  const kills = events.filter(({ kind }) => kind === 'oom-kill')
  const first = kills[0]
  return first === undefined
    ? []
    : [{ code: 'killed', count: kills.length, firstAtMs: first.atMs, scope: first.oom?.scope ?? 'unknown' }]
}

/** The most it held: by the dump, or by the line on the kill. */
const heldReasons = (held: Case['held'], events: readonly CrashEvent[]): SuspectReason[] => {
  const kills = events
    .filter(({ kind, bytes }) => kind === 'oom-kill' && bytes !== null)
    .map(({ bytes, oom }) => ({ bytes: bytes ?? 0, processes: 1, limitBytes: oom?.limitBytes ?? null }))
  const most = [...held, ...kills].reduce<{
    bytes: number
    processes: number
    limitBytes: number | null
  } | null>((best, one) => (best === null || one.bytes > best.bytes ? one : best), null)
  return most === null || most.bytes === 0
    ? []
    : [{ code: 'held', bytes: most.bytes, processes: most.processes, limitBytes: most.limitBytes }]
}

/** It was killed while something else held at least twice as much. */
const victimReasons = (name: string, events: readonly CrashEvent[]): SuspectReason[] => {
  for (const event of events) {
    const holder = holderOf(event)
    if (holder === null || holder.comm === event.comm || holder.comm === name) continue
    if (holder.bytes >= 2 * (event.bytes ?? 0))
      return [{ code: 'victim-only', holder: holder.comm, bytes: holder.bytes }]
  }
  return []
}

const countReasons = (events: readonly CrashEvent[]): SuspectReason[] => {
  const count = (...kinds: CrashEventKind[]): number =>
    events.filter(({ kind }) => kinds.includes(kind)).length
  const [heap, hung, failed, exited] = [
    count('heap-exhausted'),
    count('worker-timeout', 'hung-task'),
    count('unit-failed'),
    count('container-exit'),
  ]
  const crashed = events.find(({ kind }) => kind === 'segfault' || kind === 'trap')
  return [
    ...(heap > 0 ? [{ code: 'heap' as const, count: heap }] : []),
    ...(crashed ? [{ code: 'crashed' as const, count: count('segfault', 'trap'), kind: crashed.kind }] : []),
    ...(hung > 0 ? [{ code: 'hung' as const, count: hung }] : []),
    ...(failed > 0 ? [{ code: 'failed' as const, count: failed }] : []),
    ...(exited > 0
      ? [
          {
            code: 'exited' as const,
            count: exited,
            exitCode: events.find(({ kind }) => kind === 'container-exit')?.exitCode ?? null,
          },
        ]
      : []),
  ]
}
