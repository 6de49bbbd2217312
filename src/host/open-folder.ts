import { closeSync, constants, openSync } from 'node:fs'

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** O_PATH, which Node does not name (fcntl.h of all architectures that Node runs on): to pass through a folder needs no right to list it. */
const passing = 0o10000000 | constants.O_DIRECTORY | constants.O_NOFOLLOW

/** What is named `name` in the open folder. The kernel's link leads to that very folder, wherever it was moved since. */
const inFolder = (fd: number, name: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), Buffer.from(name as Uint8Array)])

/**
 * Opens a folder from `/` down, name by name. A symlink on the way is an error (ELOOP or ENOTDIR) and is never followed,
 * so that nobody can put one in the place of a folder that was looked at before.
 */
export const openFolder = (root: string, names: readonly Uint8Array[]): number => {
  const way = [...root.split('/').filter((part) => part !== ''), ...names]
  let fd = openSync('/', way.length === 0 ? flags : passing)
  for (const [i, name] of way.entries())
    try {
      const next = openSync(inFolder(fd, name), i === way.length - 1 ? flags : passing)
      closeSync(fd)
      fd = next
    } catch (error) {
      closeSync(fd)
      throw error
    }
  return fd
}

/** The same of one folder in another that is open. */
export const openInFolder = (fd: number, name: Uint8Array): number => openSync(inFolder(fd, name), flags)

/**
 * Runs `act` with the open folder as the current one, so that bare names are looked up in it: a name behind
 * /proc/self/fd/N costs ten times as much. Synchronous, hence nothing else of this program runs meanwhile.
 */
export const insideFolder = <T>(fd: number, act: () => T): T => {
  const before = openSync('.', constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    process.chdir(`/proc/self/fd/${fd}`)
    return act()
  } finally {
    process.chdir(`/proc/self/fd/${before}`)
    closeSync(before)
  }
}
