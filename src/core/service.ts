import type { Attribution } from './composition.ts'
import type { Finding, Status } from './finding.ts'
import type { Reading } from './reading.ts'
import type { RestartCounts } from './restart-memory.ts'

export type ServiceKind = 'container' | 'unit' | 'process'

/** What a service is known by, from the config or found on the host. */
export type ServiceTarget =
  /** A container's name, an id prefix of at least 6 digits, or compose's `project/service`. */
  | { type: 'container'; ref: string }
  | { type: 'unit'; ref: string }
  | { type: 'process'; match: string; user: string | null; exe: string | null }
  | { type: 'pidfile'; path: string }

export type ServiceState =
  | 'running'
  | 'starting'
  | 'paused'
  | 'restarting'
  | 'stopped'
  | 'failed'
  /** No such container, unit or process. */
  | 'missing'
  /** Could not be asked; `stateDetail` says why. */
  | 'unknown'

/** Two numbers on purpose: one to see a leak by, one to see how far the limit is. See docs/memory-numbers.md. */
export interface ServiceMemory {
  /** anon + shmem + swap: what the service itself holds and nobody can reclaim. */
  leakBytes: number
  /** current − inactive file: what counts against the limit. Without a cgroup of its own: the leak number. */
  usedBytes: number
  swapBytes: number
  /** The tightest hard limit up the cgroup tree; null when there is none. */
  limitBytes: number | null
  /** Where that limit is set; null when there is none. */
  limitAt: string | null
}

export interface ServiceFacts {
  name: string
  kind: ServiceKind
  target: ServiceTarget
  /** False when it was found on the host and is not in the config. */
  configured: boolean
  state: ServiceState
  /** One line on the state, e.g. `exited with 137, killed for memory`; may be empty. */
  stateDetail: string
  /** Container id + start, InvocationID, or boot id + pid + start ticks; a new one begins a new series. Null when not running. */
  identity: string | null
  mainPid: number | null
  /** The engine's id of a container that is there. */
  containerId?: string
  pids: number[]
  /** Whom a pid file names that is not believed: enough to spare a process, and nothing else. */
  claimedPid?: number
  /** The memory cgroup that is its own; without one its processes are added up. */
  cgroup?: string
  memory: Reading<ServiceMemory>
  processes: Reading<number>
  /** How many of them have a command line that `processes.match` matches; only there when the config asks for it. */
  matchedProcesses?: Reading<number>
  openFiles: Reading<number>
  threads: Reading<number>
  /** By the engine's or systemd's own counter; absent for plain processes. */
  restarts: Reading<number>
  uptimeSeconds: Reading<number>
  oomKills: Reading<number>
  /** The engine's own health check. */
  health: 'healthy' | 'unhealthy' | 'starting' | null
  /** A unit of Type=oneshot that is between two runs and ended well: `stopped` is how it should be. */
  restsBetweenRuns?: boolean
  /** Of a unit. */
  restartSettings?: RestartSettings
  /** By its history; not there where it is not recorded, too short, or nobody asked. */
  growth?: {
    verdict: 'leak' | 'growing' | 'stable'
    bytesPerMinute: number | null
    secondsToLimit: number | null
    /** The range of it; `High` null: maybe never. */
    secondsToLimitLow: number | null
    secondsToLimitHigh: number | null
    /** Since when; null: it does not grow. */
    onsetAtMs: number | null
  }
  /** What grew in it, and who is to blame; only there where it grows, or breaks a threshold of memory. */
  attribution?: Attribution
  /** Of the last days, by what former runs have seen. */
  restartCounts?: RestartCounts
}

/** How systemd restarts a unit, and when it gives up (systemd.service(5), systemd.unit(5)). */
export interface RestartSettings {
  /** `Restart=`, e.g. `no`, `always`, `on-failure`. */
  restart: string
  /** `RestartSec=`; null: `infinity`. */
  delaySeconds: number | null
  /** `RestartSteps=`, of systemd 254 and later; 0: none. */
  steps: number
  /** `RestartMaxDelaySec=`; null: `infinity`, or not told. */
  maxDelaySeconds: number | null
  /** `StartLimitIntervalSec=`; null: `infinity`, or not told. */
  limitIntervalSeconds: number | null
  /** `StartLimitBurst=`; null: not told. */
  limitBurst: number | null
}

/** A process or a group of one name, for "who uses the memory". */
export interface Consumer {
  name: string
  pid: number | null
  processes: number
  rssBytes: number
  swapBytes: number
}

export interface ServiceResult {
  facts: ServiceFacts
  status: Status
  findings: Finding[]
  /** Consecutive failed checks, this one included. */
  failedChecks: number
  action: { kind: string; outcome: 'done' | 'skipped' | 'dry-run' | 'failed'; reason: string } | null
}

/** How the reason begins of a restart that failed before anything was touched. */
export const refusedWords = 'nothing was restarted: '

export const isRefused = ({ outcome, reason }: NonNullable<ServiceResult['action']>): boolean =>
  outcome === 'failed' && reason.startsWith(refusedWords)

/** What one `check` saw and concluded; report/ turns it into text and JSON. */
export interface CheckResult {
  hostname: string
  startedAtMs: number
  finishedAtMs: number
  status: Status
  /** Findings on the host, in the registry's order. */
  findings: Finding[]
  services: ServiceResult[]
  biggestProcesses: Consumer[]
  biggestNames: Consumer[]
  /** What this run could not do for itself: log not writable, state broken. Codes as in findings. */
  ownFindings: Finding[]
}

/** What docker and systemctl know it by; empty for a process, and for a container of compose's that is not there. */
export const refOf = ({ target, containerId }: Pick<ServiceFacts, 'target' | 'containerId'>): string => {
  if (target.type === 'unit') return target.ref
  if (target.type !== 'container') return ''
  return target.ref.includes('/') ? (containerId ?? '').slice(0, 12) : target.ref
}
