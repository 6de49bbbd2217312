import type { Failed } from './reading.ts'

/**
 * What observing yields: the nouns that parse/, host/ and checks/ share. Bytes are integers, times are epoch
 * milliseconds unless the name says otherwise; `null` means "the source says there is none", never "not measured".
 */

/** /proc/meminfo, in bytes; `availableBytes` is null on kernels before 3.14. */
export interface MemoryInfo {
  totalBytes: number
  freeBytes: number
  availableBytes: number | null
  buffersBytes: number
  cachedBytes: number
  shmemBytes: number
  slabReclaimableBytes: number
  slabUnreclaimableBytes: number
  swapTotalBytes: number
  swapFreeBytes: number
}

/** /proc/PID/stat, the fields this toolkit uses. `comm` is raw: up to 15 bytes another user chose. */
export interface ProcessStat {
  pid: number
  comm: string
  /** One letter, e.g. `S`, `Z`, `D`. */
  state: string
  ppid: number
  /** Passed on to every child, whoever its parent is later; 0 for kernel threads and what is just ending. */
  session: number
  /** CPU time in user and kernel mode, in clock ticks. */
  cpuTicks: number
  threads: number
  /** Start time after boot in clock ticks; with the pid and the boot id it names a process for good. */
  startTicks: number
  /** Approximate on kernels since 6.2 (per-CPU counters); exact figures are in ProcessMemory. */
  rssBytes: number
  isKernelThread: boolean
}

/** /proc/PID/status, in bytes. Kernels before 4.5 have no split of RSS: then `anon` is the whole RSS. */
export interface ProcessMemory {
  rssBytes: number
  anonBytes: number
  fileBytes: number
  shmemBytes: number
  swapBytes: number
  uid: number
  threads: number
}

export interface ProcessScan {
  processes: ProcessStat[]
  /** False when other users' processes are hidden (`hidepid`): then "not found" proves nothing. */
  complete: boolean
}

/** CPU time of the whole host since boot, in clock ticks. */
export interface CpuTimes {
  totalTicks: number
  idleTicks: number
}

/** One line (`some` or `full`) of a PSI file; percentages. */
export interface PressureLine {
  avg10: number
  avg60: number
  avg300: number
  totalMicroseconds: number
}

export interface Pressure {
  some: PressureLine
  full: PressureLine | null
}

export interface Mount {
  /** Its number, as in mountinfo. */
  id: number
  source: string
  /** Path of the mounted folder inside its file system; not `/` for bind mounts. */
  rootInside: string
  mountPoint: string
  type: string
  readOnly: boolean
  /** `major:minor`. */
  device: string
  superOptions: string
}

export interface DiskUsage {
  totalBytes: number
  /** Free for ordinary users. */
  availableBytes: number
  usedPercent: number
  totalInodes: number
  /** Null where the file system has no fixed number of inodes (btrfs, vfat). */
  usedInodesPercent: number | null
}

export interface FolderSize {
  bytes: number
  files: number
  /** False when the walk stopped at its bound: then `bytes` is a lower bound. */
  complete: boolean
}

/** The memory of one cgroup, from memory.stat and its neighbours, v1 and v2 alike. */
export interface CgroupMemory {
  currentBytes: number
  anonBytes: number
  fileBytes: number
  shmemBytes: number
  /** Null where the kernel does not count it by cgroup: that is not 0 (checks/observe/cgroup-swap.ts). */
  swapBytes: number | null
  inactiveFileBytes: number
  kernelBytes: number | null
  /** Of that, names and inodes of files, which the kernel gives back when memory is short. */
  slabReclaimableBytes: number | null
  socketBytes: number | null
  /** The tightest hard limit here or up the tree; null when there is none. */
  limitBytes: number | null
  /** The cgroup that has that limit. */
  limitAt: string | null
  /** Processes of this cgroup that the kernel's OOM killer ended; null where the kernel does not count them. */
  oomKills: number | null
}

/** A container as the Engine API tells it. */
export interface ContainerFacts {
  id: string
  name: string
  image: string
  state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | 'unknown'
  health: 'healthy' | 'unhealthy' | 'starting' | null
  /** The container's init, as this host's pid; null when not running, and when the engine is another host's. */
  pid: number | null
  startedAtMs: number | null
  finishedAtMs: number | null
  exitCode: number | null
  oomKilled: boolean
  restartCount: number
  restartPolicy: string
  memoryLimitBytes: number | null
  memoryReservationBytes: number | null
  networkMode: string
  composeProject: string | null
  composeService: string | null
  labels: Record<string, string>
  /**
   * There when the engine listed this container but would not tell more in time, or when it runs on another host: then
   * only id, name, image, state, health, labels and compose names count, and every other field means nothing.
   */
  notInspected?: Failed
  /** It is another host's (`DOCKER_HOST=tcp://…`): none of its processes is here. */
  isElsewhere?: true
}

/** A systemd unit as `systemctl show` tells it. */
export interface UnitFacts {
  id: string
  /** Every name it goes by, `id` and aliases, e.g. `mysql.service` of `mariadb.service`. */
  names: string[]
  loadState: string
  activeState: string
  subState: string
  result: string
  type: string
  mainPid: number | null
  /** What ExecReload=, ExecStop=, ExecStartPre= or ExecStartPost= have running now; null: none of them. */
  controlPid: number | null
  controlGroup: string | null
  invocationId: string | null
  restarts: number
  /** Microseconds on the monotonic clock; null when never active. */
  activeSinceMonotonicUs: number | null
  /** When it last stopped or failed, the same way; null when it never did since the boot. */
  inactiveSinceMonotonicUs: number | null
  restartSetting: string
  /** Null: `infinity`. */
  restartDelayUs: number | null
  /** Since systemd 254; 0 before, and for none. */
  restartSteps: number
  /** Null: `infinity`. */
  restartMaxDelayUs: number | null
  startLimitIntervalUs: number | null
  startLimitBurst: number | null
  memoryMaxBytes: number | null
  memoryHighBytes: number | null
  memoryLowBytes: number | null
}

export interface FileInfo {
  kind: 'file' | 'folder' | 'symlink' | 'other'
  sizeBytes: number
  modifiedAtMs: number
  mode: number
  uid: number
  inode: number
}
