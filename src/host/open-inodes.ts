import { readdirSync, readFileSync, statSync } from 'node:fs'
import { failed, type Reading, value } from '../core/reading.ts'
import type { OpenInodes } from '../core/tree.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { makeDevice } from './folder-calls.ts'
import { inodeOf } from './walk-tree.ts'

/**
 * The open and mapped files of every process. Root must see all of them, else the answer is `failed`: a file that somebody
 * holds would count as free. Others see those of their own processes, as only their own files are theirs to remove.
 */
export const readOpenInodes = (base: HostBase): Reading<OpenInodes> => {
  const inodes = new Set<string>()
  const mapped = new Set<string>()
  const hidden: string[] = []
  for (const pid of readdirSync(base.at('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const folder = base.at(`/proc/${pid}`)
      for (const fd of readdirSync(`${folder}/fd`)) addOpen(`${folder}/fd/${fd}`, inodes)
      addOpen(`${folder}/cwd`, inodes)
      addOpen(`${folder}/root`, inodes)
      for (const line of readFileSync(`${folder}/maps`, 'utf8').split('\n')) {
        const slash = line.indexOf('/')
        if (slash <= 0) continue
        mapped.add(line.slice(slash))
        // Under another path it is the same inode, but for btrfs and overlays, whose device differs here.
        const [, major = '', minor = '', inode] = /^\S+ \S+ \S+ ([\da-f]+):([\da-f]+) (\d+)/.exec(line) ?? []
        if (inode !== undefined)
          inodes.add(`${makeDevice(parseInt(major, 16), parseInt(minor, 16))}:${inode}`)
      }
    } catch (error) {
      // It has ended meanwhile, or is a kernel thread without anything open.
      if (!['ENOENT', 'ESRCH'].includes(errnoOf(error))) hidden.push(pid)
    }
  }
  for (const path of loopFiles(base)) mapped.add(path)
  return hidden.length > 0 && base.uid === 0
    ? failed(
        'denied',
        '/proc',
        `what ${hidden.length === 1 ? `process ${hidden[0]} has` : `${hidden.length} processes have`} open cannot be seen`,
      )
    : value({ inodes, mapped })
}

/**
 * Closed meanwhile (a deleted file has an inode all the same), or on a file system that is gone, of which nothing could be
 * removed either. Anything else, EACCES first, means that it was not seen.
 */
const passing = new Set(['ENOENT', 'ESRCH', 'ELOOP', 'ENXIO', 'ENOTCONN', 'ESTALE', 'EIO', 'EHOSTDOWN'])

const addOpen = (path: string, inodes: Set<string>): void => {
  try {
    inodes.add(inodeOf(statSync(path)))
  } catch (error) {
    if (!passing.has(errnoOf(error))) throw error
  }
}

/** Files behind loop devices are held by the kernel, and by no process. */
const loopFiles = (base: HostBase): string[] => {
  try {
    return readdirSync(base.at('/sys/block'))
      .filter((name) => name.startsWith('loop'))
      .flatMap((name) => {
        try {
          return [readFileSync(base.at(`/sys/block/${name}/loop/backing_file`), 'utf8').trim()]
        } catch {
          // It has no file behind it now.
          return []
        }
      })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
