/** A folder and what lies in it, as a walk over descriptors sees it; names are bytes, since a name need not be UTF-8. */
export interface TreeEntry {
  /** As the kernel has it, without a slash. */
  name: Uint8Array
  /** For globs and people; bytes that are no UTF-8 read as U+FFFD. */
  text: string
  kind: 'file' | 'symlink' | 'folder' | 'socket' | 'fifo' | 'device'
  uid: number
  sizeBytes: number
  /** Above 1 its bytes are not freed with the name. */
  links: number
  mtimeMs: number
  atimeMs: number
  ctimeMs: number
  /** Device and inode: `2049:4711`. */
  inode: string
}

/** A folder on the way down from the root of a walk. */
export interface TreeFolder {
  /** Without symlinks. */
  root: string
  /** From the root down; empty for the root itself. */
  names: readonly Uint8Array[]
  /** For people. */
  path: string
  inode: string
  uid: number
  isSticky: boolean
  mtimeMs: number
  ctimeMs: number
}

/** By what a failure is known again: the inode, or where that could not be seen the folder's and the name: `2049:4711/name`. */
export type FailedInode = string

export type TreeStep =
  /** Some of the entries of a folder; a big one comes in several. Subfolders are walked after the last of them. */
  | { kind: 'entries'; folder: TreeFolder; entries: TreeEntry[] }
  /** All below it was walked. */
  | { kind: 'left'; folder: TreeFolder }
  /** It, or what is in it, could not be looked at, or is left out. */
  | { kind: 'skipped'; path: string; reason: string; failed: boolean; inode?: FailedInode }

/** What a folder lies on: a mount's number is given to another one as soon as it is free. */
export interface ReachedBy {
  /** Null: the kernel does not tell. */
  mountId: number | null
  device: number
}

export interface WalkOptions {
  recurse: boolean
  oneFileSystem: boolean
  /** Folders that are never entered, as paths: what is mounted there is another's. */
  mountPoints: ReadonlySet<string>
  /** Mounts below that may be entered, by their numbers; what is mounted later is not among them. */
  mountIds: ReadonlySet<number>
  /** When it was judged; null: any. It is not walked when it is reached by another mount now. */
  reachedBy: ReachedBy | null
}

/** What processes hold; a lock is held through an open file as well. */
export interface OpenInodes {
  /** `device:inode` of open files. */
  inodes: ReadonlySet<string>
  /** Paths of mapped files, as their process sees them; their file may have been closed. */
  mapped: ReadonlySet<string>
  /** Folders that mounted overlays are made of: what is open through one has another device and inode than its file there. */
  layers?: ReadonlySet<string>
}

/** Each level keeps a descriptor open. */
export const maxDepth = 400
/** A failure: whoever wants something to stay must not be able to hide it so without a word. */
export const tooDeep = `it lies more than ${maxDepth} folders deep`
