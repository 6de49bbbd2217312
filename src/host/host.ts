import type { Action, ActionResult } from '../core/action.ts'
import type {
  CgroupMemory,
  ContainerFacts,
  DiskUsage,
  FileInfo,
  FolderSize,
  Mount,
  ProcessMemory,
  ProcessScan,
  ProcessStat,
  UnitFacts,
} from '../core/facts.ts'
import type { Reading } from '../core/reading.ts'
import type { ReachedBy, TreeStep, WalkOptions } from '../core/tree.ts'
import type { CutBounds } from './cut-file.ts'
import type { HttpRequest } from './http.ts'
import type { OpenLook } from './open-look.ts'

/**
 * The machine, as an argument. Made once in cli.ts; every effect of the program goes through it. Paths are absolute
 * as that host sees them (`/proc/meminfo`), also under `--root DIR`, where they are looked up below DIR and commands
 * are answered from the captured `DIR/cmd/` (see docs/fixtures.md).
 *
 * Observing functions do not throw: they return a Reading. /proc and cgroup files are read synchronously, which is
 * 2–20 times faster than promises for files the kernel makes on the fly.
 */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface Host {
  /** `/`, or the folder given by --root. */
  readonly root: string
  /** False under --root: nothing there can be asked, changed or signalled. */
  readonly live: boolean
  readonly hostname: string
  readonly uid: number
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** What starts this program once more: Node and the script, or the program alone where Node is in it. */
  readonly program: readonly string[]
  /** Epoch milliseconds; under --root the time of the capture. */
  now(): number
  /** Milliseconds since this program started, or since `again`, on a clock that never jumps. */
  elapsedMs(): number
  /** Resolves after that long unless cancelled; the only clock a command may wait on. */
  timer(ms: number): { done: Promise<void>; cancel(): void }
  /** Does work that might never end, at most so long; null when it was given up. For the regular expressions of the config. */
  within<T>(ms: number, work: () => T): Promise<{ result: T } | null>
  /** The same machine, of which nothing is remembered but the locks held. */
  again(): Host
  /**
   * From now on these go to the handler instead of ending the program. A second SIGINT or SIGTERM ends it all the same,
   * unless the handler takes `each`: for what would leave something behind and ends soon by itself.
   */
  onEndSignal(handler: (signal: EndSignal) => void, takes?: 'first' | 'each'): void

  readonly files: HostFiles
  readonly processes: HostProcesses
  readonly cgroups: HostCgroups
  readonly engine: HostEngine
  readonly systemd: HostSystemd
  readonly net: HostNet
  readonly logs: HostLogs
  /** For what removes files, and loaded only then. */
  tree(): Promise<HostTree>

  /** Runs a program without a shell, `LC_ALL=C`, with a hard time-out. Never throws. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<Reading<CommandRecord>>

  /** Does one logged change to the machine, or under --dry-run only says it. */
  apply(action: Action): Promise<ActionResult>

  /** This toolkit's own state, logs and lock. */
  readonly save: HostSave
  readonly out: HostOutput
  /** A text that ships with this program, e.g. the script of a page; for what is not needed by a check. */
  ownPart(name: string): Promise<Reading<string>>
}

export interface HostFiles {
  /** UTF-8; bytes that are not valid become U+FFFD. `failed('malformed')` above `maxBytes` (default 4 MiB). */
  readText(path: string, options?: { maxBytes?: number }): Reading<string>
  /**
   * Part of a log that grows, at most `maxBytes` from the byte `offset` on; a negative one counts from the end. It
   * ends with the last line end in there, so that a line that is being written waits for the next time; not so where
   * `maxBytes` hold no line end, and at the end of the file with `toEnd`. A symlink is followed, only a regular file
   * is read.
   */
  readFrom(path: string, offset: number, maxBytes: number, toEnd?: boolean): Reading<FilePart>
  /** Names only, unsorted, without `.` and `..`. */
  list(path: string): Reading<string[]>
  /** Of the entry itself: a symlink is not followed. */
  info(path: string): Reading<FileInfo>
  /** The path without symlinks, and each entry passed on the way to it: folders, links, itself. */
  resolve(path: string): Reading<{ path: string; passed: string[] }>
  /**
   * The same, but nothing that a server or a user's process answers for is touched: from there on the path is as the names
   * have it. `written`: absolute and without `..`, and with all symlinks.
   */
  resolveLocal(path: string): Reading<{ path: string; written: string }>
  diskUsage(path: string): Reading<DiskUsage>
  mounts(): Reading<Mount[]>
  /**
   * Disk use below a folder, symlinks and other file systems left out, bounded in entries and time.
   * With `named`, only folders of that name count (e.g. `__pycache__`).
   */
  folderSize(
    path: string,
    bounds: { maxEntries: number; maxMs: number; named?: string | null },
  ): Reading<FolderSize>
}

