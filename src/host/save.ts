import { lstatSync, renameSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { absent, type Reading, value } from '../core/reading.ts'
import { fileStamp } from '../core/stamp.ts'
import { appendToFile } from './append-file.ts'
import { cutFile } from './cut-file.ts'
import { attempt } from './errno.ts'
import { infoOf, listFolder } from './files.ts'
import type { HostSave } from './host.ts'
import { releaseLock, takeLock } from './lock.ts'
import { ensureFolder, type Writer } from './own-folder.ts'
import { withPositionedFile } from './positioned-file.ts'
import { readRegularFile } from './read.ts'
import { replaceFile, unlinkIfThere } from './replace-file.ts'

const folderMode = 0o750
const fileMode = 0o640

// State is bounded to about 3 MB (store/state.ts); this leaves room for names of three bytes a letter.
const maxBytes = 8 * 1024 * 1024

const keptBroken = 3

/**
 * This toolkit's own state, logs and locks, always of the live host. Nothing here throws: a full disk, a read-only
 * file system or a missing permission is a failure with the system's words, and the run goes on.
 *
 * @param now epoch milliseconds, for the names of broken files
 */
export const makeSave = (writer: Writer, now: () => number): HostSave => {
  const locks = new Set<string>()
  const release = (path: string): void => {
    locks.delete(path)
    releaseLock(path, writer)
  }
  return {
    ensureFolder: (path, mode = folderMode) => ensureFolder(path, mode),
    append: (path, text) => appendToFile(path, text, fileMode, writer),
    cut: (path, bounds) => cutFile(path, bounds, fileMode, writer),
    replace: (path, text, mode = fileMode) => replaceFile(path, text, mode, writer),
    setAside: (path) => setAside(path, now()),
    remove: (path) => attempt(path, () => (unlinkIfThere(path) ? value(true) : absent(path))),
    readText: (path) => readRegularFile(path, path, { maxBytes, followLast: false }),
    positioned: (path, access, use) => withPositionedFile(path, access, fileMode, writer, use),
    list: (path) => listFolder(path, path),
    info: (path) => infoOf(path, path),
    takeLock(path) {
      const taken = takeLock(path, writer)
      if (taken.kind === 'value' && taken.value.held) locks.add(path)
      return taken
    },
    releaseLock: release,
    releaseAllLocks() {
      for (const path of [...locks]) release(path)
    },
  }
}

/** Whatever it is, a FIFO or a folder too, it is renamed to `PATH.broken-YYYYMMDD_HHMMSS`; the last three stay. */
const setAside = (path: string, nowMs: number): Reading<string> =>
  attempt(path, () => {
    const target = freeName(`${path}.broken-${fileStamp(nowMs)}`)
    renameSync(path, target)
    removeOldBroken(path)
    return value(target)
  })

const freeName = (wanted: string): string => {
  let name = wanted
  for (let n = 2; lstatSync(name, { throwIfNoEntry: false }) !== undefined; n++) name = `${wanted}-${n}`
  return name
}

const removeOldBroken = (path: string): void => {
  const names = listFolder(dirname(path), dirname(path))
  if (names.kind !== 'value') return
  const broken = names.value.filter((name) => name.startsWith(`${basename(path)}.broken-`)).sort()
  // One that cannot be removed (a folder with something in it) stays; the newest is what matters.
  for (const name of broken.slice(0, -keptBroken))
    attempt(name, () => value(unlinkIfThere(`${dirname(path)}/${name}`)))
}
