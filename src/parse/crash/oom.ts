import type { CrashEvent, LogRecord, OomDetails, OomTask } from '../../core/crash-event.ts'
import {
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
  victim: { pid: number; comm: string; message: string } | null
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
  let open = fresh()
  let foreignLines = 0
  const finish = (): CrashEvent[] => {
    const { victim } = open
    const event = victim === null ? [] : [eventOf(open, source, victim, null)]
    open = fresh()
    return event
  }
  return {
    read({ text, atMs }) {
      const invokedBy = parseInvoked(text)
      if (invokedBy !== null) {
        const before = finish()
        open = { ...fresh(), atMs, invokedBy }
        return before
      }
      if (noteDetail(open, text, pageBytes)) {
        foreignLines = 0
        return []
      }
      foreignLines++
      const constraint = parseConstraint(text)
      const chosen = constraint ?? parseChosen(text)
      if (chosen !== null) {
        const before = open.victim === null ? [] : finish()
        open.victim = { pid: chosen.pid, comm: chosen.comm, message: text }
        open.memcg ||= chosen.memcg
        open.atMs ??= atMs
        open.oomCgroup = constraint?.oomCgroup ?? open.oomCgroup
        open.taskCgroup = constraint?.taskCgroup ?? open.taskCgroup
        return before
      }
      const killed = parseKilled(text)
      if (killed === null) return []
      open.memcg ||= killed.memcg
      const event = eventOf(
        { ...open, atMs: atMs ?? open.atMs },
        source,
        { ...killed, message: text },
        killed,
      )
      // With memory.oom.group more of the same cgroup follow.
      open = { ...open, victim: null }
      return [event]
    },
    isInDump: () => open.columns !== null && open.victim === null && foreignLines < maxForeignLines,
    end: finish,
  }
}

const fresh = (): Open => ({
  atMs: null,
  invokedBy: null,
  oomCgroup: null,
  taskCgroup: null,
  limitBytes: null,
  memcg: false,
  columns: null,
  tasks: [],
  victim: null,
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
    Object.assign(open, { columns, tasks: [] })
    return true
  }
  const task = open.columns === null ? null : parseTaskRow(text, open.columns, pageBytes)
  if (task === null) return false
  keepBiggest(open.tasks, task)
  return true
}

const sizeOf = ({ rssBytes, swapBytes }: OomTask): number => rssBytes + swapBytes

const keepBiggest = (tasks: OomTask[], task: OomTask): void => {
  const at = tasks.findIndex((one) => sizeOf(one) < sizeOf(task))
  tasks.splice(at === -1 ? tasks.length : at, 0, task)
  tasks.length = Math.min(tasks.length, keptTasks)
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
    tasks: open.tasks,
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

/** `/system.slice/app.service/worker` → `app.service`. */
export const unitOf = (cgroup: string | null): string | null =>
  cgroup
    ?.split('/')
    .reverse()
    .find((part) => part.endsWith('.service')) ?? null

/** The id in `/docker/ID`, `/system.slice/docker-ID.scope`, `/…/libpod-ID.scope`, `/kubepods/…/ID`. */
export const containerOf = (cgroup: string | null): string | null =>
  /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/.exec(cgroup ?? '')?.[1] ?? null
