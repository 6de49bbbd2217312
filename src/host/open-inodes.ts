import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { mayHang } from '../core/mounts.ts'
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
  const isRemote = remotePaths(base)
  const addOpen = (path: string): void => {
    if (isRemote !== null && addRemote(path, isRemote, mapped)) return
    addInode(path, inodes)
  }
  const hidden: string[] = []
  for (const pid of readdirSync(base.at('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const folder = base.at(`/proc/${pid}`)
      for (const fd of readdirSync(`${folder}/fd`)) addOpen(`${folder}/fd/${fd}`)
      addOpen(`${folder}/cwd`)
      addOpen(`${folder}/root`)
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

const addInode = (path: string, inodes: Set<string>): void => {
  try {
    inodes.add(inodeOf(statSync(path)))
  } catch (error) {
    if (!passing.has(errnoOf(error))) throw error
  }
}

/** Whether a path lies on a file system that may never answer; null: there is none of them. */
const remotePaths = (base: HostBase): ((path: string) => boolean) | null => {
  const points = mountTable(base)
    .split('\n')
    .flatMap((line) => {
      // 36 35 98:0 /mnt1 /mnt/point rw,noatime master:1 - ext3 /dev/root rw: proc(5)
      const [, , , , point] = line.split(' ')
      const type = / - (\S+) /.exec(line)?.[1]
      return point !== undefined && type !== undefined && mayHang(type) ? [unescaped(point)] : []
    })
  return points.length === 0
    ? null
    : (path) => points.some((point) => path === point || path.startsWith(`${point}/`))
}

/** proc(5) has it everywhere but where /proc is not mounted, and there no process is seen either. */
const mountTable = (base: HostBase): string => {
  try {
    return readFileSync(base.at('/proc/self/mountinfo'), 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}

/** `\040` for a blank and so on. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** What is open there counts by its path: stat(2) of it would wait for the server. */
const addRemote = (link: string, isRemote: (path: string) => boolean, mapped: Set<string>): boolean => {
  try {
    const path = readlinkSync(link)
    if (!isRemote(path)) return false
    mapped.add(path)
    return true
  } catch (error) {
    if (!passing.has(errnoOf(error))) throw error
    return true
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
