import type { Judge, SweepOrder, SweptPart } from './sweep.ts'
import type { TreeEntry, TreeFolder } from './tree.ts'

/**
 * Everything this toolkit may do to the machine, each with the reason it is logged with. `host.apply` is the only
 * way to have one done; `--dry-run` replaces that one function.
 */
export type Action =
  | WriteFileAction
  | RemoveFileAction
  | RemoveEntriesAction
  | SweepAction
  | EndProcessesAction
  | LookFrozenAction
  | ThawAction
  | StopContainerAction
  | StartContainerAction
  | RestartUnitAction
  | StartProcessAction
  | VacuumJournalAction
  | RunShellAction
  | LimitContainerAction
  | LimitUnitAction
  | WriteCrontabAction
  | SwitchTimersAction
  | RemoveFolderAction

export interface WriteFileAction {
  kind: 'write-file'
  path: string
  content: string
  /** Permission bits, e.g. 0o640. */
  mode: number
  /** Of the folders made for it; default 0o750. */
  folderMode?: number
  /** Refuse when the file is there already. */
  onlyIfMissing: boolean
  reason: string
}

/** Of a file that this toolkit has written; what is no regular file is left alone. */
export interface RemoveFileAction {
  kind: 'remove-file'
  path: string
  /** A symlink is to go, and nothing else is. */
  isLink?: boolean
  reason: string
}

/** Of one folder, each as it was looked at; what has changed since is left alone. */
export interface RemoveEntriesAction {
  kind: 'remove-entries'
  folder: Pick<TreeFolder, 'root' | 'names' | 'path' | 'inode'>
  /** Folders go only when they are empty. */
  what: 'file' | 'folder'
  /** Their age is by atime, too: a file that was read since stays. */
  byAtime: boolean
  entries: readonly TreeEntry[]
  reason: string
}

/**
 * Of all below a folder what is stale, seen and removed in one go. Not a list of what is to go: with hundreds of
 * thousands of files the list would be the longest part of the work.
 */
export interface SweepAction {
  kind: 'sweep'
  order: SweepOrder
  /** By the wish of the order. */
  judge: Judge
  /** Told of each part of a folder. */
  take(part: SweptPart): void
  /** So many names of what is removed are wanted at most. */
  namesWanted(): number
  /** Asked every now and then. */
  isOver(): Promise<boolean>
  reason: string
}

/** All but `removed` are left alone: why. A `failed` has the kernel's words. */
export type Removal =
  | { kind: 'removed' | 'changed' | 'gone' | 'not-empty' }
  | { kind: 'failed'; detail: string }

/** With the boot it is seen in, it names a process for good: a pid alone is given to another sooner or later. */
export interface ProcessKey {
  pid: number
  /** `ProcessStat.startTicks`. */
  startTicks: number
}

export interface ProcessIdentity extends ProcessKey {
  /** What it is, for the log: its command line, escaped and clipped. */
  words: string
}

/** SIGTERM to all, SIGKILL after the grace to what is left and what came meanwhile, then a scan for survivors. */
export interface EndProcessesAction {
  kind: 'end-processes'
  processes: ProcessIdentity[]
  newcomers: {
    /** Sessions in which every process is one of these: whoever appears in them descends from these. */
    sessions: number[]
    /** Children of these that must live on all the same, e.g. protected ones. */
    spared?: ProcessKey[]
  }
  /**
   * Where new ones keep coming while these are killed (a fork storm), their cgroup is frozen for the moments of the kill. One
   * that others are in, too, only with `withOthers`. `cgroups`: those that they were found in, as /proc/PID/cgroup names them; a
   * storm may have left all of these behind before it is looked at again. `note`: the file in which it stands while it lasts, for the
   * next run. `anew`: whom the plan would end of those that are there now; asked while they stand still, so it must wait for nothing.
   */
  freeze?: {
    withOthers: boolean
    cgroups?: readonly string[]
    note: string
    anew?(): readonly ProcessIdentity[]
  }
  /** With these, by pid, each has a line of its own in the log, before anything is sent and when it is over; null: not known. */
  figures?: ReadonlyMap<number, { ageSeconds: number | null; memoryBytes: number | null }>
  graceMs: number
  reason: string
}

/** A look while all in these cgroups stand still: what starts its successor and ends faster than it can be read is there then. */
export interface LookFrozenAction {
  kind: 'look-frozen'
  /** As /proc/PID/cgroup names them. */
  cgroups: readonly string[]
  /** As `freeze.note` of `end-processes`. */
  note: string
  /** Called at most once, while they stand still. */
  look(): void
  reason: string
}

