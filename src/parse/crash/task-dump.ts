import type { OomHolder, OomTask } from '../../core/crash-event.ts'

/** Kept of a dump; a host has thousands. */
const keptTasks = 20
/** Names that are added up, and those that are told. */
const [keptNames, toldHolders] = [5000, 10]

/** The processes that the kernel lists when memory has run out: the biggest, and all of one name together. */
export interface TaskDump {
  tasks: OomTask[]
  byName: Map<string, { bytes: number; processes: number }>
}

export const emptyDump = (): TaskDump => ({ tasks: [], byName: new Map() })

export const addTask = ({ tasks, byName }: TaskDump, task: OomTask): void => {
  const at = tasks.findIndex((one) => sizeOf(one) < sizeOf(task))
  tasks.splice(at === -1 ? tasks.length : at, 0, task)
  tasks.length = Math.min(tasks.length, keptTasks)
  const sum = byName.get(task.comm)
  if (sum === undefined && byName.size >= keptNames) return
  byName.set(task.comm, {
    bytes: (sum?.bytes ?? 0) + sizeOf(task),
    processes: (sum?.processes ?? 0) + 1,
  })
}

const sizeOf = ({ rssBytes, swapBytes }: OomTask): number => rssBytes + swapBytes

export const holdersOf = ({ byName }: TaskDump): OomHolder[] =>
  [...byName]
    .map(([comm, sum]) => ({ comm, ...sum }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, toldHolders)
