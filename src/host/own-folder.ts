import { chmodSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { failed, type Reading, value } from '../core/reading.ts'
import { attempt, errnoOf } from './errno.ts'

/** Who writes: only files of this user are trusted. */
export interface Writer {
  uid: number
  pid: number
}

/** Makes the folder, and those above it that are missing, with exactly `mode`; one that is there stays as it is. */
export const ensureFolder = (path: string, mode: number): Reading<true> =>
  attempt(path, () => {
    makeFolder(path, mode)
    return value(true)
  })

// Not `recursive: true`: Node 20 then says ENOENT where the system said EROFS or ENOSPC.
const makeFolder = (path: string, mode: number): void => {
  try {
    makeOne(path, mode)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeFolder(dirname(path), mode)
    makeOne(path, mode)
  }
}

/** One that is there may have come this instant, by another first run. */
const makeOne = (path: string, mode: number): void => {
  try {
    mkdirSync(path, mode)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST' && statSync(path).isDirectory()) return
    throw error
  }
  // The umask took its share of `mode`.
  chmodSync(path, mode)
}

/**
 * Why nothing is written into the folder of `path`, or null: anybody could swap the files in it, or the folder
 * itself. A sticky folder such as /tmp is fine, since there only the owner of a file may move it.
 */
export const refusedFolder = (path: string, { uid }: Writer): Reading<never> | null => {
  const folder = dirname(path)
  const refusal = attempt(folder, () => value(refusalOf(folder, uid)))
  if (refusal.kind !== 'value') return refusal
  return refusal.value === null ? null : failed('denied', folder, refusal.value)
}

const refusalOf = (folder: string, uid: number): string | null => {
  const own = lstatSync(folder)
  if (own.isSymbolicLink() && own.uid !== uid && own.uid !== 0)
    return `is a symbolic link of user ${own.uid}; nothing is written through it`
  const { mode } = statSync(folder)
  return (mode & 0o1002) === 0o002 ? 'is writable by everyone; `chmod o-w` it' : null
}

/** Why an open file is not one of ours to write; null when it is. */
export const refusedFile = (stats: Stats, { uid }: Writer): string | null => {
  if (!stats.isFile()) return 'is not a regular file'
  if (stats.uid !== uid) return `belongs to user ${stats.uid}, not to user ${uid} who runs this`
  return stats.nlink === 1 ? null : 'has a second name (hard link)'
}
