import { type Dir, type Dirent, lstatSync, opendirSync, type Stats } from 'node:fs'
import type { FolderSize } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import { errnoOf, unreadableBy } from './errno.ts'
import { monotonicMs } from './monotonic.ts'

export interface WalkBounds {
  maxEntries: number
  maxMs: number
  named?: string | null
}

interface Frame {
  folder: Dir
  path: string
  /** False outside of a folder that is named as asked. */
  counts: boolean
}

interface Walk {
  size: FolderSize
  entries: number
  device: number
  named: string | null
  /** Inodes with several names that were counted. One file system, so the number alone will do. */
  linked: Set<number | bigint>
  mountPoints: ReadonlySet<string>
  isOver: () => boolean
  frames: Frame[]
}

// Each level holds a folder open. Deeper trees are a lower bound, which the result says.
const maxDepth = 256

/**
 * Disk use (`blocks`, not the length a sparse file claims) below a folder, as `du -x` counts it: an inode once, no
 * symlink followed, no other file system entered. Memory stays flat: folders are read 1,024 names at a time.
 *
 * @param path real and without symlinks
 * @param mountPoints not touched at all: a dead server may be behind them
 */
export const sizeOfFolder = (
  path: string,
  what: string,
  bounds: WalkBounds,
  mountPoints: readonly string[],
): Reading<FolderSize> => {
  const deadline = monotonicMs() + bounds.maxMs
  try {
    const top = lstatSync(path)
    if (!top.isDirectory()) return failed('malformed', what, 'is not a folder')
    const walk: Walk = {
      size: { bytes: 0, files: 0, complete: true },
      entries: 0,
      device: top.dev,
      named: bounds.named == null ? null : byteString(bounds.named),
      linked: new Set(),
      mountPoints: new Set(mountPoints.map(byteString)),
      isOver: () => walk.entries >= bounds.maxEntries || monotonicMs() >= deadline,
      frames: [],
    }
    const counts = walk.named === null
    if (counts) walk.size.bytes += top.blocks * 512
    // The first one opens or the whole has failed; those below that do not only make it incomplete.
    walk.frames.push(openFrame(byteString(path), counts))
    runWalk(walk)
    return value(walk.size)
  } catch (error) {
    return unreadableBy(error, what)
  }
}

const runWalk = (walk: Walk): void => {
  for (let frame = walk.frames.at(-1); frame !== undefined; frame = walk.frames.at(-1)) {
    const entry = nextEntry(frame, walk)
    if (entry === null) {
      frame.folder.closeSync()
      walk.frames.pop()
    } else if (walk.isOver()) {
      walk.size.complete = false
      for (const { folder } of walk.frames.splice(0)) folder.closeSync()
    } else {
      walk.entries++
      visit(frame, entry, walk)
    }
  }
}

const nextEntry = ({ folder }: Frame, walk: Walk): Dirent | null => {
  try {
    return folder.readSync()
  } catch {
    walk.size.complete = false
    return null
  }
}

const visit = (frame: Frame, entry: Dirent, walk: Walk): void => {
  const isFolder = entry.isDirectory()
  if (entry.isSymbolicLink() || !(isFolder || frame.counts)) return
  const path = `${frame.path === '/' ? '' : frame.path}/${entry.name}`
  if (walk.mountPoints.has(path)) return
  try {
    const stats = lstatSync(asPath(path))
    if (stats.dev !== walk.device || stats.isSymbolicLink()) return
    if (stats.isDirectory()) enter(frame, entry.name, path, stats, walk)
    else if (frame.counts) countFile(path, stats, walk)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') walk.size.complete = false
  }
}

const enter = (parent: Frame, name: string, path: string, stats: Stats, walk: Walk): void => {
  const counts = parent.counts || name === walk.named
  if (counts) walk.size.bytes += stats.blocks * 512
  if (walk.frames.length >= maxDepth) walk.size.complete = false
  else walk.frames.push(openFrame(path, counts))
}

const countFile = (path: string, stats: Stats, walk: Walk): void => {
  if (stats.nlink > 1) {
    const inode = exactInode(path, stats)
    if (walk.linked.has(inode)) return
    walk.linked.add(inode)
  }
  walk.size.files++
  walk.size.bytes += stats.blocks * 512
}

// overlayfs puts the layer into the upper bits, beyond what a double holds: neighbours would look like one inode.
const exactInode = (path: string, { ino }: Stats): number | bigint =>
  Number.isSafeInteger(ino) ? ino : lstatSync(asPath(path), { bigint: true }).ino

const openFrame = (path: string, counts: boolean): Frame => ({
  folder: opendirSync(asPath(path), { encoding: 'latin1', bufferSize: 1024 }),
  path,
  counts,
})

// File names are bytes. They are kept one character a byte (latin1), so that none is lost for not being UTF-8; only
// those outside ASCII need a Buffer when they go back to the kernel.
const byteString = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const asPath = (bytes: string): string | Buffer =>
  /^[\0-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1')
