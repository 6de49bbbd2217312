/**
 * How many lines were seen when, over a sliding window: one number a minute, or coarser. All of it pure; instants are
 * epoch milliseconds.
 */
export interface LogWindow {
  withinSeconds: number
  bucketSeconds: number
  /** By the number of the bucket since the epoch; only those above 0. */
  counts: ReadonlyMap<number, number>
  /** When lines were last passed over unread; null when never. */
  skippedAtMs: number | null
  /** When this was brought up to date. */
  readAtMs: number
}

/** The clock of a host is slewed by less than this without anybody having set it. */
const tolerableMs = 60_000

const mostBuckets = 1500

/**
 * The width of a bucket: a minute, finer for windows below ten of them, and never so fine that a window has more than
 * `maxBuckets`.
 */
export const bucketSecondsOf = (withinSeconds: number, maxBuckets: number): number =>
  Math.max(
    1,
    Math.min(60, Math.ceil(withinSeconds / 10)),
    Math.ceil(withinSeconds / Math.max(1, Math.min(maxBuckets, mostBuckets))),
  )

export const emptyWindow = (withinSeconds: number, maxBuckets: number, nowMs: number): LogWindow => ({
  withinSeconds,
  bucketSeconds: bucketSecondsOf(withinSeconds, maxBuckets),
  counts: new Map(),
  skippedAtMs: null,
  readAtMs: nowMs,
})

/**
 * The window with lines of these instants in it, as of now; instants in the future count as now, those before the
 * window are left out.
 */
export const withLines = (window: LogWindow, atMs: Iterable<number>, nowMs: number): LogWindow => {
  const { bucketSeconds } = window
  const counts = new Map(window.counts)
  for (const at of atMs) {
    const bucket = Math.floor(Math.min(at, nowMs) / 1000 / bucketSeconds)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return { ...window, counts: pruned(counts, window, nowMs), readAtMs: nowMs }
}

export const withSkipped = (window: LogWindow, nowMs: number): LogWindow => ({
  ...window,
  skippedAtMs: nowMs,
})

/** The lines in the window, to the width of a bucket; `atLeast` while lines that were passed over may lie in it. */
export const countIn = (window: LogWindow, nowMs: number): { count: number; atLeast: boolean } => {
  const { withinSeconds, skippedAtMs } = window
  let count = 0
  for (const lines of pruned(window.counts, window, nowMs).values()) count += lines
  return { count, atLeast: skippedAtMs !== null && skippedAtMs > nowMs - withinSeconds * 1000 }
}

const pruned = (
  counts: ReadonlyMap<number, number>,
  { withinSeconds, bucketSeconds }: LogWindow,
  nowMs: number,
): Map<number, number> => {
  const fromSeconds = nowMs / 1000 - withinSeconds
  return new Map([...counts].filter(([bucket]) => (bucket + 1) * bucketSeconds > fromSeconds))
}

/** How far the clock went back since the window was read; 0 when it did not. */
export const setBackMs = ({ readAtMs }: LogWindow, nowMs: number): number =>
  readAtMs - nowMs > tolerableMs ? readAtMs - nowMs : 0

/**
 * The form that is kept: `counts` is a list of pairs, how many buckets after the one before, and how many lines. 1,500
 * buckets are about 9 kB so.
 */
export interface KeptWindow {
  bucketSeconds: number
  counts: number[]
  skippedAtMs: number | null
  readAtMs: number
}

export const keptWindow = ({ bucketSeconds, counts, skippedAtMs, readAtMs }: LogWindow): KeptWindow => {
  const pairs: number[] = []
  let before = 0
  for (const [bucket, lines] of [...counts].sort(([a], [b]) => a - b)) {
    pairs.push(bucket - before, lines)
    before = bucket
  }
  return { bucketSeconds, counts: pairs, skippedAtMs, readAtMs }
}

/**
 * The window of the run before, from a file, so of any shape: what is wrong in it is left out; null when nothing can be
 * made of it. Its buckets take the width that is wanted now. When the clock was set back since, all of it is moved
 * back with it, as if it had been read just now.
 */
export const restoreWindow = (
  kept: unknown,
  withinSeconds: number,
  maxBuckets: number,
  nowMs: number,
): LogWindow | null => {
  const { bucketSeconds: width, counts, skippedAtMs, readAtMs } = (kept ?? {}) as Partial<KeptWindow>
  if (!isInstant(readAtMs) || !isWhole(width) || width === 0 || !Array.isArray(counts)) return null
  const empty = emptyWindow(withinSeconds, maxBuckets, readAtMs)
  const backMs = setBackMs(empty, nowMs)
  const moved = new Map<number, number>()
  let old = 0
  for (let i = 0; i + 1 < counts.length && i < 2 * mostBuckets; i += 2) {
    const [after, lines] = [counts[i], counts[i + 1]]
    if (!isWhole(after) || !isWhole(lines)) return null
    old += after
    const atSeconds = Math.min(old * width, readAtMs / 1000) - backMs / 1000
    const bucket = Math.floor(atSeconds / empty.bucketSeconds)
    moved.set(bucket, (moved.get(bucket) ?? 0) + lines)
  }
  return {
    ...empty,
    counts: pruned(moved, empty, nowMs),
    skippedAtMs: isInstant(skippedAtMs) ? Math.min(skippedAtMs - backMs, nowMs) : null,
  }
}

const isInstant = (raw: unknown): raw is number => Number.isFinite(raw) && (raw as number) >= 0

const isWhole = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0
