import { clip } from '../../core/escape.ts'
import type { ProcessMemory, ProcessStat } from '../../core/facts.ts'
import { type Reading, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parsePidStatus } from '../../parse/pid-status.ts'
import { redact } from '../../report/redact.ts'

export interface ProcessDetails {
  /** Null: not to be read. */
  memory: ProcessMemory | null
  /** Null: not to be read. */
  uid: number | null
  /** Its pids, in our namespace first and then in each below (proc(5), NSpid); empty: not to be read. */
  namespacePids: readonly number[]
}

/** What is read of a process is read once. */
export interface ProcessReader {
  /** Raw; the name in brackets where there is none. */
  commandLine(pid: number): string
  /** The same for people and logs: without secrets, and cut. */
  words(pid: number): string
  details(pid: number): ProcessDetails
  /** Whether it is in the pid namespace of this host, and in none below; null: not to be read. */
  isOfHere(pid: number): boolean | null
  executable(pid: number): Reading<string>
  /** Where its stack begins (proc(5), `startstack`), in digits; null where it may not be seen. */
  startOfStack(pid: number): string | null
  /** All of these at once, while it lives. False: it has ended, or is another by now. */
  readAll(pid: number): boolean
  /** What it runs alone. False: as above. */
  readLine(pid: number): boolean
  /** Takes in how it is now. False: as above. */
  refresh(pid: number): boolean
}

export const isOfHereBy = ({ namespacePids }: ProcessDetails): boolean | null =>
  namespacePids.length === 0 ? null : namespacePids.length === 1

export const hasEnded = ({ state, threads }: ProcessStat): boolean => state === 'Z' && threads <= 1

/** What tells one daemon from another, such as a port, often stands at the end. */
const commandWidth = 200

/** A secret that is cut in two is not known as one, so that goes first. */
const lineWords = (line: string): string => clip(redact(line), commandWidth)

/** Its main thread has ended, and others go on. */
export const hasOthersAlone = (stat: ProcessStat | undefined): boolean =>
  stat !== undefined && stat.state === 'Z' && stat.threads > 1

/** By its number, under which /proc has it as it has a process. */
const livingThread = (host: Host, pid: number): number | null => {
  const threads = (valueOrNull(host.files.list(`/proc/${pid}/task`)) ?? []).map(Number)
  const lives = (thread: number): boolean => {
    const stat = host.processes.stat(thread)
    return stat.kind === 'value' && stat.value.state !== 'Z'
  }
  return threads.find((thread) => thread !== pid && lives(thread)) ?? null
}

/** @param known the processes of a scan, brought up to date by what is read */
export const makeProcessReader = (host: Host, known: Map<number, ProcessStat>): ProcessReader => {
  // Once its main thread has ended, of a process only its other threads tell what it runs and holds.
  const thread = (pid: number): number =>
    hasOthersAlone(known.get(pid)) ? (livingThread(host, pid) ?? pid) : pid
  const lines = keep((pid: number) => valueOrNull(host.processes.commandLine(thread(pid))) ?? '')
  const commandLine = (pid: number): string => lines.of(pid) || `[${known.get(pid)?.comm ?? '?'}]`
  // Hundreds of orphans have one and the same.
  const words = keep((line: string) => lineWords(line))
  const details = keep((pid: number) => {
    const own = detailsOf(host, pid)
    if (!hasOthersAlone(known.get(pid))) return own
    const by = thread(pid)
    return { ...own, memory: by === pid ? null : detailsOf(host, by).memory }
  })
  const executables = keep((pid: number) => host.processes.executable(thread(pid)))
  const stacks = keep((pid: number) => startOfStack(host, thread(pid)))
  const places = keep((pid: number) => {
    const own = host.processes.isInOwnPidNamespace(pid)
    return own.kind === 'value' ? own.value : isOfHereBy(details.of(pid))
  })
  const all = new Set<number>()
  const forget = (pid: number): void => {
    for (const kept of [lines, details, places, executables, stacks]) kept.forget(pid)
    all.delete(pid)
  }
  const refresh = (pid: number): boolean => {
    const before = known.get(pid)
    const now = host.processes.stat(pid)
    if (now.kind !== 'value') return false
    if (before !== undefined && before.startTicks !== now.value.startTicks) forget(pid)
    known.set(pid, now.value)
    // One that had ended before has nobody left to hand on to.
    return !hasEnded(now.value) || (before !== undefined && hasEnded(before))
  }
  const lives = (pid: number): boolean => {
    const before = known.get(pid)
    const now = host.processes.stat(pid)
    return now.kind === 'value' && now.value.startTicks === before?.startTicks && !hasEnded(now.value)
  }

  return {
    commandLine,
    words: (pid) => words.of(commandLine(pid)),
    details: details.of,
    isOfHere: places.of,
    executable: executables.of,
    startOfStack: stacks.of,
    refresh,
    readAll(pid) {
      if (!refresh(pid)) return false
      const stat = known.get(pid)
      if (all.has(pid) || stat?.isKernelThread || (stat !== undefined && hasEnded(stat))) return true
      for (const kept of [lines, details, executables, stacks]) kept.of(pid)
      if (!lives(pid)) return false
      all.add(pid)
      return true
    },
    readLine(pid) {
      const stat = known.get(pid)
      return lines.of(pid) !== '' || stat?.isKernelThread === true || lives(pid) || refresh(pid)
    },
  }
}

const keep = <K, T>(read: (key: K) => T): { of(key: K): T; forget(key: K): void } => {
  const known = new Map<K, T>()
  return {
    of: (key) => {
      const before = known.get(key)
      if (before !== undefined) return before
      const now = read(key)
      known.set(key, now)
      return now
    },
    forget: (key) => void known.delete(key),
  }
}

const detailsOf = (host: Host, pid: number): ProcessDetails => {
  const status = valueOrNull(host.processes.status(pid)) ?? ''
  const numbers = /^NSpid:([\d\t ]+)$/m.exec(status)?.[1] ?? ''
  const memory = valueOrNull(parsePidStatus(status))
  return {
    memory,
    uid: memory?.uid ?? null,
    namespacePids: (numbers.match(/\d+/g) ?? []).map(Number),
  }
}

const startOfStack = (host: Host, pid: number): string | null => {
  const text = valueOrNull(host.files.readText(`/proc/${pid}/stat`)) ?? ''
  // The name, in brackets, is the second field and may hold brackets and blanks. 0 or 1 stand for what may not be seen.
  const at = text.slice(text.lastIndexOf(')') + 2).split(' ')[25] ?? ''
  return /^\d{2,}$/.test(at) ? at : null
}
