import { closeSync, type Dir, fstatSync, lstatSync, opendirSync, type Stats } from 'node:fs'
import { mountedMeanwhile } from '../core/mounts.ts'
import {
  maxDepth,
  type TreeEntry,
  type TreeFolder,
  type TreeStep,
  tooDeep,
  type WalkOptions,
} from '../core/tree.ts'
import { errnoOf, failedBy } from './errno.ts'
import { isReachedBy, type MountJudge, mountIdOf, mountJudge } from './mount-id.ts'
import { insideFolder, openFolder, openInFolder } from './open-folder.ts'

/** Entries at a time: a folder of a million costs no more memory than this. */
const chunk = 1000
/**
 * All below a folder, from descriptor to descriptor: no symlink is followed, and what is swapped meanwhile leads nowhere.
 * `root` has no symlink in it. What is changed between two steps is the caller's; what appears meanwhile may or may not
 * be seen.
 */
export function* walkTree(root: string, options: WalkOptions): Generator<TreeStep> {
  let fd: number
  try {
    fd = openFolder(root, [])
  } catch (error) {
    yield {
      kind: 'skipped',
      path: root,
      reason: reasonOf(error),
      failed: errnoOf(error) !== 'ENOENT',
    }
    return
  }
  try {
    const stat = lookedAt(fd)
    if (typeof stat === 'string') yield { kind: 'skipped', path: root, reason: stat, failed: true }
    else {
      const now = { mountId: mountIdOf(fd), device: stat.dev }
      if (!isReachedBy(options.reachedBy, now))
        return yield { kind: 'skipped', path: root, reason: mountedMeanwhile, failed: true }
      const mayEnter = mountJudge(now.mountId, options.mountIds)
      yield* walkFolder(fd, folderOf(root, [], root, stat), { ...options, device: stat.dev, mayEnter })
    }
  } finally {
    closeSync(fd)
  }
}

/** `device`: of the root. */
type Walk = WalkOptions & { device: number; mayEnter: MountJudge }

/** Why it cannot be, where a disk or a server has gone since it was opened. */
const lookedAt = (fd: number): Stats | string => {
  try {
    return fstatSync(fd)
  } catch (error) {
    return reasonOf(error)
  }
}

function* walkFolder(fd: number, folder: TreeFolder, walk: Walk): Generator<TreeStep> {
  const below: TreeEntry[] = []
  for (const step of entriesOf(fd, folder, walk)) {
    if (step.kind === 'entries') below.push(...step.entries.filter(({ kind }) => kind === 'folder'))
    yield step
  }
  if (walk.recurse)
    for (const { name, text, inode } of below) yield* enter(fd, folder, { name, text, inode }, walk)
  yield { kind: 'left', folder }
}

function* enter(
  parent: number,
  { root, names, path }: TreeFolder,
  { name, text, inode }: Pick<TreeEntry, 'name' | 'text' | 'inode'>,
  walk: Walk,
): Generator<TreeStep> {
  const here = `${path}/${text}`
  const skip = (reason: string): TreeStep => ({ kind: 'skipped', path: here, reason, failed: false })
  const fail = (reason: string): TreeStep => ({ kind: 'skipped', path: here, reason, failed: true, inode })
  if (text === 'lost+found') return
  if (names.length >= maxDepth) return yield fail(tooDeep)
  let fd: number
  try {
    fd = openInFolder(parent, name)
  } catch (error) {
    // Gone, or no folder any more.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return
    return yield fail(reasonOf(error))
  }
  try {
    const stat = lookedAt(fd)
    if (typeof stat === 'string') return yield fail(stat)
    if (inodeOf(stat) !== inode) return yield skip('it was another folder a moment ago')
    if (walk.oneFileSystem && stat.dev !== walk.device) return yield skip('it is another file system')
    if (!walk.mayEnter(() => mountIdOf(fd))) return yield skip('something is mounted there')
    yield* walkFolder(fd, folderOf(root, [...names, name], here, stat), walk)
  } finally {
    closeSync(fd)
  }
}

