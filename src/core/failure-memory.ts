/** What failed again and again for one cause (incident O3); survives JSON. Stamps are epoch milliseconds. */
export interface FailureEntry {
  /** What was tried: `hook wallet at 2147483648`, `webhook 0`, `delete /tmp/x 4711`. */
  key: string
  /**
   * What it was tried under: another text of the hook, another inode. Tried anew when it changes.
   */
  circumstance: string
  /** Why it failed, without figures that differ from time to time. */
  cause: string
  /** In a row, for this cause. */
  failures: number
  /** Since it is skipped. */
  skipped: number
  lastFailedAtMs: number
}

export type FailureMemory = ReadonlyMap<string, FailureEntry>

export const failureBounds = {
  entries: 1000,
  keptMs: 30 * 86_400_000,
  /** So often the same is tried before it is skipped. */
  attempts: 3,
  /** It is tried again after this at the latest, whatever has not changed. */
  retryMs: 86_400_000,
  /** So often a skip is told of. */
  reportEvery: 10,
  textLength: 400,
} as const

/** For how long a thing that failed so often in a row is left alone, in milliseconds. */
export type Patience = (failures: number) => number

export const aDay: Patience = () => failureBounds.retryMs

/**
 * Ten minutes, then an hour, then a day: for what fails with the network, which is mostly back soon, and must not be
 * silent for a day after an outage of three minutes.
 */
export const growing: Patience = (failures) =>
  [600_000, 3_600_000][failures - failureBounds.attempts] ?? failureBounds.retryMs

export interface Attempt {
  /** False: it failed often enough; leave it alone. */
  goOn: boolean
  /** Of the skips so far; told at the first and at every tenth, silent between. */
  skipped: number
  /** In a row, when it is left alone. */
  failures: number
  isReported: boolean
  /** Why it failed last; null when it may be tried. */
  cause: string | null
  memory: FailureMemory
}

/**
 * Before something is tried that may have failed before. Three failures for one cause, and it is skipped: counted,
 * reported every tenth time, tried again when its circumstance changes or after some time, usually a day.
 */
export const attempt = (
  memory: FailureMemory,
  key: string,
  circumstance: string,
  nowMs: number,
  patience: Patience = aDay,
): Attempt => {
  const entry = memory.get(cut(key))
  const free: Attempt = { goOn: true, skipped: 0, failures: 0, isReported: false, cause: null, memory }
  if (entry === undefined || entry.circumstance !== cut(circumstance)) return free
  // A stamp of the future: the clock was set back, and the time has no beginning.
  const age = nowMs - entry.lastFailedAtMs
  if (entry.failures < failureBounds.attempts || age >= patience(entry.failures) || age < 0) return free
  const skipped = entry.skipped + 1
  return {
    goOn: false,
    skipped,
    failures: entry.failures,
    isReported: skipped === 1 || skipped % failureBounds.reportEvery === 0,
    cause: entry.cause,
    memory: kept(memory, { ...entry, skipped }),
  }
}

/** After it failed. Another cause, or another circumstance, begins a new count. */
export const noteFailure = (
  memory: FailureMemory,
  failure: { key: string; circumstance: string; cause: string },
  nowMs: number,
): FailureMemory => {
  const [key, circumstance, cause] = [cut(failure.key), cut(failure.circumstance), cut(failure.cause)]
  const before = memory.get(key)
  const isSame = before !== undefined && before.circumstance === circumstance && before.cause === cause
  const failures = isSame ? before.failures + 1 : 1
  return kept(memory, { key, circumstance, cause, failures, skipped: 0, lastFailedAtMs: nowMs })
}

/** After it went well: nothing is remembered against it. */
export const noteSuccess = (memory: FailureMemory, key: string): FailureMemory => {
  if (!memory.has(cut(key))) return memory
  const next = new Map(memory)
  next.delete(cut(key))
  return next
}

/** Without what is too old, and within the bound: the oldest go first. */
export const bounded = (memory: FailureMemory, nowMs: number): FailureMemory => {
  const entries = [...memory.values()]
    .filter(({ lastFailedAtMs }) => nowMs - lastFailedAtMs < failureBounds.keptMs)
    .sort((a, b) => a.lastFailedAtMs - b.lastFailedAtMs)
    .slice(-failureBounds.entries)
  return new Map(entries.map((entry) => [entry.key, entry]))
}

const kept = (memory: FailureMemory, entry: FailureEntry): FailureMemory => {
  if (memory.size < failureBounds.entries || memory.has(entry.key))
    return new Map(memory).set(entry.key, entry)
  const oldest = [...memory.values()].reduce((old, one) =>
    one.lastFailedAtMs < old.lastFailedAtMs ? one : old,
  )
  // What would crowd out the news of a day is not remembered: of ten thousand that fail each time none was ever left out.
  if (Math.abs(entry.lastFailedAtMs - oldest.lastFailedAtMs) < failureBounds.retryMs) return memory
  const next = new Map(memory)
  next.delete(oldest.key)
  return next.set(entry.key, entry)
}

const cut = (text: string): string => text.slice(0, failureBounds.textLength)
