/** What a service's memory is made of at one moment, in bytes; null: not measured, or there is no such figure. */
export interface Composition {
  atMs: number
  /** `identityHash` of the lifetime. */
  identity: number
  kinds: Record<MemoryKind, number | null>
  openFiles: number | null
  threads: number | null
  /** All of it, also of the processes that are not listed. */
  processes: number | null
  /** Of these the memory could not be read: it is in the kinds of a cgroup, and in no process or name. */
  unread: number
  /** The newest start of any process on the host then, in ticks after boot: tells who was there, whatever the clock was. */
  newestTicks: number
  /** The largest processes, and the largest names, all processes of a name added up; `listedParts` of each at most. */
  largest: ProcessPart[]
  names: NamePart[]
}

/** Swap is of anonymous and shared memory that was pushed out, so it counts as anonymous. */
export type MemoryKind = 'anonymous' | 'shared' | 'file' | 'kernel' | 'sockets'

export interface ProcessPart {
  pid: number
  /** With the pid it tells a process from a later one of the same number. */
  startTicks: number
  name: string
  /** Anonymous and swapped: what it alone holds. */
  bytes: number
  /** Shared memory it has mapped, which others may have mapped too. */
  sharedBytes: number
}

export interface NamePart {
  name: string
  processes: number
  bytes: number
  /** Of each of its processes, so what several have mapped is in here for each. */
  sharedBytes: number
}

export const listedParts = 12

/** What grew between two compositions of one lifetime. */
export interface Attribution {
  sinceMs: number
  /** Of all that counts: anonymous, shared, kernel and sockets. The page cache is no leak. */
  gainBytes: number
  kinds: KindGrowth[]
  /** The fastest growing first. */
  processes: PartGrowth[]
  names: PartGrowth[]
  openFiles: CountGrowth | null
  threads: CountGrowth | null
  /** Who makes most of the growth; null: nobody does. */
  culprit: Culprit | null
  /** Processes whose memory could not be read now. */
  unread: number
}

export interface KindGrowth {
  kind: MemoryKind
  thenBytes: number
  nowBytes: number
}

export interface PartGrowth {
  name: string
  /** Null for a name. */
  pid: number | null
  thenBytes: number
  nowBytes: number
  /** Null: not known, it was too small to be listed. */
  thenProcesses: number | null
  nowProcesses: number
}

export interface CountGrowth {
  before: number
  now: number
}

export type Culprit =
  /** One process, or all of one name; `kind` is the memory that grew most with it. */
  | { of: 'process' | 'name'; name: string; pid: number | null; gainBytes: number; kind: MemoryKind | null }
  /** Memory that no process has: of the kernel, of sockets, of a tmpfs. */
  | { of: 'kind'; kind: MemoryKind; gainBytes: number }
