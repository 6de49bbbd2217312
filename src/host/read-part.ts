import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { Reading } from '../core/reading.ts'
import { value } from '../core/reading.ts'
import { unreadableBy } from './errno.ts'
import type { FilePart } from './host.ts'
import { readOnly, refusalOf } from './read.ts'

export interface PartBounds {
  /** In bytes; a negative one counts from the end. */
  offset: number
  maxBytes: number
  /** Also what comes after the last line end of the file. */
  toEnd: boolean
  /** False: a symlink as the last part of the path is refused. */
  followLast: boolean
}

const lineFeed = 10

/**
 * Part of a regular file, as `HostFiles.readFrom` says; bytes that are not UTF-8 become U+FFFD. Past the end it is
 * empty.
 *
 * @param path the real path
 * @param what the path as the host sees it, for messages
 */
export const readPart = (path: string, what: string, bounds: PartBounds): Reading<FilePart> => {
  try {
    // Before the open, since opening a device can do things (host/read.ts).
    const refusal = bounds.followLast ? refusalOf(statSync(path), what) : null
    return refusal ?? readOpened(path, what, bounds)
  } catch (error) {
    return unreadableBy(error, what)
  }
}

const readOpened = (path: string, what: string, bounds: PartBounds): Reading<FilePart> => {
  const fd = openSync(path, readOnly | (bounds.followLast ? 0 : constants.O_NOFOLLOW))
  try {
    const stats = fstatSync(fd)
    const refusal = refusalOf(stats, what)
    if (refusal) return refusal
    const start = bounds.offset < 0 ? Math.max(0, stats.size + bounds.offset) : bounds.offset
    const bytes = readBytes(fd, start, Math.min(bounds.maxBytes, Math.max(0, stats.size - start)))
    const lineEnd = bytes.lastIndexOf(lineFeed) + 1
    // A line that is longer than the bound is taken in pieces: otherwise nothing after it would ever be read.
    const isPiece = lineEnd === 0 && bytes.length === bounds.maxBytes
    const isLast = bounds.toEnd && start + bytes.length >= stats.size
    const length = isLast || isPiece ? bytes.length : lineEnd
    return value({
      text: bytes.toString('utf8', 0, length),
      inode: stats.ino,
      uid: stats.uid,
      mode: stats.mode & 0o7777,
      sizeBytes: stats.size,
      nextOffset: start + length,
    })
  } finally {
    closeSync(fd)
  }
}

/** A read may come short, as of a file that shrinks meanwhile. */
const readBytes = (fd: number, start: number, wanted: number): Buffer => {
  const buffer = Buffer.allocUnsafe(wanted)
  let filled = 0
  while (filled < wanted) {
    const length = readSync(fd, buffer, filled, wanted - filled, start + filled)
    if (length === 0) break
    filled += length
  }
  return buffer.subarray(0, filled)
}
