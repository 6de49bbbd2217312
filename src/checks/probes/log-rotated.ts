import type { HostFiles } from '../../host/host.ts'
import type { FilePosition } from './log-file.ts'
import { beginsAs } from './log-head.ts'

/** logrotate keeps a few, of which the newest is the one; each is looked at when a log was rotated, so once a day. */
const mostCandidates = 100

/** Those that were packed are other files with other contents. */
const packed = /\.(?:gz|xz|bz2|zst|Z|zip|lz4)$/

/**
 * The file that had the path when it was read last, by its inode and how it begins: `app.log.1`, `app.log-20260131`, or where the symlink
 * led then. Null when it is gone, or shorter than it was.
 */
export const findRotated = (
  files: HostFiles,
  path: string,
  { inode, offset, path: ledTo, head }: FilePosition,
): { path: string; inode: number; sizeBytes: number } | null => {
  for (const candidate of [...(ledTo === null ? [] : [ledTo]), ...siblingsOf(files, path)]) {
    const part = files.readFrom(candidate, 0, 0)
    if (part.kind !== 'value' || part.value.inode !== inode || part.value.sizeBytes < offset) continue
    if (beginsAs(files, candidate, head)) return { path: candidate, inode, sizeBytes: part.value.sizeBytes }
  }
  return null
}

/** Where a symlink leads; null for what is none. */
export const realPathOf = (files: HostFiles, path: string): string | null => {
  const resolved = files.resolve(path)
  return resolved.kind === 'value' && resolved.value.path !== path ? resolved.value.path : null
}

const siblingsOf = (files: HostFiles, path: string): string[] => {
  const real = realPathOf(files, path) ?? path
  const slash = real.lastIndexOf('/')
  const [folder, name] = [real.slice(0, slash), real.slice(slash + 1)]
  const names = files.list(folder === '' ? '/' : folder)
  if (names.kind !== 'value') return []
  return names.value
    .filter((other) => other.startsWith(name) && other !== name && !packed.test(other))
    .sort(byNumberThenDate(`${name}.1`))
    .slice(0, mostCandidates)
    .map((other) => `${folder}/${other}`)
}

/** `.1` first, then those whose names come last, as the newest date does. */
const byNumberThenDate =
  (first: string) =>
  (a: string, b: string): number =>
    a === first ? -1 : b === first ? 1 : a < b ? 1 : -1
