/** What one look saw of a service; null: not measured, or there is none. */
export interface HistorySample {
  atMs: number
  /** What the series is kept of: anon + shmem + swap. */
  leakBytes: number
  /** What counts against the limit: current − inactive file. */
  usedBytes: number | null
  limitBytes: number | null
  swapBytes: number | null
  /**
   * CPU time used so far, by its cgroup or else by its processes that are alive: within a lifetime the difference of two
   * is what was used between them.
   */
  cpuSeconds: number | null
  processes: number | null
  openFiles: number | null
  threads: number | null
  /** `identityHash` of its lifetime; 0: not known. */
  identity: number
}

/**
 * Samples of one period together: the lowest, mean and highest leak number; the most swap and processes of those that
 * were measured, since what is bounded by them is judged by the worst of the period; and the newest of all else.
 */
export interface HistoryRecord extends Omit<HistorySample, 'atMs' | 'leakBytes'> {
  /** Counts up from 1 within a tier. */
  sequence: number
  samples: number
  firstAtMs: number
  lastAtMs: number
  /**
   * Its CPU time fell, from the sample before it on and within a lifetime, as where a process ended and its own with it:
   * more was used than is seen.
   */
  cpuFell: boolean
  floorBytes: number
  meanBytes: number
  peakBytes: number
}

export interface Tier {
  periodMs: number
  slots: number
}

const minuteMs = 60_000

/** From fine to coarse; each period is a multiple of the one before it. */
export const tiers: readonly Tier[] = [
  { periodMs: minuteMs, slots: 1440 },
  { periodMs: 5 * minuteMs, slots: 864 },
  { periodMs: 15 * minuteMs, slots: 672 },
  { periodMs: 30 * minuteMs, slots: 672 },
  { periodMs: 60 * minuteMs, slots: 720 },
  { periodMs: 240 * minuteMs, slots: 360 },
  { periodMs: 1440 * minuteMs, slots: 365 },
]

export const slotOf = (atMs: number, periodMs: number): number => Math.floor(atMs / periodMs)

export const recordOf = ({ atMs, leakBytes, ...rest }: HistorySample): HistoryRecord => ({
  ...rest,
  sequence: 0,
  samples: 1,
  firstAtMs: atMs,
  lastAtMs: atMs,
  cpuFell: false,
  floorBytes: leakBytes,
  meanBytes: leakBytes,
  peakBytes: leakBytes,
})

/** `later` follows `earlier`; the sequence is that of `earlier`. */
export const merged = (earlier: HistoryRecord, later: HistoryRecord): HistoryRecord => {
  const samples = earlier.samples + later.samples
  return {
    ...later,
    sequence: earlier.sequence,
    samples,
    firstAtMs: Math.min(earlier.firstAtMs, later.firstAtMs),
    lastAtMs: Math.max(earlier.lastAtMs, later.lastAtMs),
    floorBytes: Math.min(earlier.floorBytes, later.floorBytes),
    meanBytes: (earlier.meanBytes * earlier.samples + later.meanBytes * later.samples) / samples,
    peakBytes: Math.max(earlier.peakBytes, later.peakBytes),
    cpuSeconds: lastCpuSeconds(earlier, later),
    cpuFell: earlier.cpuFell || later.cpuFell,
    swapBytes: mostOf(earlier.swapBytes, later.swapBytes),
    processes: mostOf(earlier.processes, later.processes),
  }
}

/** Within a lifetime null after one that was null: whether it fell meanwhile is not known. */
const lastCpuSeconds = (earlier: HistoryRecord, later: HistoryRecord): number | null =>
  earlier.cpuSeconds === null && !isNewLife(earlier, later) ? null : later.cpuSeconds

/** From the newest sample of one to the first of the other, which is all that is in it. */
export const cpuFellTo = (earlier: HistoryRecord, later: HistoryRecord): boolean =>
  earlier.cpuSeconds !== null &&
  later.cpuSeconds !== null &&
  earlier.cpuSeconds > later.cpuSeconds &&
  !isNewLife(earlier, later)

const isNewLife = (earlier: HistoryRecord, later: HistoryRecord): boolean =>
  earlier.identity !== later.identity && earlier.identity !== 0 && later.identity !== 0

const mostOf = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other)