export interface FilePart {
  text: string
  inode: number
  /** Of whom it is, and who may write it: of the very file that was read, whatever its path leads to by now. */
  uid: number
  mode: number
  sizeBytes: number
  /** Where `text` ends. */
  nextOffset: number
}

export interface HostTree {
  /** All below a folder that has no symlink in its path, step by step; see walk-tree.ts. */
  walk(root: string, options: WalkOptions): Iterable<TreeStep>
  /** What it lies on; `root` as of a walk. Null: it cannot be opened. */
  reachedBy(root: string): ReachedBy | null
  /** What is open or mapped by any process. */
  openFiles(root?: string): OpenLook
}

export interface HostNet {
  readonly http: HttpRequest
  /** Connects and closes again. `host` is a name or an address, IPv6 without brackets. */
  connect(host: string, port: number, timeoutMs: number): Promise<Reading<true>>
}

/** Logs of any size, line by line, in bounded memory; a line is cut at 16 KiB. None of it throws. */
export interface HostLogs {
  /** A regular file, packed by gzip or not; no further than it reached when it was opened. */
  file(path: string, take: TakeLine, bounds: LineBounds): Promise<Reading<LinesRead>>
  /** What a program prints on stdout; it is killed when the time is up. */
  program(
    argv: readonly [string, ...string[]],
    take: TakeLine,
    bounds: LineBounds,
  ): Promise<Reading<LinesRead>>
  /** The kernel's ring buffer by /dev/kmsg, for hosts without dmesg(1); each record is one line. */
  kernelRing(take: TakeLine, bounds: LineBounds): Promise<Reading<LinesRead>>
}

export type TakeLine = (line: string) => void

export interface LineBounds {
  maxMs: number
  /** Of a file that is not packed: its last bytes. */
  maxBytes?: number
  /** Which lines are handed over; without it all are. */
  filter?: LineFilter
}

/** Tells by the bytes, so that of lines nobody wants no string is made. */
export interface LineFilter {
  /** Where in `bytes`, at or after `from`, a line shows that it is wanted; -1: in none of what is left. */
  find(bytes: Uint8Array, from: number): number
  /** True while the next line is wanted whatever it holds. */
  wantsAll(): boolean
}

export interface LinesRead {
  /** False when the bound of time or bytes was reached, or a packed file is damaged. */
  complete: boolean
  /** All of them, also those that were not wanted. */
  lines: number
  /** Of a file. */
  modifiedAtMs: number | null
  /** Of a program; `words` is what it said on stderr. */
  exitCode?: number | null
  words?: string
}

export interface HostProcesses {
  /** One pass over /proc; made once a run and kept. Processes that vanish meanwhile are left out. */
  scan(): Reading<ProcessScan>
  /** The pids that there are now. */
  list(): Reading<number[]>
  /** One process as it is now; `failed('vanished')` when there is none. */
  stat(pid: number): Reading<ProcessStat>
  /** Arguments joined by a space, raw; empty for kernel threads and zombies. */
  commandLine(pid: number): Reading<string>
  /** Target of /proc/PID/exe; `failed('denied')` for other users' processes. */
  executable(pid: number): Reading<string>
  memory(pid: number): Reading<ProcessMemory>
  /** /proc/PID/status as it is, for who needs more of it than `memory`. */
  status(pid: number): Reading<string>
  openFiles(pid: number): Reading<number>
  /**
   * Whether it is in the pid namespace that /proc is of, and in none below, by a link that costs a fifth of `status`; not a value
   * where the link may not be seen, or does not tell, as where /proc is of the namespace above: `NSpid` in `status` does.
   */
  isInOwnPidNamespace(pid: number): Reading<boolean>
  /** Whether this user may have it end; nothing is sent. */
  maySignal(pid: number): boolean
  /** Milliseconds since the epoch at which clock tick 0 of this boot lay. */
  bootAtMs(): Reading<number>
  readonly ticksPerSecond: number
  readonly pageBytes: number
}

