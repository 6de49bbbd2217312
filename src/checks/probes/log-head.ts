import { checksum } from '../../core/checksum.ts'
import type { HostFiles } from '../../host/host.ts'

/**
 * What a log began with when it was read. An inode alone does not name a file for good: once the rotated one is packed
 * it is free, and ext4 and tmpfs give it to the very next file. Nor does it tell that a log was truncated
 * (`copytruncate`) and has grown again since. The time of birth would be no better for that, and not every file system
 * and kernel keeps one. A checksum, since lines of a log have no place in our state.
 */
export interface LogHead {
  bytes: number
  sum: string
}

const mostBytes = 1024

/** Of a file that was read up to `offset`; `known` is used as long as it is as much as can be had. */
export const headOf = (
  files: HostFiles,
  path: string,
  offset: number,
  known: LogHead | null,
): LogHead | null => {
  const bytes = Math.min(mostBytes, offset)
  if (known !== null && known.bytes >= bytes) return known
  const sum = sumOf(files, path, bytes)
  return bytes === 0 || sum === null ? null : { bytes, sum }
}

/** False where the file begins otherwise by now; true also where nothing is known of it. */
export const beginsAs = (files: HostFiles, path: string, head: LogHead | null): boolean =>
  head === null || sumOf(files, path, head.bytes) === head.sum

const sumOf = (files: HostFiles, path: string, bytes: number): string | null => {
  const part = files.readFrom(path, 0, bytes, true)
  return part.kind === 'value' ? checksum(part.value.text) : null
}

/** From a file, so of any shape. */
export const logHead = (raw: unknown): LogHead | null => {
  const { bytes, sum } = (raw ?? {}) as Partial<LogHead>
  return Number.isSafeInteger(bytes) && (bytes as number) > 0 && typeof sum === 'string'
    ? { bytes: bytes as number, sum }
    : null
}
