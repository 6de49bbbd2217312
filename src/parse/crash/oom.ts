import type { CrashEvent, LogRecord, OomDetails, OomHolder, OomTask } from '../../core/crash-event.ts'
import {
  type KilledLine,
  parseChosen,
  parseConstraint,
  parseInvoked,
  parseKilled,
  parseLimitOf,
  parseMemcgLimit,
  parseTaskHead,
  parseTaskRow,
  type TaskColumns,
} from './oom-lines.ts'

/** Kept of a dump; a host has thousands. */
const keptTasks = 20
/** Lines of others in between; then the dump is taken to be cut off. */
const maxForeignLines = 1000

/** Names of a dump that are added up. */
const keptNames = 5000
const toldHolders = 10
/** Kills at once: until 4.x each cgroup has a lock of its own, so their lines mix. */
const keptOpen = 4
/** With memory.oom.group more of the same cgroup follow at once; what comes later is another kill. */
const sameKillMs = 5000

/** A kill of which some lines were seen. */
interface Open {
  atMs: number | null
  invokedBy: string | null
  oomCgroup: string | null
  taskCgroup: string | null
  limitBytes: number | null
  memcg: boolean
  columns: TaskColumns | null
  tasks: OomTask[]
  byName: Map<string, { bytes: number; processes: number }>
  victim: { pid: number; comm: string; message: string } | null
  isKilled: boolean
}

export interface OomReader {
  /** Events that are complete with this line of the kernel. */
  read(record: LogRecord): CrashEvent[]
  /** True within a dump of tasks, whose rows are told by where they stand alone. */
  isInDump(): boolean
  /** What is left at the end of the log. */
  end(): CrashEvent[]
}

/**
 * Reads the kernel's lines one after the other and makes one event of each kill, however many lines it takes: who asked
 * for memory, whose limit was hit, the dump of tasks, who was chosen, who was killed. Bounded, whatever the log holds.
 */
export const makeOomReader = (source: string, pageBytes = 4096): OomReader => {
  /** The newest last. */
  let opens: Open[] = [fresh()]
  let foreignLines = 0
  const newest = (): Open => opens.at(-1) ?? fresh()
  /** Those of which the victim is known and no more came. */
  const finish = (which: readonly Open[]): CrashEvent[] =>
    which.flatMap((one) => (one.victim === null ? [] : [eventOf(one, source, one.victim, null)]))
  const begin = (open: Open): CrashEvent[] => {
    // Where two mix, the one before is still to be told; one that was told, or of which nothing is known, is not kept.
    const kept = opens.filter((one) => !one.isKilled && (one.invokedBy !== null || one.victim !== null))
    const over = kept.slice(0, Math.max(0, kept.length + 1 - keptOpen))
    opens = [...kept.slice(over.length), open]
    return finish(over)
  }
  const chosenLine = (text: string, atMs: number | null): CrashEvent[] | null => {
    const constraint = parseConstraint(text)
    const chosen = constraint ?? parseChosen(text)
    if (chosen === null) return null
    const isFresh = (one: Open): boolean => one.victim === null && !one.isKilled
    const open = opens.findLast((one) => isFresh(one) && one.tasks.some(({ pid }) => pid === chosen.pid))
    const before = open === undefined && !isFresh(newest()) ? begin(fresh()) : []
    const one = open ?? newest()
    one.victim = { pid: chosen.pid, comm: chosen.comm, message: text }
    one.memcg ||= chosen.memcg
    one.atMs ??= atMs
    one.oomCgroup = constraint?.oomCgroup ?? one.oomCgroup
    one.taskCgroup = constraint?.taskCgroup ?? one.taskCgroup
    return before
  }
  const killedLine = (killed: KilledLine, text: string, atMs: number | null): CrashEvent[] => {
    const before = isOver(newest(), atMs) ? begin(fresh()) : []
    const one =
      opens.findLast(({ victim }) => victim?.pid === killed.pid) ??
      // A child may be killed instead of the one that was chosen.
      opens.findLast(({ victim }) => victim !== null && victim.comm === killed.comm) ??
      newest()
    one.memcg ||= killed.memcg
    one.atMs = atMs ?? one.atMs
    const event = eventOf(one, source, { ...killed, message: text }, killed)
    one.victim = null
    one.isKilled = true
    return [...before, event]
  }
  return {
    read({ text, atMs }) {
      const invokedBy = parseInvoked(text)
      if (invokedBy !== null) return begin({ ...fresh(), atMs, invokedBy })
      if (noteDetail(newest(), text, pageBytes)) {
        foreignLines = 0
        return []
      }
      foreignLines++
      const chosen = chosenLine(text, atMs)
      if (chosen !== null) return chosen
      const killed = parseKilled(text)
      return killed === null ? [] : killedLine(killed, text, atMs)
    },
    isInDump: () =>
      foreignLines < maxForeignLines &&
      opens.some(({ columns, victim, isKilled }) => columns !== null && victim === null && !isKilled),
    end() {
      const left = opens
      opens = [fresh()]
      return finish(left)
    },
  }
}

