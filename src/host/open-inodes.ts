import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { Mount } from '../core/facts.ts'
import { mayHang, mountLookup } from '../core/mounts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import type { OpenInodes } from '../core/tree.ts'
import { parseMountinfo } from '../parse/mountinfo.ts'
import { overlayFolders } from '../parse/overlay-options.ts'
import type { HostBase } from './base.ts'
import { errnoOf, failedBy } from './errno.ts'
import { makeDevice } from './folder-calls.ts'
import { resolveBelow } from './resolve.ts'
import { inodeOf } from './walk-tree.ts'

/**
 * The open and mapped files of every process. Root must see all of them, else the answer is `failed`: a file that somebody
 * holds would count as free. Others see those of their own processes, as only their own files are theirs to remove.
 */
export const readOpenInodes = (base: HostBase): Reading<OpenInodes> => {
  try {
    return readAll(base)
  } catch (error) {
    // E.g. no descriptors left.
    const why = failedBy(error, '/proc')
    return { ...why, detail: `what processes have open cannot be seen: ${why.detail}` }
  }
}

const readAll = (base: HostBase): Reading<OpenInodes> => {
  const seen: Seen = { inodes: new Set(), mapped: new Set(), layers: new Set() }
  const remoteFor = remoteByNamespace(base, seen)
  const hidden: string[] = []
  for (const pid of readdirSync(base.at('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      readProcess(base.at(`/proc/${pid}`), seen, remoteFor)
    } catch (error) {
      if (!hasEnded(error)) hidden.push(pid)
    }
  }
  for (const path of loopFiles(base)) seen.mapped.add(path)
  return hidden.length > 0 && base.uid === 0
    ? failed(
        'denied',
        '/proc',
        `what ${hidden.length === 1 ? `process ${hidden[0]} has` : `${hidden.length} processes have`} open cannot be seen`,
      )
    : value(seen)
}

interface Seen {
  inodes: Set<string>
  mapped: Set<string>
  layers: Set<string>
}

/** Whether a path lies on a file system that may never answer; null: there is none of them. */
type IsRemote = ((path: string) => boolean) | null

const hasEnded = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(errnoOf(error))

/** Once its main thread has ended, only its other threads show what is open; of the process itself the kernel says: nothing. */
const readProcess = (folder: string, seen: Seen, remoteFor: (process: string) => IsRemote): void => {
  if (readThread(folder, seen, remoteFor)) return
  for (const thread of readdirSync(`${folder}/task`))
    try {
      readThread(`${folder}/task/${thread}`, seen, remoteFor)
    } catch (error) {
      if (!hasEnded(error)) throw error
    }
}

/** @returns whether it was still there after that */
const readThread = (folder: string, seen: Seen, remoteFor: (thread: string) => IsRemote): boolean => {
  const isRemote = remoteFor(folder)
  const addOpen = (path: string): void => {
    if (isRemote !== null && addRemote(path, isRemote, seen.mapped)) return
    addInode(path, seen.inodes)
  }
  for (const fd of readdirSync(`${folder}/fd`)) addOpen(`${folder}/fd/${fd}`)
  addOpen(`${folder}/cwd`)
  addOpen(`${folder}/root`)
  addMapped(readFileSync(`${folder}/maps`, 'utf8'), seen)
  return linkOf(`${folder}/cwd`) !== null
}

const addMapped = (maps: string, { inodes, mapped }: Seen): void => {
  for (const line of maps.split('\n')) {
    const slash = line.indexOf('/')
    if (slash <= 0) continue
    mapped.add(line.slice(slash))
    // Under another path it is the same inode, but for btrfs and overlays, whose device differs here.
    const [, major = '', minor = '', inode] = /^\S+ \S+ \S+ ([\da-f]+):([\da-f]+) (\d+)/.exec(line) ?? []
    if (inode !== undefined) inodes.add(`${makeDevice(parseInt(major, 16), parseInt(minor, 16))}:${inode}`)
  }
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

/**
 * Paths behind /proc/PID are those of the process's own mount namespace, and what it has mounted there is in no table but its
 * own: asked for by stat(2), a dead server of a container would never answer, and FUSE of a user namespace not even root.
 */
const remoteByNamespace = (base: HostBase, seen: Seen): ((process: string) => IsRemote) => {
  const own = linkOf(base.at('/proc/self/ns/mnt'))
  // This program runs from `/`, whatever that is.
  const ownMounts = mountsIn(base.at('/proc/self/mountinfo')).map((one) =>
    one.mountPoint === '/' && mayHang(one.type) ? { ...one, type: '' } : one,
  )
  const here = remotePaths(ownMounts)
  const mayPass = (path: string): boolean => here === null || !here(path)
  addLayers(ownMounts, seen.layers, mayPass)
  const known = new Map<string, IsRemote>()
  return (process) => {
    const namespace = linkOf(`${process}/ns/mnt`)
    if (namespace === null || namespace === own) return here
    // Its table has the mounts below its root, without the way to that.
    const root = linkOf(`${process}/root`) ?? '/'
    const key = `${namespace} ${root}`
    let there = known.get(key)
    if (there === undefined) {
      const mounts = mountsIn(`${process}/mountinfo`)
      there = remotePaths(mounts.map(below(root)))
      known.set(key, there)
      addLayers(mounts, seen.layers, mayPass)
    }
    return there
  }
}

/** As they were written by whoever mounted it, which is mostly this namespace's way to them, and without symlinks: Docker's `l/AB`. */
const addLayers = (
  mounts: readonly Mount[],
  layers: Set<string>,
  mayPass: (path: string) => boolean,
): void => {
  const written = mounts.flatMap(({ type, superOptions }) =>
    type === 'overlay' ? overlayFolders(superOptions) : [],
  )
  for (const path of new Set(written)) {
    if (layers.has(path)) continue
    layers.add(path)
    const resolved = resolveBelow('', path, mayPass)
    if (resolved.kind === 'path') layers.add(resolved.path)
  }
}

const linkOf = (path: string): string | null => {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (hasEnded(error)) return null
    throw error
  }
}

/** proc(5) has it everywhere but where /proc is not mounted, and there no process is seen either; EINVAL: it has ended. */
const mountsIn = (path: string): Mount[] => {
  try {
    return parseMountinfo(readFileSync(path, 'utf8'))
  } catch (error) {
    if (hasEnded(error) || errnoOf(error) === 'EINVAL') return []
    throw error
  }
}

const remotePaths = (mounts: readonly Mount[]): IsRemote => {
  if (!mounts.some(({ type }) => mayHang(type))) return null
  const at = mountLookup(mounts)
  return (path) => mayHang(at(path)?.type ?? '')
}

/** As the mount namespace has it in which its root is `root`. */
const below =
  (root: string) =>
  (mount: Mount): Mount => ({
    ...mount,
    mountPoint: mount.mountPoint === '/' ? root : `${root === '/' ? '' : root}${mount.mountPoint}`,
  })

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
