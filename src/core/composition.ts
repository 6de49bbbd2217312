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
  /** The largest processes, and the largest names, all processes of a name added up. */
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
  /** Anonymous, shared and swapped. */
  bytes: number
}

export interface NamePart {
  name: string
  processes: number
  bytes: number
}

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
  thenProcesses: number
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
