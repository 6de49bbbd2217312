import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Reading, value } from '../core/reading.ts'
import { attempt, errnoOf } from './errno.ts'
import { refusedFolder, type Writer } from './own-folder.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

/**
 * Puts a file in place of another in one step: whoever reads sees the old or the new one, and a power cut leaves one
 * of the two. A failure leaves the old one. A symlink at `path` is replaced, not followed.
 */
export const replaceFile = (path: string, text: string, mode: number, writer: Writer): Reading<true> =>
  refusedFolder(path, writer) ??
  attempt(path, () => {
    withTemporary(path, { text, mode, durable: true }, writer, (temporary) => renameSync(temporary, path))
    syncFolder(dirname(path))
    return value(true)
  })

/** As `replaceFile`, but only where nothing is; the value says whether it was made. */
export const createFile = (path: string, text: string, mode: number, writer: Writer): Reading<boolean> =>
  refusedFolder(path, writer) ??
  attempt(path, () => {
    const made = withTemporary(path, { text, mode, durable: true }, writer, (temporary) =>
      linkIfMissing(temporary, path),
    )
    if (made) syncFolder(dirname(path))
    return value(made)
  })

/** False when there is something at `path` already, be it a symlink that leads nowhere. */
export const linkIfMissing = (from: string, path: string): boolean => {
  try {
    linkSync(from, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** False when it was not there. */
export const unlinkIfThere = (path: string): boolean => {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

export interface NewFile {
  text: string
  mode: number
  /** Written through to the disk before it is used: 2–50 ms on an SD card, so not for what a reboot makes void. */
  durable: boolean
}

/** Writes a file beside `path`, hands it to `use` when it is whole, and leaves nothing of it. Throws errnos. */
export const withTemporary = <T>(
  path: string,
  file: NewFile,
  writer: Writer,
  use: (temporary: string) => T,
): T => {
  const temporary = temporaryPath(path, writer.pid)
  // 0600 until it is whole: it may hold a secret, and `mode` may be less.
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    fill(fd, file)
    return use(temporary)
  } finally {
    unlinkIfThere(temporary)
  }
}

/** `.NAME.PID-RANDOM.tmp`: what a `kill -9` leaves behind is known by it (store/prune.ts). */
const temporaryPath = (path: string, pid: number): string =>
  `${dirname(path)}/.${basename(path)}.${pid}-${Math.random().toString(36).slice(2, 10)}.tmp`

const fill = (fd: number, { text, mode, durable }: NewFile): void => {
  try {
    const bytes = Buffer.from(text, 'utf8')
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
    // Not by open: the umask would take its share of `mode`.
    fchmodSync(fd, mode)
    if (durable) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Without it the rename itself may be lost in a power cut (fsync(2)). Some file systems have none (EINVAL). */
export const syncFolder = (path: string): void => {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(fd)
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL' && errnoOf(error) !== 'ENOTSUP') throw error
  } finally {
    closeSync(fd)
  }
}
