import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { failed, flatMapReading, type Reading, value } from '../core/reading.ts'
import { attempt, errnoOf, unreadableBy } from './errno.ts'
import type { PositionedFile } from './host.ts'
import { refusedFile, refusedFolder, type Writer } from './own-folder.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants

/** Opens a file of ours to read and write at positions, made with `mode` when missing; closes it after `use`. */
export const withPositionedFile = <T>(
  path: string,
  access: 'read' | 'write',
  mode: number,
  writer: Writer,
  use: (file: PositionedFile) => Reading<T>,
): Reading<T> =>
  flatMapReading(access === 'read' ? openToRead(path) : openToWrite(path, mode, writer), (fd) => {
    try {
      const refusal = refusedFile(fstatSync(fd), writer)
      if (refusal !== null) return failed('denied', path, refusal)
      return attempt(path, () => use(fileOf(fd)))
    } finally {
      closeSync(fd)
    }
  })

const openToRead = (path: string): Reading<number> => {
  try {
    return value(openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  } catch (error) {
    return errnoOf(error) === 'ELOOP' ? symlink(path) : unreadableBy(error, path)
  }
}

const openToWrite = (path: string, mode: number, writer: Writer): Reading<number> =>
  refusedFolder(path, writer) ?? attempt(path, () => openOrMake(path, mode))

const openOrMake = (path: string, mode: number): Reading<number> => {
  const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK
  try {
    return value(openSync(path, flags))
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') return symlink(path)
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  const fd = openSync(path, flags | O_CREAT | O_EXCL, mode)
  // The umask took its share of `mode`.
  fchmodSync(fd, mode)
  return value(fd)
}

const symlink = (path: string): Reading<never> =>
  failed('denied', path, 'is a symbolic link; it is neither read nor written through')

const fileOf = (fd: number): PositionedFile => ({
  read(offset, length) {
    const bytes = new Uint8Array(length)
    let read = 0
    while (read < length) {
      const got = readSync(fd, bytes, read, length - read, offset + read)
      if (got === 0) break
      read += got
    }
    return bytes.subarray(0, read)
  },
  write(offset, bytes) {
    let written = 0
    while (written < bytes.length)
      written += writeSync(fd, bytes, written, bytes.length - written, offset + written)
  },
})
