import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs'
import { type Absent, absent, type Failed, failed, type Reading, value } from '../core/reading.ts'
import type { HostBase } from './base.ts'
import { errnoOf, failedBy } from './errno.ts'

/**
 * Files of /proc and cgroupfs, live or captured. They say size 0 and cost little beside what Node does around a
 * read, so they are read synchronously, to their end, into one buffer that is used again and again.
 */
const buffer = Buffer.allocUnsafeSlow(64 * 1024)
const maxBytes = 4 * 1024 * 1024

/**
 * Raw bytes, at most `limitBytes`; they are overwritten by the next read. `path` is as that host sees it.
 *
 * @param inOneRead of a file that gives all there is at once (the command line, not what the kernel writes line by line):
 * a second read, only to hear that there is no more, is a tenth of what it costs
 */
export const readKernelBytes = (
  base: HostBase,
  path: string,
  limitBytes: number,
  inOneRead = false,
): Reading<Buffer> => {
  try {
    const fd = openResolved(base.at(path), base.live)
    try {
      return value(inOneRead ? readOnce(fd, limitBytes) : readToEnd(fd, limitBytes))
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return goneOrFailed(error, path)
  }
}

/** As UTF-8, invalid bytes as U+FFFD; `failed('malformed')` above 4 MiB. */
export const readKernelText = (base: HostBase, path: string): Reading<string> => {
  const bytes = readKernelBytes(base, path, maxBytes + 1)
  if (bytes.kind !== 'value') return bytes
  return bytes.value.length > maxBytes
    ? failed('malformed', path, 'is larger than 4 MiB')
    : value(bytes.value.toString('utf8'))
}

/**
 * Opens a path without symlinks. A captured tree is a stranger's: what is no plain file there (a device, a pipe) is
 * not opened. Throws system errors.
 */
export const openResolved = (realPath: string, live: boolean): number => {
  if (live) return openSync(realPath, constants.O_RDONLY)
  if (!lstatSync(realPath).isFile()) throw Object.assign(new Error('is not a file'), { code: 'EISDIR' })
  return openSync(realPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

const readOnce = (fd: number, limitBytes: number): Buffer =>
  buffer.subarray(0, readSync(fd, buffer, 0, Math.min(buffer.length, limitBytes), null))

const readToEnd = (fd: number, limitBytes: number): Buffer => {
  const full: Buffer[] = []
  let length = 0
  for (let total = 0; total < limitBytes; ) {
    const n = readSync(fd, buffer, length, Math.min(buffer.length - length, limitBytes - total), null)
    if (n === 0) break
    length += n
    total += n
    if (length === buffer.length) {
      full.push(Buffer.from(buffer))
      length = 0
    }
  }
  const rest = buffer.subarray(0, length)
  return full.length === 0 ? rest : Buffer.concat([...full, rest])
}

/**
 * As `failedBy`; a process or cgroup whose folder is not there any more has vanished. ENOTSUP says that the kernel
 * has the file and nothing in it: pressure under `psi=0`, the processes of a threaded cgroup. (Linux calls that
 * EOPNOTSUPP; libuv gives the same number the other name.)
 */
export const goneOrFailed = (error: unknown, path: string): Absent | Failed => {
  const errno = errnoOf(error)
  if (errno === 'ENOTSUP') return absent(path)
  return errno === 'ENOENT' ? failed('vanished', path, 'is not there (ENOENT)') : failedBy(error, path)
}