/** True when what was read of a kill says nothing about one now. */
const isOver = ({ isKilled, memcg, atMs }: Open, nowMs: number | null): boolean =>
  isKilled && (!memcg || (atMs !== null && nowMs !== null && Math.abs(nowMs - atMs) > sameKillMs))

const fresh = (): Open => ({
  atMs: null,
  invokedBy: null,
  oomCgroup: null,
  taskCgroup: null,
  limitBytes: null,
  memcg: false,
  columns: null,
  tasks: [],
  byName: new Map(),
  victim: null,
  isKilled: false,
})

/** True when the line was one of those between the call and the kill. */
const noteDetail = (open: Open, text: string, pageBytes: number): boolean => {
  const limitOf = parseLimitOf(text)
  if (limitOf !== null) {
    Object.assign(open, limitOf, { memcg: true })
    return true
  }
  const limitBytes = parseMemcgLimit(text)
  if (limitBytes !== null) {
    open.limitBytes = limitBytes
    return true
  }
  const columns = parseTaskHead(text)
  if (columns !== null) {
    Object.assign(open, { columns, tasks: [], byName: new Map() })
    return true
  }
  const task = open.columns === null ? null : parseTaskRow(text, open.columns, pageBytes)
  if (task === null) return false
  keepBiggest(open.tasks, task)
  addUp(open.byName, task)
  return true
}

const sizeOf = ({ rssBytes, swapBytes }: OomTask): number => rssBytes + swapBytes

const keepBiggest = (tasks: OomTask[], task: OomTask): void => {
  const at = tasks.findIndex((one) => sizeOf(one) < sizeOf(task))
  tasks.splice(at === -1 ? tasks.length : at, 0, task)
  tasks.length = Math.min(tasks.length, keptTasks)
}

const addUp = (byName: Open['byName'], task: OomTask): void => {
  const sum = byName.get(task.comm)
  if (sum === undefined && byName.size >= keptNames) return
  byName.set(task.comm, {
    bytes: (sum?.bytes ?? 0) + sizeOf(task),
    processes: (sum?.processes ?? 0) + 1,
  })
}

const holdersOf = (byName: Open['byName']): OomHolder[] =>
  [...byName]
    .map(([comm, sum]) => ({ comm, ...sum }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, toldHolders)

const eventOf = (
  open: Open,
  source: string,
  victim: { pid: number; comm: string; message: string },
  killed: { anonRssBytes: number; totalVmBytes: number } | null,
): CrashEvent => {
  const oom: OomDetails = {
    scope: open.memcg ? 'memcg' : 'global',
    anonRssBytes: killed?.anonRssBytes ?? null,
    totalVmBytes: killed?.totalVmBytes ?? null,
    cgroup: open.oomCgroup ?? open.taskCgroup,
    limitBytes: open.limitBytes,
    invokedBy: open.invokedBy,
    tasks: open.tasks,
    ...(open.byName.size > 0 ? { holders: holdersOf(open.byName) } : {}),
    ...(open.taskCgroup === null ? {} : { taskCgroup: open.taskCgroup }),
  }
  return {
    atMs: open.atMs,
    kind: 'oom-kill',
    source,
    message: victim.message,
    pid: victim.pid,
    comm: victim.comm,
    unit: unitOf(open.taskCgroup ?? open.oomCgroup),
    container: containerOf(open.taskCgroup ?? open.oomCgroup),
    bytes: killed?.anonRssBytes ?? null,
    oom,
  }
}

/** `/system.slice/app.service/worker` → `app.service`; `…/user@1000.service/app.slice/vte-1.scope` → `vte-1.scope`. */
export const unitOf = (cgroup: string | null): string | null =>
  cgroup?.split('/').findLast((part) => /\.(?:service|scope)$/.test(part) && containerOf(part) === null) ??
  null

/** The id in `/docker/ID`, `/system.slice/docker-ID.scope`, `/…/libpod-ID.scope`, `/kubepods/…/ID`. */
export const containerOf = (cgroup: string | null): string | null =>
  /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(cgroup ?? '')?.[1] ?? null
