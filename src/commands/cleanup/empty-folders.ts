import type { TreeEntry, TreeFolder } from '../../core/tree.ts'
import type { ReadyRule } from './rules.ts'

/** Others rely on these being there, empty or not: tmpfiles.d(5) of systemd and snapd keep them out of their own ageing. */
const relied = /^(\.(X11|ICE|XIM|font|Test)-unix|systemd-private-.*|snap-private-tmp|snap\..*)$/

/** Which folders have nothing left in them, by counting on the way down what is there and on the way up what has gone. */
export const makeEmptyFolders = (rule: ReadyRule, nowMs: number) => {
  const open: { folder: TreeFolder; left: number }[] = []
  const at = (depth: number) => open[depth]
  return {
    enter: (folder: TreeFolder, entries: number): void => {
      const depth = folder.names.length
      const known = at(depth)
      if (known?.folder.inode === folder.inode) known.left += entries
      else open[depth] = { folder, left: entries }
      open.length = depth + 1
    },
    noteRemoved: (folder: TreeFolder, count: number): void => {
      const known = at(folder.names.length)
      if (known !== undefined) known.left -= count
    },
    /** Something was not looked at: whatever it lies in is not empty. */
    noteKept: (): void => {
      for (const one of open) one.left = Number.POSITIVE_INFINITY
    },
    /** The folder as an entry of its parent, when it is to go. */
    leave: (folder: TreeFolder): { parent: TreeFolder; entry: TreeEntry } | null => {
      const known = at(folder.names.length)
      const parent = at(folder.names.length - 1)?.folder
      open.length = Math.max(0, folder.names.length)
      const name = folder.names.at(-1)
      if (!rule.emptyDirs || parent === undefined || name === undefined || known?.left !== 0) return null
      const text = Buffer.from(name).toString()
      const isOld = nowMs - Math.max(folder.mtimeMs, folder.ctimeMs) > rule.olderThanMs
      const isOthers = rule.uids !== null && !rule.uids.has(folder.uid)
      if (!isOld || isOthers || folder.isSticky || relied.test(text)) return null
      return { parent, entry: entryOf(folder, name, text) }
    },
  }
}

const entryOf = (
  { inode, uid, mtimeMs, ctimeMs }: TreeFolder,
  name: Uint8Array,
  text: string,
): TreeEntry => ({
  ...{ name, text, kind: 'folder', uid, sizeBytes: 0, links: 2 },
  ...{ mtimeMs, ctimeMs, atimeMs: mtimeMs, inode },
})