/** Of cgroups that a run has frozen which was killed before it had thawed them. */
export interface ThawAction {
  kind: 'thaw'
  /** As `freeze.note` of `end-processes`. */
  note: string
  reason: string
}

export interface StopContainerAction {
  kind: 'stop-container'
  id: string
  name: string
  graceSeconds: number
  reason: string
}

export interface StartContainerAction {
  kind: 'start-container'
  id: string
  name: string
  reason: string
}

export interface RestartUnitAction {
  kind: 'restart-unit'
  unit: string
  /** Reloads it where it can be reloaded. */
  orReload?: boolean
  /** How long systemd is waited for; default 90 s, systemd's own for a stop. */
  timeoutMs?: number
  reason: string
}

/** Starts a program detached, in a session of its own; its arguments are never read by a shell. */
export interface StartProcessAction {
  kind: 'start-process'
  argv: readonly [string, ...string[]]
  /** The same for logs and people: without secrets. */
  words: string
  pidFile: string
  /** Standard output and standard error are appended here. */
  outputFile: string
  reason: string
}

/** Closes the journal files in use and removes archived ones, the oldest first, until no more than so many bytes are left. */
export interface VacuumJournalAction {
  kind: 'vacuum-journal'
  /** With the machine id at its end, e.g. `/var/log/journal/ID`. */
  folder: string
  maxBytes: number
  reason: string
}

/** Of both: null takes the limit away, and what is not there stays as it is. */
export interface MemoryLimits {
  memoryBytes?: number | null
  reservationBytes?: number | null
}

/** As `docker update`: live, and gone with the container. */
export interface LimitContainerAction extends MemoryLimits {
  kind: 'limit-container'
  id: string
  name: string
  reason: string
}

/** As `systemctl set-property`: MemoryMax= and, for the reservation, MemoryLow=; live, and kept over a reboot. */
export interface LimitUnitAction extends MemoryLimits {
  kind: 'limit-unit'
  unit: string
  /** Only until the next boot. */
  runtime: boolean
  reason: string
}

/** Of the user who runs this, by crontab(1). */
export interface WriteCrontabAction {
  kind: 'write-crontab'
  /** As it was when this was planned; null: there was none. What has changed since is left alone. */
  before: string | null
  /** Null takes the crontab away. */
  content: string | null
  reason: string
}

/**
 * Has systemd read its unit files again, and then starts timers for good or switches them off; `ended`: ends what they
 * have started and still runs.
 */
export interface SwitchTimersAction {
  kind: 'switch-timers'
  to: 'on' | 'off' | 'ended'
  /** None: only have the files read. */
  timers: readonly string[]
  scope: 'system' | 'user'
  reason: string
}

/** Of this toolkit itself. */
export interface RemoveFolderAction {
  kind: 'remove-folder'
  path: string
  /** With all that is in it; otherwise only when it is empty. */
  withContent: boolean
  /** Removed after it where they are empty then, in this order: once the log is gone each action would begin it anew. */
  around?: readonly string[]
  reason: string
}

/** Shell text of the config: a hook, or a command that tells somebody. */
export interface RunShellAction {
  kind: 'run-shell'
  /** What it is called in the log: `hook of wallet at 2.0 GiB`; the text itself may hold a secret. */
  label: string
  text: string
  env: Readonly<Record<string, string>>
  input: string
  timeoutMs: number
  reason: string
}

export interface ActionResult {
  outcome: 'done' | 'skipped' | 'dry-run' | 'failed'
  /** Why it was skipped or failed, one line; when done, what a person should know all the same, mostly empty. */
  detail: string
  /** Of `end-processes`: what became of each, newcomers too. */
  ends?: ProcessEnd[]
  /** Of `end-processes` that failed: what could not be seen or undone, in words, whoever is left. */
  unsure?: string
  /** Of `remove-entries`, in the order of its entries. */
  removals?: Removal[]
  /** Of `start-process`. */
  pid?: number
  /** Of `run-shell` that failed: why, without words and figures that differ from time to time. */
  cause?: string
  /** Of `run-shell`: what it printed, cut; of anybody, so escape and redact it. */
  output?: string
}

export interface ProcessEnd extends ProcessIdentity {
  end: End
}

export type End =
  /** It ended after SIGTERM. */
  | 'exited'
  | 'killed'
  /** It is still there after SIGKILL: uninterruptible sleep (D), or a frozen cgroup. */
  | 'survived'
  /** It had ended before anything was sent to it, e.g. what came after the SIGTERM and was over within the grace. */
  | 'gone'
  /** The pid is another process by now; that one was left alone. */
  | 'changed'
  /** It may not be signalled by this user. */
  | 'denied'
  /** Never to be signalled: init, a kernel thread, this program, or what started it. */
  | 'protected'
