import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { failed, flatMapReading, type Reading, value } from '../core/reading.ts'
import { attempt, errnoOf } from './errno.ts'
import { refusedFile, refusedFolder, type Writer } from './own-folder.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants

/**
 * Adds to a file of ours, which is made with `mode` when missing. This program may be root and the folder by mistake
 * one that others can write: so never through a symlink, into a file that has another name or owner too, or into
 * what is no file (a FIFO would hold the run). When the disk is full no half line stays behind.
 */
export const appendToFile = (path: string, text: string, mode: number, writer: Writer): Reading<true> =>
  flatMapReading(openForOwnAppend(path, mode, writer), (fd) =>
    attempt(path, () => {
      try {
        appendWhole(fd, fstatSync(fd).size, Buffer.from(text, 'utf8'))
        return value(true)
      } finally {
        closeSync(fd)
      }
    }),
  )

/** The open file itself, for what goes on writing by itself; the caller closes it. */
export const openForOwnAppend = (path: string, mode: number, writer: Writer): Reading<number> =>
  refusedFolder(path, writer) ??
  attempt(path, () => {
    const fd = openForAppend(path, mode)
    if (fd === 'symlink') return failed('denied', path, 'is a symbolic link; nothing is written through it')
    const refusal = refusedFile(fstatSync(fd), writer)
    if (refusal === null) return value(fd)
    closeSync(fd)
    return failed('denied', path, refusal)
  })

const openForAppend = (path: string, mode: number): number | 'symlink' => {
  const flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK
  try {
    return openSync(path, flags)
  } catch (error) {
    // What O_NOFOLLOW answers.
    if (errnoOf(error) === 'ELOOP') return 'symlink'
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  const fd = openSync(path, flags | O_CREAT | O_EXCL, mode)
  // The umask took its share of `mode`.
  fchmodSync(fd, mode)
  return fd
}

const appendWhole = (fd: number, sizeBefore: number, bytes: Buffer): void => {
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written)
  } catch (error) {
    // Only when nobody else has written behind us meanwhile.
    if (written > 0 && fstatSync(fd).size === sizeBefore + written) ftruncateSync(fd, sizeBefore)
    throw error
  }
}