export interface HostCgroups {
  readonly version: 'v1' | 'v2' | 'hybrid' | 'none'
  /** The process's memory cgroup as a path below the memory hierarchy, e.g. `/system.slice/cron.service`. */
  memoryPathOf(pid: number): Reading<string>
  memory(path: string): Reading<CgroupMemory>
  /** Pids in the cgroup and below. */
  pids(path: string): Reading<number[]>
  pressure(path: string): Reading<string>
  /** CPU time that it and all below have used so far, who has ended too; absent where v1 counts memory. */
  cpuSeconds(path: string): Reading<number>
}

export interface HostEngine {
  /** Every container, running or not; `absent` where there is no engine socket. Each call has a hard time-out. */
  containers(): Promise<Reading<ContainerFacts[]>>
  /**
   * The newest lines of a container's stdout and stderr since an instant (epoch seconds), each with an
   * RFC 3339 stamp and a blank before it; `truncated` when there were more. Of what is more than `maxBytes` the newest are
   * left out, of what is more than `maxLines` (50,000) the oldest. `failed('vanished')`: no such container.
   */
  logs(
    id: string,
    sinceSeconds: number,
    maxBytes: number,
    timeoutMs?: number,
    maxLines?: number,
  ): Promise<Reading<{ text: string; truncated: boolean }>>
  /**
   * What the engine still knows of containers that ended, were signalled or ran out of memory between two instants (epoch
   * seconds). It answers when the second one is past. Docker keeps its newest 256 events.
   */
  events(
    sinceSeconds: number,
    untilSeconds: number,
    timeoutMs: number,
  ): Promise<Reading<{ text: string; truncated: boolean }>>
  /** Where the engine was looked for and found, for doctor. */
  endpoint(): Promise<Reading<string>>
}

export interface HostSystemd {
  /**
   * All loaded service units by one `systemctl show`; `absent` where systemd does not run. systemd unloads a stopped
   * unit that nothing refers to: give the names that matter in `alsoNamed` to hear of those too, `not-found` ones
   * with that `loadState`.
   */
  units(alsoNamed?: readonly string[]): Promise<Reading<UnitFacts[]>>
}

export interface RunOptions {
  timeoutMs?: number
  input?: string
  /** Output beyond this is cut (default 1 MiB); `truncated` says so. */
  maxOutputBytes?: number
}

export interface CommandRecord {
  exitCode: number | null
  signal: string | null
  stdout: string
  stderr: string
  truncated: boolean
}

export interface HostSave {
  /** Makes the folder (0750 unless told) when missing. */
  ensureFolder(path: string, mode?: number): Reading<true>
  /** Appends to a log (0640), never through a symlink. */
  append(path: string, text: string): Reading<true>
  /** Empties a log that another program appends to, once it is big; its end goes to `PATH.1`. The bytes it had, or 0. */
  cut(path: string, bounds: CutBounds): Reading<number>
  /** Replaces a file atomically (write, fsync, rename; 0640 unless told). */
  replace(path: string, text: string, mode?: number): Reading<true>
  /** Moves a broken file of ours aside and says where to. */
  setAside(path: string): Reading<string>
  remove(path: string): Reading<true>
  readText(path: string): Reading<string>
  /**
   * Opens a file of records to read, or to read and write (made with 0640 when missing), and closes it after `use`,
   * whose system errors become a failure. Never through a symlink, only a file of this user.
   */
  positioned<T>(path: string, access: 'read' | 'write', use: (file: PositionedFile) => Reading<T>): Reading<T>
  list(path: string): Reading<string[]>
  info(path: string): Reading<FileInfo>
  /** Takes the lock, or says who holds it; released by `releaseLock` and by death. */
  takeLock(path: string): Reading<LockResult>
  releaseLock(path: string): void
  /** For an end by a signal: gives back whatever this process still holds. */
  releaseAllLocks(): void
}

/** Both throw the system's error, for `positioned` to catch. */
export interface PositionedFile {
  /** Fewer bytes than asked for where the file ends. */
  read(offset: number, length: number): Uint8Array
  write(offset: number, bytes: Uint8Array): void
}

export type LockResult = { held: true } | { held: false; holderPid: number | null; sinceMs: number | null }

export interface HostOutput {
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  readonly columns: number
  readonly color: boolean
  /** Stdout as a terminal that can be redrawn; not there where it is none. */
  readonly screen?: HostScreen
  stdout(text: string): void
  stderr(text: string): void
}

export interface HostScreen {
  /** As it is now. */
  size(): { columns: number; rows: number }
  /** From now on called when it changes. */
  onResize(handler: () => void): void
}
