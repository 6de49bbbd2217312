import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { failed, type Reading, value } from '../core/reading.ts'
import { formatBytes } from '../core/units.ts'
import { unreadableBy } from './errno.ts'

// Files of the kernel say size 0, so every file is read until its end, through one buffer.
const chunk = Buffer.allocUnsafe(64 * 1024)

// O_NONBLOCK: the open of a FIFO without a writer, and the read of /proc/kmsg, come back at once.
export const readOnly = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

export interface ReadBounds {
  maxBytes: number
  /** False: a symlink as the last part of the path is refused. */
  followLast: boolean
}

/**
 * The whole text of a regular file; bytes that are not UTF-8 become U+FFFD.
 *
 * @param path the real path
 * @param what the path as the host sees it, for messages
 */
export const readRegularFile = (path: string, what: string, bounds: ReadBounds): Reading<string> => {
  try {
    // Before the open, since opening a device can do things: /dev/watchdog reboots the host, a tape rewinds.
    const refusal = bounds.followLast ? refusalOf(statSync(path), what) : null
    return refusal ?? readOpened(path, what, bounds)
  } catch (error) {
    // O_NOFOLLOW answers for one symlink as for an endless chain of them.
    if (!bounds.followLast && isSymlink(path)) return failed('malformed', what, 'is a symbolic link')
    return unreadableBy(error, what)
  }
}

const isSymlink = (path: string): boolean => {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

const readOpened = (path: string, what: string, { maxBytes, followLast }: ReadBounds): Reading<string> => {
  const fd = openSync(path, readOnly | (followLast ? 0 : constants.O_NOFOLLOW))
  try {
    // Again, since the path may lead elsewhere by now.
    return refusalOf(fstatSync(fd), what) ?? readToEnd(fd, what, maxBytes)
  } finally {
    closeSync(fd)
  }
}

/** Why what is there must not be read; null for a regular file. */
export const refusalOf = (stats: Stats, what: string): Reading<never> | null =>
  stats.isFile() ? null : failed('malformed', what, `is ${kindWords(stats)}, not a file`)

const kindWords = (stats: Stats): string => {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}

const readToEnd = (fd: number, what: string, maxBytes: number): Reading<string> => {
  const parts: Buffer[] = []
  let total = 0
  for (;;) {
    const length = readSync(fd, chunk, 0, chunk.length, null)
    if (length === 0) return value(Buffer.concat(parts).toString('utf8'))
    total += length
    if (total > maxBytes) return failed('malformed', what, `is larger than ${formatBytes(maxBytes)}`)
    parts.push(Buffer.from(chunk.subarray(0, length)))
  }
}
