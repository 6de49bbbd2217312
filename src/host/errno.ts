import { getSystemErrorMap } from 'node:util'
import { type Absent, absent, type Failed, type FailureCause, failed, type Reading } from '../core/reading.ts'

/** The symbol of a system error, e.g. `ENOENT`. An error without one is a defect of ours: it is thrown on. */
export const errnoOf = (error: unknown): string => {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  throw error
}

const causes: Record<string, FailureCause> = {
  EACCES: 'denied',
  EPERM: 'denied',
  ETIMEDOUT: 'timeout',
  // What reading /proc/PID/… and /sys/fs/cgroup/… answers when the process or cgroup went away after the open.
  ESRCH: 'vanished',
  ENODEV: 'vanished',
  ELOOP: 'malformed',
  EISDIR: 'malformed',
  ENOTDIR: 'malformed',
  ENAMETOOLONG: 'malformed',
  // A path with a NUL byte in it.
  ERR_INVALID_ARG_VALUE: 'malformed',
}

/** A system error as a failure; `what` is the path as the host sees it. */
export const failedBy = (error: unknown, what: string): Failed => {
  const errno = errnoOf(error)
  return failed(causes[errno] ?? 'io', what, `${wordsOf(error)} (${errno})`)
}

// EOPNOTSUPP: what /proc/pressure/* answers on a kernel that has PSI built in and switched off (`psi=0`).
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'])

/** As `failedBy`, for reading: what is not there is `absent`. */
export const unreadableBy = (error: unknown, what: string): Absent | Failed =>
  nothingThere.has(errnoOf(error)) ? absent(what) : failedBy(error, what)

/** Does what may end in a system error, which becomes a failure on `what`. */
export const attempt = <T>(what: string, act: () => Reading<T>): Reading<T> => {
  try {
    return act()
  } catch (error) {
    return failedBy(error, what)
  }
}

// Node's own message repeats the path, which may be a stranger's text; libuv's table has the words alone.
const wordsOf = (error: unknown): string => {
  const { errno, message } = error as NodeJS.ErrnoException
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message.slice(0, 120)
}
