import { closeSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'
import type { FolderToSweep, Judge, SweepOrder, SweptPart } from '../core/sweep.ts'
import { type FailedInode, maxDepth, type TreeEntry, tooDeep } from '../core/tree.ts'
import type { FolderCalls } from './folder-calls.ts'
import type { LookedEntry } from './looked-entry.ts'
import { type MountJudge, mountIdOf } from './mount-id.ts'

/** What a sweep goes by, in this process or in a helper. */
export interface Sweep {
  calls: FolderCalls
  /** Made once, by `lookedEntry`. */
  entry: LookedEntry
  order: SweepOrder
  mountPoints: ReadonlySet<string>
  known: ReadonlySet<string>
  judge: Judge
  /** By device and inode, or by path. */
  heldBy: (folderPath: string, entry: TreeEntry) => string | null
  /** Why what is open could not be seen for a time; null: it could. */
  blindness: () => string | null
  now: () => number
  /** Big folders are told of first. */
  halves: boolean
  /** The root, open, and its device. */
  rootFd: number
  device: number
  mayEnter: MountJudge
}

/**
 * Looks at each entry of a folder and removes what is stale at once, all of it through the folder's descriptor: nobody
 * can put another folder in its place, and between the look and the unlink lie a few microseconds.
 */
export function* sweepFolder(sweep: Sweep, folder: FolderToSweep, maxNames: number): Generator<SweptPart> {
  const opened = openSwept(sweep, folder)
  if (opened === null) return
  if ('reason' in opened) {
    yield { ...emptyPart(folder), left: [leftOf(folder, opened)] }
    return
  }
  const { fd } = opened
  try {
    if (sweep.halves && folder.half === undefined && opened.sizeBytes >= bigBytes) {
      yield { ...emptyPart(folder), isBig: true }
      return
    }
    for (;;) {
      const bytes = sweep.calls.read(fd)
      if (bytes === 0) return
      const part = emptyPart(folder)
      if (bytes > 0) sweepNames(sweep, fd, bytes, part, maxNames)
      else part.left.push({ path: folder.path, reason: wordsOf(bytes), failed: true, inode: folder.inode })
      const blind = sweep.blindness()
      yield blind === null ? part : { ...part, blind }
      if (bytes < 0) return
    }
  } finally {
    closeSync(fd)
  }
}

type Left = SweptPart['left'][number]

/** What is left alone without a failure is not looked for in the memory of them. */
const leftOf = (
  { path, inode }: Pick<FolderToSweep, 'path' | 'inode'>,
  { reason, failed }: Pick<Left, 'reason' | 'failed'>,
): Left => (failed ? { path, reason, failed, inode } : { path, reason, failed })

/** Some 20,000 names: 20 bytes each on tmpfs, and about as many as the name elsewhere. */
const bigBytes = 400_000

const emptyPart = (folder: FolderToSweep): SweptPart => ({
  ...{ folder, entries: 0, removed: 0, removedBytes: 0, names: [], young: 0, left: [], known: [], below: [] },
})

/** The folder's descriptor; null: it is gone; or why it is left alone. */
const openSwept = (
  sweep: Sweep,
  { names, inode }: FolderToSweep,
): { fd: number; sizeBytes: number } | { reason: string; failed: boolean } | null => {
  const { calls } = sweep
  const fd = openBelow(calls, sweep.rootFd, names)
  if (fd < 0) return isGone(fd) ? null : { reason: wordsOf(fd), failed: true }
  const { looked } = calls
  const answer = calls.lookAtFolder(fd)
  const reason = answer < 0 ? wordsOf(answer) : whyNotSwept(sweep, fd, inode)
  if (reason === null) return { fd, sizeBytes: looked.sizeBytes() }
  closeSync(fd)
  return { reason, failed: answer < 0 }
}

const whyNotSwept = ({ calls, order, device, mayEnter }: Sweep, fd: number, inode: string): string | null => {
  const { looked } = calls
  if (looked.inode() !== inode) return 'it was another folder a moment ago'
  if (order.oneFileSystem && looked.device() !== device) return 'it is another file system'
  return mayEnter(() => looked.mountId() ?? mountIdOf(fd)) ? null : 'something is mounted there'
}

/** Name by name, following no symlink. @returns a descriptor or a negative errno */
const openBelow = (calls: FolderCalls, rootFd: number, names: readonly string[]): number => {
  if (names.length === 0) return calls.open(rootFd, '.')
  let fd = rootFd
  for (const name of names) {
    const next = calls.open(fd, name)
    if (fd !== rootFd) closeSync(fd)
    if (next < 0) return next
    fd = next
  }
  return fd
}

/** Or another thing is in its place: ENOENT, ENOTDIR, ELOOP. */
const isGone = (answer: number): boolean => [-ENOENT, -20, -40].includes(answer)

/** struct linux_dirent64: u64 inode, s64 offset, u16 length, u8 type, then the name and a NUL. */
const [lengthAt, nameAt] = [16, 19]

const sweepNames = (sweep: Sweep, fd: number, bytes: number, part: SweptPart, maxNames: number): void => {
  const { calls, entry, mountPoints } = sweep
  const { names } = calls
  const { half } = part.folder
  const nowMs = sweep.now()
  const heldBy = (one: TreeEntry): string | null => sweep.heldBy(part.folder.path, one)
  for (let at = 0; at < bytes; at += (names[at + lengthAt] ?? 0) + (names[at + lengthAt + 1] ?? 0) * 256) {
    const name = at + nameAt
    if (isDots(names, name) || (half !== undefined && halfOf(names, at) !== half)) continue
    part.entries++
    entry.nameAt = name
    if (mountPoints.size > 0 && isMountPoint(sweep, part, entry)) continue
    const looked = calls.look(fd, name)
    if (looked < 0) noteFailed(part, entry, looked, `${part.folder.inode}/${entry.text}`)
    else if (entry.kind === 'folder') {
      if (sweep.order.recurse) noteFolder(sweep, part, entry)
    } else {
      const fate = sweep.judge(entry, nowMs, heldBy)
      if (fate.kind === 'young') part.young++
      else if (fate.kind === 'kept')
        part.left.push({ path: pathOf(part, entry), reason: fate.reason, failed: false })
      else if (fate.kind === 'stale') removeOne(sweep, fd, part, entry, maxNames)
    }
  }
}

/** Not even looked at: what is mounted there may never answer. */
const isMountPoint = ({ mountPoints }: Sweep, part: SweptPart, entry: LookedEntry): boolean => {
  const path = pathOf(part, entry)
  if (!mountPoints.has(path)) return false
  part.left.push({ path, reason: 'something is mounted there', failed: false })
  return true
}

const removeOne = (
  { calls, known }: Sweep,
  fd: number,
  part: SweptPart,
  entry: LookedEntry,
  maxNames: number,
): void => {
  if (known.size > 0 && known.has(entry.inode)) {
    const { text, kind, uid, sizeBytes, links, mtimeMs, atimeMs, ctimeMs, inode } = entry
    const now = { text, kind, uid, sizeBytes, links, mtimeMs, atimeMs, ctimeMs, inode }
    part.known.push({ ...now, name: Buffer.from(entry.name).toString('latin1') })
    return
  }
  const answer = calls.unlink(fd, entry.nameAt)
  if (answer < 0) {
    noteFailed(part, entry, answer, entry.inode)
    return
  }
  part.removed++
  if (entry.links <= 1) part.removedBytes += entry.sizeBytes
  if (part.names.length < maxNames) part.names.push(entry.text)
}

const noteFailed = (part: SweptPart, entry: LookedEntry, answer: number, inode: FailedInode): void => {
  // Gone by itself.
  if (answer === -ENOENT) return
  part.left.push({ path: pathOf(part, entry), reason: wordsOf(answer), failed: true, inode })
}

const noteFolder = (sweep: Sweep, part: SweptPart, entry: LookedEntry): void => {
  const { text } = entry
  if (text === 'lost+found') return
  const path = `${part.folder.path}/${text}`
  const reason = whyNotEntered(sweep, part.folder.names.length)
  if (reason !== null) {
    part.left.push(leftOf({ path, inode: entry.inode }, { reason, failed: reason === tooDeep }))
    return
  }
  const name = Buffer.from(entry.name).toString('latin1')
  part.below.push({ names: [...part.folder.names, name], path, inode: entry.inode })
}

const whyNotEntered = ({ order, device, calls }: Sweep, depth: number): string | null => {
  if (order.oneFileSystem && calls.looked.device() !== device) return 'it is another file system'
  return depth >= maxDepth ? tooDeep : null
}

const pathOf = (part: SweptPart, { text }: TreeEntry): string => `${part.folder.path}/${text}`

/** By the number of the inode, 64 by 64: what was made in turns, stale and young, falls into both halves. */
const halfOf = (names: Buffer, at: number): 0 | 1 => (((names[at] ?? 0) >> 6) & 1) as 0 | 1

const dot = 0x2e

/** `.` or `..` */
const isDots = (names: Buffer, at: number): boolean =>
  names[at] === dot && (names[at + 1] === 0 || (names[at + 1] === dot && names[at + 2] === 0))

const ENOENT = 2

/** The kernel's words, and its symbol, as `reasonOf` has them. */
const wordsOf = (answer: number): string => {
  const [symbol, words] = getSystemErrorMap().get(answer) ?? [`errno ${-answer}`, 'it failed']
  return `${words} (${symbol})`
}
