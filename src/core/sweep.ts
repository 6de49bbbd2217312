import type { FailedInode, ReachedBy, TreeEntry } from './tree.ts'

/** `out`: the rule is not about it. `kept`: it is, and it stays for that reason, which is worth a line. */
export type Fate = { kind: 'stale' } | { kind: 'out' } | { kind: 'young' } | { kind: 'kept'; reason: string }

export type Judge = (entry: TreeEntry, nowMs: number, heldBy: HeldBy) => Fate

/** Why it stays, though it is stale: a process has it open, or that cannot be seen; null: it may go. */
export type HeldBy = (entry: TreeEntry) => string | null

/** What a sweep removes: plain data, since a helper process is told the same. */
export interface SweepOrder {
  /** Without symlinks. */
  root: string
  recurse: boolean
  oneFileSystem: boolean
  /** Paths that are never entered. */
  mountPoints: readonly string[]
  /** Mounts below that may be entered, by their numbers. */
  mountIds: readonly number[]
  /** As of a walk. */
  reachedBy: ReachedBy | null
  keepOpen: boolean
  /** What failed before. What could not be removed is handed back, not tried; of all else the command says what is logged. */
  known: readonly FailedInode[]
  wish: SweepWish
}

/** Of a file, by which its age is told; `newest`: the youngest of the three. */
export const ageStamps = ['newest', 'mtime', 'atime', 'ctime'] as const
export type AgeStamp = (typeof ageStamps)[number]

export interface SweepWish {
  /** Globs; empty: every name. */
  match: readonly string[]
  exclude: readonly string[]
  olderThanMs: number
  ageBy: AgeStamp
  minBytes: number | null
  uids: readonly number[] | null
}

/** A folder that waits for its turn. Names are bytes, a character each (latin1), so that they can be sent as text. */
export interface FolderToSweep {
  /** From the root down. */
  names: readonly string[]
  /** For people. */
  path: string
  /** As it was looked at; it is swept only while it is this one. */
  inode: string
  /** Of a big one the entries whose inodes fall into this half; the other is another process's. */
  half?: 0 | 1
}

/** What became of a part of a folder, or of one that could not be looked at. */
export interface SweptPart {
  folder: FolderToSweep
  /** Names read. */
  entries: number
  removed: number
  removedBytes: number
  /** Of what was removed, the first ones. */
  names: string[]
  young: number
  left: { path: string; reason: string; failed: boolean; inode?: FailedInode }[]
  /** In `known`: as they are now. */
  known: SentEntry[]
  below: FolderToSweep[]
  /** Why what is open could not be seen for a time. */
  blind?: string
  /** It is big, and nothing was done: two can sweep it at once, by halves. */
  isBig?: true
}

export type SentEntry = Omit<TreeEntry, 'name'> & { name: string }

/** Of the first message to a helper. */
export interface HelperOrder {
  order: SweepOrder
  rootInode: string
}

/** Of each message after it; the answers are a `SweptPart` each, and null at the end of them. */
export interface HelperTask {
  folders: readonly FolderToSweep[]
  /** So many names of what is removed are wanted. */
  names: number
}
