import type { CrashEvent, LogRecord, OomDetails } from '../../core/crash-event.ts'
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
import { addTask, emptyDump, holdersOf, type TaskDump } from './task-dump.ts'

/** Lines of others in between; then the dump is taken to be cut off. */
const maxForeignLines = 1000

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
  dump: TaskDump
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
    const kept = opens.filter((one) => mayMix(one, open)).slice(1 - keptOpen)
    const over = opens.filter((one) => !kept.includes(one))
    opens = [...kept, open]
    return finish(over)
  }
  /** Of kills that mix the one that waits longest for such a line: each prints them in the same order. */
  const waiting = (has: (one: Open) => boolean): Open =>
    opens.find((one) => isFresh(one) && !has(one)) ?? newest()
  const chosenLine = (text: string, atMs: number | null): CrashEvent[] | null => {
    const constraint = parseConstraint(text)
    const chosen = constraint ?? parseChosen(text)
    if (chosen === null) return null
    const before = opens.some(isFresh) ? [] : begin(fresh())
    const one =
      opens.findLast((open) => isFresh(open) && open.dump.tasks.some(({ pid }) => pid === chosen.pid)) ??
      // Since 4.19 there is one lock for all.
      (constraint === null || !isFresh(newest()) ? waiting(() => false) : newest())
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
      if (noteDetail(waiting, text) || noteRow(opens.filter(hasRows), text, pageBytes)) {
        foreignLines = 0
        return []
      }
      foreignLines++
      const chosen = chosenLine(text, atMs)
      if (chosen !== null) return chosen
      const killed = parseKilled(text)
      return killed === null ? [] : killedLine(killed, text, atMs)
    },
    isInDump: () => foreignLines < maxForeignLines && opens.some(hasRows),
    end() {
      const left = opens
      opens = [fresh()]
      return finish(left)
    },
  }
}

const isFresh = ({ victim, isKilled }: Open): boolean => victim === null && !isKilled

/** The rows of its dump may still come. */
const hasRows = (open: Open): boolean => open.columns !== null && isFresh(open)

/** True for a kill that is still to be told when another one begins at once; what has no time is taken to be cut off. */
const mayMix = (one: Open, next: Open): boolean =>
  !one.isKilled &&
  one.invokedBy !== null &&
  one.atMs !== null &&
  next.atMs !== null &&
  Math.abs(next.atMs - one.atMs) <= sameKillMs

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
  dump: emptyDump(),
  victim: null,
  isKilled: false,
})

/** True when the line was one of those between the call and the kill. @param waiting the one that has none of a kind */
const noteDetail = (waiting: (has: (one: Open) => boolean) => Open, text: string): boolean => {
  const limitOf = parseLimitOf(text)
  if (limitOf !== null) {
    Object.assign(
      waiting(({ oomCgroup }) => oomCgroup !== null),
      limitOf,
      { memcg: true },
    )
    return true
  }
  const limitBytes = parseMemcgLimit(text)
  if (limitBytes !== null) {
    waiting((one) => one.limitBytes !== null).limitBytes = limitBytes
    return true
  }
  const columns = parseTaskHead(text)
  if (columns === null) return false
  Object.assign(
    waiting((one) => one.columns !== null),
    { columns, dump: emptyDump() },
  )
  return true
}

/** True when the line was a row. Whose it is cannot be told where two dumps mix, so neither has any then. */
const noteRow = (among: readonly Open[], text: string, pageBytes: number): boolean => {
  const [open, other] = among
  const task = open?.columns ? parseTaskRow(text, open.columns, pageBytes) : null
  if (open === undefined || task === null) return false
  if (other !== undefined) {
    for (const one of among) Object.assign(one, { dump: emptyDump() })
    return true
  }
  addTask(open.dump, task)
  return true
}

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
    tasks: open.dump.tasks,
    ...(open.dump.byName.size > 0 ? { holders: holdersOf(open.dump) } : {}),
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