function* entriesOf(fd: number, folder: TreeFolder, options: WalkOptions): Generator<TreeStep> {
  // What is mounted there may never answer, so it is not even looked at.
  const isMount = (name: Buffer): boolean =>
    options.mountPoints.size > 0 && options.mountPoints.has(`${folder.path}/${name}`)
  let dir: Dir
  try {
    dir = insideFolder(fd, openBuffered)
  } catch (error) {
    return yield failedFolder(folder, reasonOf(error))
  }
  try {
    for (;;) {
      const part = insideFolder(fd, () => nextEntries(dir, isMount))
      for (const name of part.mounts)
        yield {
          kind: 'skipped',
          path: `${folder.path}/${name}`,
          reason: 'something is mounted there',
          failed: false,
        }
      for (const { name, reason } of part.unread)
        yield {
          ...{ kind: 'skipped', path: `${folder.path}/${name}`, reason, failed: true },
          inode: `${folder.inode}/${name}`,
        }
      yield { kind: 'entries', folder, entries: part.entries }
      if (part.fault !== null) yield failedFolder(folder, part.fault)
      if (part.isLast) return
    }
  } finally {
    dir.closeSync()
  }
}

const failedFolder = ({ path, inode }: TreeFolder, reason: string): TreeStep => ({
  ...{ kind: 'skipped', path, reason, failed: true, inode },
})

interface Part {
  entries: TreeEntry[]
  unread: { name: string; reason: string }[]
  mounts: string[]
  /** Why the rest of the names could not be read. */
  fault: string | null
  isLast: boolean
}

const nextEntries = (dir: Dir, isMount: (name: Buffer) => boolean): Part => {
  const part: Part = { entries: [], unread: [], mounts: [], fault: null, isLast: false }
  while (part.entries.length < chunk) {
    let name: Buffer | undefined
    try {
      name = dir.readSync()?.name as unknown as Buffer | undefined
    } catch (error) {
      return { ...part, fault: reasonOf(error), isLast: true }
    }
    if (name === undefined) return { ...part, isLast: true }
    if (isMount(name)) {
      part.mounts.push(name.toString())
      continue
    }
    try {
      part.entries.push(entryOf(name, lstatSync(name)))
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') part.unread.push({ name: name.toString(), reason: reasonOf(error) })
    }
  }
  return part
}

/** Names as bytes: Node's types know of no such encoding for opendir, Node itself does. */
const openBuffered = (): Dir => opendirSync('.', { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })

const folderOf = (root: string, names: readonly Uint8Array[], path: string, stat: Stats): TreeFolder => ({
  root,
  names,
  path,
  inode: inodeOf(stat),
  uid: stat.uid,
  isSticky: (stat.mode & 0o1000) !== 0,
  mtimeMs: stat.mtimeMs,
  ctimeMs: stat.ctimeMs,
})

export const entryOf = (name: Buffer, stat: Stats): TreeEntry => ({
  name,
  text: name.toString(),
  kind: kindOf(stat),
  uid: stat.uid,
  sizeBytes: stat.size,
  links: stat.nlink,
  mtimeMs: stat.mtimeMs,
  atimeMs: stat.atimeMs,
  ctimeMs: stat.ctimeMs,
  inode: inodeOf(stat),
})

const kindOf = (stat: Stats): TreeEntry['kind'] => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'folder'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isSocket()) return 'socket'
  return stat.isFIFO() ? 'fifo' : 'device'
}

/**
 * `device:inode`. Overlay file systems have inodes above 2^53, of which a double drops the last digits; whoever compares
 * them compares the stamps as well.
 */
export const inodeOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`

/** The kernel's words, and its symbol. */
export const reasonOf = (error: unknown): string => failedBy(error, '').detail
