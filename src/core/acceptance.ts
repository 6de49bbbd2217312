/** What one look saw of a service; null: not measured. Bytes; epoch milliseconds. */
export interface AcceptanceSample {
  atMs: number
  /** The highest leak number of what the sample stands for. */
  memoryBytes: number
  /** The lowest, by which growth is told. */
  floorBytes: number
  swapBytes: number | null
  /** CPU time used so far, by its cgroup or else by its processes that are alive. */
  cpuSeconds: number | null
  /** It fell within what the sample stands for, or from the one before to it. */
  cpuFell: boolean
  processes: number | null
  /** Another value is another lifetime. */
  identity: string | null
}

/** The time that is judged, and how often in it a sample was to come. */
export interface AcceptanceWindow {
  fromMs: number
  toMs: number
  stepMs: number
  /** How many samples there should be; null: by `stepMs`. */
  expected: number | null
}

/** Null: not asked for. Rates in bytes a minute, CPU in percent of one CPU. */
export interface Criteria {
  maxMemoryBytes: number | null
  maxGrowthBytesPerMinute: number | null
  maxSwapBytes: number | null
  maxCpuPercent: number | null
  minUptimeSeconds: number | null
  maxProcesses: number | null
  /** So long after each start neither memory nor growth is judged. */
  warmUpSeconds: number
}

export type CriterionName =
  | 'max-memory'
  | 'max-growth'
  | 'max-swap'
  | 'max-cpu'
  | 'min-uptime'
  | 'max-processes'

export type AcceptanceResult = 'pass' | 'fail' | 'insufficient'

export interface Criterion {
  name: CriterionName
  /** In the unit of the bound; null: nothing was measured. */
  measured: number | null
  /** The range it lies in, where it is an estimate. */
  range: { low: number; high: number } | null
  bound: number
  result: AcceptanceResult
  /** Why it is not passed, or by what it was told; report/ has the words. */
  reason: AcceptanceReason | null
}

export type AcceptanceReason =
  | { code: 'no-samples' }
  | { code: 'not-measured' }
  | { code: 'gaps'; had: number; expected: number }
  /** Of so many times between two samples: a process had ended, and its CPU time was lost. */
  | { code: 'cpu-lost'; times: number }
  | { code: 'restarted'; atMs: number; restarts: number }
  | { code: 'too-young'; uptimeSeconds: number }
  | { code: 'too-few'; had: number; needed: number }
  | { code: 'uncertain' }

export interface AcceptanceFacts {
  /** In order of time, all of them within the window. */
  samples: readonly AcceptanceSample[]
  window: AcceptanceWindow
  /** How long it has run at the end of the window, where that is known beyond the samples. */
  uptimeSeconds: number | null
}

/** A moment that somebody noted, as a deploy. */
export interface Mark {
  atMs: number
  /** May be empty. */
  text: string
}
