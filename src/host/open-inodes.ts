import { readdirSync, readFileSync, statSync } from 'node:fs'
import { failed, type Reading, value } from '../core/reading.ts'
import type { OpenInodes } from '../core/tree.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { inodeOf } from './walk-tree.ts'

/**
 * The open and mapped files of every process. Root must see all of them, else the answer is `failed`: a file that somebody
 * holds would count as free. Others see those of their own processes, as only their own files are theirs to remove.
 */
export const readOpenInodes = (base: HostBase): Reading<OpenInodes> => {
  const inodes = new Set<string>()
  const mapped = new Set<string>()
  let hidden = 0
  for (const pid of readdirSync(base.at('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const folder = base.at(`/proc/${pid}`)
      for (const fd of readdirSync(`${folder}/fd`)) addOpen(`${folder}/fd/${fd}`, inodes)
      for (const line of readFileSync(`${folder}/maps`, 'utf8').split('\n')) {
        const slash = line.indexOf('/')
        if (slash > 0) mapped.add(line.slice(slash))
      }
    } catch (error) {
      // It has ended meanwhile, or is a kernel thread without anything open.
      if (!['ENOENT', 'ESRCH'].includes(errnoOf(error))) hidden++
    }
  }
  return hidden > 0 && base.uid === 0
    ? failed('denied', '/proc', `what ${hidden} processes have open cannot be seen`)
    : value({ inodes, mapped })
}

const addOpen = (path: string, inodes: Set<string>): void => {
  try {
    inodes.add(inodeOf(statSync(path)))
  } catch (error) {
    // Closed meanwhile; a deleted file has an inode all the same.
    if (!['ENOENT', 'ESRCH', 'EACCES', 'ELOOP', 'ENXIO'].includes(errnoOf(error))) throw error
  }
}
