import type { CrashEvent, OomDetails } from '../core/crash-event.ts'

/** The same line reaches the journal, kern.log and the ring buffer with stamps that differ a little. */
const sameLineMs = 3000
/** systemd says so when it has seen the process end; earlyoom signals again until it has. */
const sameKillMs = 20_000

/**
 * One event of each thing that happened, by time. Several sources tell of one: the same line in two logs, the kernel and
 * systemd on one kill, earlyoom that signals a process twice. What only one of them knows is kept.
 */
export const mergeEvents = (events: readonly CrashEvent[]): CrashEvent[] => {
  const merged: CrashEvent[] = []
  for (const event of [...events].sort(byTime)) {
    const at = merged.findLastIndex((other) => isSame(other, event))
    const other = merged[at]
    if (other === undefined) merged.push(event)
    else merged[at] = joined(other, event)
  }
  return merged
}

export const byTime = (a: CrashEvent, b: CrashEvent): number =>
  (a.atMs ?? Number.POSITIVE_INFINITY) - (b.atMs ?? Number.POSITIVE_INFINITY) || 0

const isSame = (a: CrashEvent, b: CrashEvent): boolean => {
  if (isCrash(a) && isCrash(b) && a.kind !== b.kind)
    return a.pid !== null && a.pid === b.pid && isNear(a, b, sameKillMs)
  if (a.kind !== b.kind) return false
  if (a.kind === 'oom-kill') return isSameKill(a, b)
  // Two faults of one source in one second are two.
  if (a.source === b.source || a.pid !== b.pid || a.comm !== b.comm || a.container !== b.container)
    return false
  // A ring buffer has no time of day, so its line is told by its words.
  if ((a.atMs === null) !== (b.atMs === null)) return a.message === b.message
  return isNear(a, b, sameLineMs) && (a.pid !== null || a.message === b.message || a.unit === b.unit)
}

/** The kernel's segfault, and the core dump of it that systemd-coredump has written. */
const isCrash = ({ kind }: CrashEvent): boolean => kind === 'segfault' || kind === 'trap'

const isSameKill = (a: CrashEvent, b: CrashEvent): boolean => {
  if (a.pid !== null && b.pid !== null) {
    if (a.pid !== b.pid || a.comm !== b.comm) return false
    const isSameSize = haveSameSize(a.oom, b.oom)
    // The kernel's figures tell a kill in logs of other clocks: without a time, of another zone, of the hour that is twice.
    if (isSameSize === true && a.source !== b.source) return true
    return isSameSize !== false && isNear(a, b, sameKillMs)
  }
  // systemd names the unit and no process, and the units around it too.
  return isNear(a, b, sameKillMs) && haveSameOwner(a, b)
}

/** Null where one of them does not know. */
const haveSameSize = (a: OomDetails | null, b: OomDetails | null): boolean | null => {
  if (a?.totalVmBytes == null || b?.totalVmBytes == null) return null
  return a.totalVmBytes === b.totalVmBytes && a.anonRssBytes === b.anonRssBytes
}

const haveSameOwner = (a: CrashEvent, b: CrashEvent): boolean => {
  const [ownerA, ownerB] = [ownerOf(a), ownerOf(b)]
  if (ownerA === null || ownerB === null) return false
  return ownerA === ownerB || isBelow(a, ownerB) || isBelow(b, ownerA)
}

const isBelow = ({ oom }: CrashEvent, owner: string): boolean =>
  [oom?.taskCgroup, oom?.cgroup].some((path) => path?.split('/').includes(owner) === true)

const ownerOf = ({ unit, container, oom }: CrashEvent): string | null =>
  container ?? unit ?? oom?.cgroup?.split('/').at(-1) ?? null

/** An unknown time is near to none: better told twice than lost. */
const isNear = (a: CrashEvent, b: CrashEvent, withinMs: number): boolean =>
  a.atMs === null || b.atMs === null ? a.atMs === b.atMs : Math.abs(a.atMs - b.atMs) <= withinMs

const joined = (a: CrashEvent, b: CrashEvent): CrashEvent => {
  const [main, other] = weightOf(b) > weightOf(a) ? [b, a] : [a, b]
  return {
    ...main,
    atMs: a.atMs ?? b.atMs,
    pid: main.pid ?? other.pid,
    comm: main.comm ?? other.comm,
    unit: main.unit ?? other.unit,
    container: main.container ?? other.container,
    bytes: main.bytes ?? other.bytes,
    oom: main.oom === null ? other.oom : { ...main.oom, ...knownOf(other.oom, main.oom) },
  }
}

/** Who knows most tells it: the kernel with its dump before the kernel, before systemd. */
const weightOf = ({ pid, oom }: CrashEvent): number => (pid === null ? 0 : 2) + (oom?.tasks.length ? 1 : 0)

const knownOf = (from: OomDetails | null, into: OomDetails): Partial<OomDetails> =>
  from === null
    ? {}
    : {
        anonRssBytes: into.anonRssBytes ?? from.anonRssBytes,
        totalVmBytes: into.totalVmBytes ?? from.totalVmBytes,
        cgroup: into.cgroup ?? from.cgroup,
        limitBytes: into.limitBytes ?? from.limitBytes,
        invokedBy: into.invokedBy ?? from.invokedBy,
        tasks: into.tasks.length > 0 ? into.tasks : from.tasks,
        ...(into.holders === undefined && from.holders !== undefined ? { holders: from.holders } : {}),
      }
