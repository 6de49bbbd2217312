import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { attempt, errnoOf } from './errno.ts'
import { refusedFile, refusedFolder, type Writer } from './own-folder.ts'
import { replaceFile } from './replace-file.ts'

/** Where a file is cut, and what of it is kept. Bytes. */
export interface CutBounds {
  above: number
  keep: number
}

/**
 * Empties a log that somebody else goes on writing to, once it is bigger than `above`; its last `keep` bytes go to
 * `PATH.1` first. The other one appends (O_APPEND), so its next line is the first of the emptied file; what comes between
 * the reading and the cut is lost. Only a file of ours, and never through a symlink.
 *
 * @returns the bytes it had; 0: it is not that big. Absent: it is not there.
 */
export const cutFile = (
  path: string,
  { above, keep }: CutBounds,
  mode: number,
  writer: Writer,
): Reading<number> =>
  refusedFolder(path, writer) ??
  attempt(path, () => {
    const fd = openIfThere(path)
    if (typeof fd !== 'number') return fd
    try {
      const stats = fstatSync(fd)
      const refusal = refusedFile(stats, writer)
      if (refusal !== null) return failed('denied', path, refusal)
      if (stats.size <= above) return value(0)
      const tail = Buffer.alloc(keep)
      const length = readSync(fd, tail, 0, keep, stats.size - keep)
      const kept = replaceFile(`${path}.1`, wholeLines(tail.subarray(0, length)), mode, writer)
      // On a disk that it has filled itself there is no room for its end, and it must be cut all the same.
      if (kept.kind !== 'value' && !(kept.kind === 'failed' && /ENOSPC|EDQUOT/.test(kept.detail))) return kept
      ftruncateSync(fd, 0)
      return value(stats.size)
    } finally {
      closeSync(fd)
    }
  })

const openIfThere = (path: string): number | Reading<never> => {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return absent(path)
    if (errnoOf(error) === 'ELOOP') return failed('denied', path, 'is a symbolic link; it is not cut')
    throw error
  }
}

/** Without the line of which only the end is there. */
const wholeLines = (tail: Buffer): string => tail.toString('utf8', tail.indexOf(0x0a) + 1)
