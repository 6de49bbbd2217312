import { lstatSync, mkdirSync, readdirSync, type Stats } from 'node:fs'
import { resolve as absolute, dirname } from 'node:path'
import type { FileInfo, Mount } from '../core/facts.ts'
import { type MountLookup, mayHang, mountLookup } from '../core/mounts.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import { parseMountinfo } from '../parse/mountinfo.ts'
import type { HostBase } from './base.ts'
import { readCaptured } from './captured.ts'
import { askablePath, capturedDiskUsage, liveDiskUsage } from './disk.ts'
import { errnoOf, unreadableBy } from './errno.ts'
import { sizeOfFolder } from './folder-size.ts'
import type { HostFiles } from './host.ts'
import { monotonicMs } from './monotonic.ts'
import { readRegularFile } from './read.ts'
import { readPart } from './read-part.ts'
import { resolveBelow } from './resolve.ts'

const defaultMaxBytes = 4 * 1024 * 1024

// About 300 bytes a mount; a container host has thousands.
const maxMountinfoBytes = 16 * 1024 * 1024

/** Several checks of one run ask for these; they are small, and of the same instant for all of them. */
const askedOften = ['/proc/meminfo', '/proc/stat', '/proc/sys/kernel/random/boot_id']

/** What is read within this time is as good as read at once. */
const asOneMs = 100

/** Reads the files of a live or captured host, synchronously. None of it throws or waits. */
export const makeFiles = (base: HostBase): HostFiles => {
  const readAnew = (path: string, maxBytes = defaultMaxBytes): Reading<string> =>
    // What `at` gives for a captured host has no link left; a link there now was put there meanwhile.
    readRegularFile(base.at(path), path, { maxBytes, followLast: base.live })
  const often = new Map(
    base.live ? askedOften.map((path) => [path, keptFor(asOneMs, () => readAnew(path))]) : [],
  )
  const readText = (path: string, options: { maxBytes?: number } = {}): Reading<string> =>
    often.get(path)?.() ?? readAnew(path, options.maxBytes)
  const mounts = (): Reading<Mount[]> => {
    const text = readAnew('/proc/self/mountinfo', maxMountinfoBytes)
    return text.kind === 'value' ? value(parseMountinfo(text.value)) : text
  }
  // A check asks for each of its mounts in a row; `watch` runs for weeks and must see new ones.
  const mountTable = keptFor(1000, () => {
    const reading = mounts()
    const all = reading.kind === 'value' ? reading.value : []
    return { all, lookup: mountLookup(all) }
  })
  const mountOf = (): MountLookup => mountTable().lookup
  return {
    readText,
    readFrom: (path, offset, maxBytes, toEnd = false) =>
      readPart(base.at(path), path, { offset, maxBytes, toEnd, followLast: base.live }),
    mounts: base.live ? keptFor(asOneMs, mounts) : mounts,
    list: (path) => listFolder(base.at(path), path),
    info: (path) => infoOf(entryPath(base, path), path),
    resolve: (path) => resolveOn(base, path),
    resolveLocal: (path) => resolveLocalOn(base, path, mountOf),
    diskUsage(path) {
      if (base.live) return onAskable(path, mountOf(), (real) => liveDiskUsage(real, path))
      const text = readCaptured(base, 'df.json')
      return text.kind === 'value' ? capturedDiskUsage(text.value, path, mountOf()) : text
    },
    folderSize(path, bounds) {
      if (!base.live) return sizeOfFolder(base.at(path), path, bounds, [])
      const points = mountTable().all.map((mount) => mount.mountPoint)
      return onAskable(path, mountOf(), (real) => sizeOfFolder(real, path, bounds, points))
    },
  }
}

const onAskable = <T>(path: string, mountOf: MountLookup, ask: (path: string) => Reading<T>): Reading<T> => {
  const askable = askablePath(path, mountOf)
  return askable.kind === 'value' ? ask(askable.value) : askable
}

const resolveOn = (base: HostBase, path: string): Reading<{ path: string; passed: string[] }> => {
  const passed: string[] = []
  const noteStep = (step: string): boolean => {
    passed.push(step)
    return true
  }
  // Only the live host has a current folder that a relative path can start at.
  const resolved = base.live
    ? resolveBelow('', absolute(path), noteStep)
    : resolveBelow(base.root, path, noteStep)
  return resolved.kind === 'path'
    ? value({ path: resolved.path, passed })
    : failed('malformed', path, 'its symlinks go in a circle')
}

const resolveLocalOn = (
  base: HostBase,
  path: string,
  mountOf: () => MountLookup,
): Reading<{ path: string; written: string }> => {
  const written = base.live ? absolute(path) : absolute('/', path)
  const lookup = mountOf()
  // This program runs from `/`, whatever that is.
  const isLocal = (at: string): boolean => {
    const mount = lookup(at)
    return mount === null || mount.mountPoint === '/' || !mayHang(mount.type)
  }
  const resolved = resolveBelow(base.live ? '' : base.root, written, base.live ? isLocal : undefined)
  if (resolved.kind === 'loop') return failed('malformed', path, 'its symlinks go in a circle')
  return resolved.kind === 'path'
    ? value({ path: resolved.path, written })
    : value({ path: absolute([resolved.path, ...resolved.rest].join('/')), written })
}

/** The entry itself: its folder is looked up as on that host, a link in the last place is not followed. */
const entryPath = (base: HostBase, path: string): string => {
  const folder = dirname(path)
  return folder === path ? base.at(path) : `${base.at(folder)}/${path.slice(path.lastIndexOf('/') + 1)}`
}

/** Names in a folder; `absent` when it is not there. */
export const listFolder = (path: string, what: string): Reading<string[]> => {
  try {
    return value(readdirSync(path))
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR' && infoOf(path, what).kind === 'value')
      return failed('malformed', what, 'is not a folder')
    return unreadableBy(error, what)
  }
}

/** Of the entry itself, not of what a symlink leads to. */
export const infoOf = (path: string, what: string): Reading<FileInfo> => {
  try {
    const stats = lstatSync(path)
    return value({
      kind: kindOf(stats),
      sizeBytes: stats.size,
      modifiedAtMs: Math.round(stats.mtimeMs),
      mode: stats.mode & 0o7777,
      uid: stats.uid,
      inode: stats.ino,
    })
  } catch (error) {
    return unreadableBy(error, what)
  }
}

const kindOf = (stats: Stats): FileInfo['kind'] => {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'symlink' : 'other'
}

const keptFor = <T>(keptMs: number, read: () => T): (() => T) => {
  let kept: { atMs: number; what: T } | null = null
  return () => {
    const nowMs = monotonicMs()
    if (kept === null || nowMs - kept.atMs > keptMs) kept = { atMs: nowMs, what: read() }
    return kept.what
  }
}

/**
 * Makes a folder, and those above it that are missing, with exactly `mode`. The one door to fs-extra, whose loading
 * (about 10 ms) only a command that changes the host pays; the way of every run is own-folder.ts.
 */
export const makeFolders = async (path: string, mode: number): Promise<void> => {
  const missing: string[] = []
  for (let at = path; lstatSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at))
    missing.push(at)
  const { default: fsExtra } = await import('fs-extra')
  try {
    await fsExtra.ensureDir(path, mode)
  } catch (error) {
    // Node 20 says ENOENT where the system said EROFS or ENOSPC: a plain mkdir of the first one has the true words.
    if (missing.length > 0) mkdirSync(missing.at(-1) ?? path, mode)
    throw error
  }
  // The umask took its share of `mode`.
  for (const made of missing) await fsExtra.chmod(made, mode)
}
