import { constants } from 'node:fs'
import type { TreeEntry } from '../core/tree.ts'
import type { FolderCalls } from './folder-calls.ts'

export interface LookedEntry extends TreeEntry {
  nameAt: number
}

const { S_IFMT, S_IFREG, S_IFLNK, S_IFDIR, S_IFSOCK, S_IFIFO } = constants

const kindOf = (mode: number): TreeEntry['kind'] => {
  const type = mode & S_IFMT
  if (type === S_IFREG) return 'file'
  if (type === S_IFDIR) return 'folder'
  if (type === S_IFLNK) return 'symlink'
  if (type === S_IFSOCK) return 'socket'
  return type === S_IFIFO ? 'fifo' : 'device'
}

/** One for all entries: it shows the one that was looked at last, and what is not asked for is not made. */
export const lookedEntry = ({ looked, names }: FolderCalls): LookedEntry => ({
  nameAt: 0,
  get name() {
    return names.subarray(this.nameAt, names.indexOf(0, this.nameAt))
  },
  get text() {
    return names.toString('utf8', this.nameAt, names.indexOf(0, this.nameAt))
  },
  get kind() {
    return kindOf(looked.mode())
  },
  get uid() {
    return looked.uid()
  },
  get sizeBytes() {
    return looked.sizeBytes()
  },
  get links() {
    return looked.links()
  },
  get mtimeMs() {
    return looked.mtimeMs()
  },
  get atimeMs() {
    return looked.atimeMs()
  },
  get ctimeMs() {
    return looked.ctimeMs()
  },
  get inode() {
    return looked.inode()
  },
})
