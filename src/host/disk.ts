import { statfsSync } from 'node:fs'
import type { DiskUsage, Mount } from '../core/facts.ts'
import { type MountLookup, mayHang } from '../core/mounts.ts'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import { unreadableBy } from './errno.ts'
import { resolveBelow } from './resolve.ts'

/** The figures of statfs(2), also in `cmd/df.json` of a captured host. `blocksFree` counts those kept for root too. */
export interface FileSystemFigures {
  blockSize: number
  blocks: number
  blocksAvailable: number
  blocksFree: number
  files: number
  filesFree: number
}

/** Use of the live file system that a path without symlinks lies on; `absent` for those without space (proc, sysfs). */
export const liveDiskUsage = (path: string, what: string): Reading<DiskUsage> => {
  try {
    const { bsize, blocks, bavail, bfree, files, ffree } = statfsSync(path)
    return usageOf(
      { blockSize: bsize, blocks, blocksAvailable: bavail, blocksFree: bfree, files, filesFree: ffree },
      what,
    )
  } catch (error) {
    return unreadableBy(error, what)
  }
}

/** As df(1): the share of what ordinary users could ever have, so 100% is reached while root still has its reserve. */
export const usageOf = (figures: FileSystemFigures, what: string): Reading<DiskUsage> => {
  const { blockSize, blocks, blocksAvailable, blocksFree, files, filesFree } = figures
  if (blocks === 0) return absent(`space on ${what}`)
  const used = Math.max(0, blocks - blocksFree)
  const usable = used + Math.max(0, blocksAvailable)
  return value({
    totalBytes: blocks * blockSize,
    availableBytes: Math.max(0, blocksAvailable) * blockSize,
    usedPercent: usable === 0 ? 100 : (used / usable) * 100,
    totalInodes: files,
    usedInodesPercent: files === 0 ? null : (Math.max(0, files - filesFree) / files) * 100,
  })
}

/** From the text of `cmd/df.json`; `path` may lie anywhere below the mount point that is its key. */
export const capturedDiskUsage = (text: string, path: string, mountOf: MountLookup): Reading<DiskUsage> => {
  const table = readTable(text)
  if (table === null) return failed('malformed', 'cmd/df.json', 'is not a table of mount points')
  const key = table.has(path) ? path : mountOf(path)?.mountPoint
  const figures = key === undefined ? undefined : table.get(key)
  if (figures === undefined) return absent(`space on ${path}`)
  return isFigures(figures)
    ? usageOf(figures, path)
    : failed('malformed', 'cmd/df.json', `has no full figures of ${key}`)
}

const readTable = (text: string): Map<string, unknown> | null => {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? new Map(Object.entries(parsed)) : null
  } catch {
    return null
  }
}

const figureNames = ['blockSize', 'blocks', 'blocksAvailable', 'blocksFree', 'files', 'filesFree'] as const

const isFigures = (figures: unknown): figures is FileSystemFigures =>
  typeof figures === 'object' &&
  figures !== null &&
  figureNames.every((name) => {
    const figure = (figures as Record<string, unknown>)[name]
    return typeof figure === 'number' && figure >= 0 && figure <= Number.MAX_SAFE_INTEGER
  })

/**
 * A live path as it may be asked: symlinks resolved step by step, no step onto a mount whose dead server would hang
 * this program for ever. `/` itself is always asked: this program runs from it.
 */
export const askablePath = (path: string, mountOf: MountLookup): Reading<string> => {
  const hanging = (at: string): Mount | null => {
    const mount = mountOf(at)
    return mount !== null && mount.mountPoint !== '/' && mayHang(mount.type) ? mount : null
  }
  const resolved = resolveBelow('', path, (at) => {
    const mount = hanging(at)
    // The point of an autofs mount may be looked at and passed; only what is not mounted below it would be mounted.
    return mount === null || (mount.type === 'autofs' && mount.mountPoint === at)
  })
  if (resolved.kind === 'loop') return failed('malformed', path, 'too many symbolic links')
  const mount = hanging(resolved.path)
  if (mount === null) return value(resolved.path)
  return failed(
    'refused',
    path,
    `is on ${mount.mountPoint} (${mount.type}), which is not asked: it could hang`,
  )
}
