/** What an investigation is made of. */
export type CrashEventKind =
  | 'oom-kill'
  | 'segfault'
  | 'trap'
  | 'soft-lockup'
  | 'hung-task'
  | 'io-error'
  | 'fs-error'
  | 'kernel-oops'
  | 'kernel-panic'
  | 'under-voltage'
  | 'thermal'
  | 'worker-timeout'
  | 'heap-exhausted'
  | 'container-exit'
  | 'unit-failed'
  | 'boot'
  | 'unclean-shutdown'

export type OomScope =
  | 'global'
  | 'memcg'
  | 'systemd-unit'
  | 'systemd-oomd'
  | 'earlyoom'
  | 'container'
  | 'unknown'

/** A process as the kernel listed it while it chose a victim. */
export interface OomTask {
  pid: number
  comm: string
  rssBytes: number
  swapBytes: number
  oomScoreAdj: number
}

/** All processes of one name in the kernel's list. */
export interface OomHolder {
  comm: string
  bytes: number
  processes: number
}

/** What is known of one kill for memory; null: the lines do not say. */
export interface OomDetails {
  scope: OomScope
  anonRssBytes: number | null
  totalVmBytes: number | null
  /** The cgroup whose limit was hit, or that the victim was in. */
  cgroup: string | null
  /** Of that cgroup. */
  limitBytes: number | null
  /** Whose allocation found no memory; mostly not who is to blame. */
  invokedBy: string | null
  /** The biggest, the biggest first. */
  tasks: OomTask[]
  /** The names that held most, of the whole list and not of the biggest alone; absent where there was no list. */
  holders?: readonly OomHolder[]
  /** The cgroup of the victim, where it lies below the one whose limit was hit. */
  taskCgroup?: string | null
}

export interface CrashEvent {
  /** Epoch milliseconds; null where the line has no time that can be told. */
  atMs: number | null
  kind: CrashEventKind
  /** Where it was read: `journal`, `kmsg`, a file's path. */
  source: string
  /** The line that says it best, as it was found: of others, so redact and escape it before it is shown. */
  message: string
  pid: number | null
  comm: string | null
  unit: string | null
  container: string | null
  /** What it held, or asked for. */
  bytes: number | null
  oom: OomDetails | null
  /** Exit status, of containers and units. */
  exitCode?: number | null
}

/** A line of a log, told apart from its head. */
export interface LogRecord {
  /** Epoch milliseconds; null where it cannot be told. */
  atMs: number | null
  /** `kernel`, `systemd`, `gunicorn` …; null where the form has none. */
  program: string | null
  pid: number | null
  unit: string | null
  text: string
  /** Where the log vouches for who has written the line. */
  sender?: LogSender
}

/** The system's own systemd or kernel; a daemon of root or of the system; any other program, of whomever. */
export type LogSender = 'manager' | 'daemon' | 'program'

/** An event of which only the kind, the place and the line are known, with what else is. */
export const crashEvent = (
  kind: CrashEventKind,
  source: string,
  atMs: number | null,
  message: string,
  more: Partial<CrashEvent> = {},
): CrashEvent => ({
  atMs,
  kind,
  source,
  message,
  pid: null,
  comm: null,
  unit: null,
  container: null,
  bytes: null,
  oom: null,
  ...more,
})
