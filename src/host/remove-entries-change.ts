import { closeSync, fstatSync, lstatSync, rmdirSync, unlinkSync } from 'node:fs'
import type { ActionResult, Removal, RemoveEntriesAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { TreeEntry } from '../core/tree.ts'
import { formatBytes } from '../core/units.ts'
import type { Change } from './apply.ts'
import { errnoOf } from './errno.ts'
import { insideFolder, openFolder } from './open-folder.ts'
import { entryOf, inodeOf, reasonOf } from './walk-tree.ts'

/**
 * Removes entries of one folder that are still what they were when it was decided. The folder is opened anew from `/`
 * down without following a link, and must be the one that was looked at; then each entry is looked at once more, and
 * unlink(2) follows none either. What changed meanwhile is left alone.
 */
export const removeEntriesChange = (action: RemoveEntriesAction): Change => ({
  words: removeWords(action),
  obstacle: () => null,
  perform: async () => {
    let fd: number
    try {
      fd = openFolder(action.folder.root, action.folder.names)
    } catch (error) {
      return errnoOf(error) === 'ENOENT'
        ? { outcome: 'skipped', detail: 'the folder is gone' }
        : { outcome: 'failed', detail: `the folder: ${reasonOf(error)}` }
    }
    try {
      if (inodeOf(fstatSync(fd)) !== action.folder.inode)
        return { outcome: 'skipped', detail: 'the folder is another one by now' }
      return removeAll(fd, action)
    } finally {
      closeSync(fd)
    }
  },
})

const removeWords = ({ folder, entries, what }: RemoveEntriesAction): string => {
  const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const names = clip(
    entries
      .slice(0, 20)
      .map(({ text }) => text)
      .join(', '),
    300,
  )
  const many = entries.length === 1 ? '' : `${entries.length} ${what}s, `
  return what === 'folder'
    ? `remove the empty folder ${folder.path}/${names}`
    : `remove from ${folder.path}: ${many}${formatBytes(bytes)}: ${names}`
}

const removeAll = (fd: number, action: RemoveEntriesAction): ActionResult => {
  const removals = insideFolder(fd, () => action.entries.map((entry) => removeOne(entry, action)))
  const failures = removals.filter(({ kind }) => kind === 'failed').length
  return {
    outcome: failures === 0 ? 'done' : 'failed',
    // Which, and why, is for the command to log: it knows how many it has had.
    detail: failures === 0 ? '' : `${failures} could not be removed`,
    removals,
  }
}

const removeOne = (entry: TreeEntry, { what, byAtime }: RemoveEntriesAction): Removal => {
  // A bare name, in the folder that is the current one here.
  const path = Buffer.from(entry.name)
  try {
    const now = entryOf(path, lstatSync(path))
    if (now.inode !== entry.inode || now.kind !== entry.kind) return { kind: 'changed' }
    if (what === 'folder') rmdirSync(path)
    else if (now.mtimeMs !== entry.mtimeMs || now.ctimeMs !== entry.ctimeMs) return { kind: 'changed' }
    else if (byAtime && now.atimeMs !== entry.atimeMs) return { kind: 'changed' }
    else unlinkSync(path)
    return { kind: 'removed' }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT') return { kind: 'gone' }
    // POSIX lets rmdir(2) say either.
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST') return { kind: 'not-empty' }
    return { kind: 'failed', detail: reasonOf(error) }
  }
}
