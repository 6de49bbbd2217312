import type { TreeEntry, TreeFolder } from '../../core/tree.ts'
import { isInside } from '../../plan/cleanup-roots.ts'
import type { ReadyRule } from './rules.ts'

/** What a rehearsal would have removed: a later rule must not find it. */
export interface Rehearsal {
  isGone(folder: Pick<TreeFolder, 'inode'>, entry: TreeEntry): boolean
  note(folder: Pick<TreeFolder, 'inode'>, entry: TreeEntry): void
}

/** About 40 MB. What comes after these is counted by each rule. */
const mostNoted = 500_000

/** Null where no two rules come to the same folder, as of most configs: it would cost memory for nothing. */
export const makeRehearsal = (rules: readonly Pick<ReadyRule, 'root'>[]): Rehearsal | null => {
  const roots = rules.flatMap(({ root }) => (root === null ? [] : [root]))
  const isShared = roots.some((root, i) => roots.some((other, j) => i !== j && isInside(root, other)))
  if (!isShared) return null
  const gone = new Set<string>()
  return {
    isGone: (folder, entry) => gone.has(keyOf(folder, entry)),
    note(folder, entry) {
      if (gone.size < mostNoted) gone.add(keyOf(folder, entry))
    },
  }
}

/** A file with two names goes twice. */
const keyOf = ({ inode }: Pick<TreeFolder, 'inode'>, entry: TreeEntry): string =>
  entry.kind !== 'folder' && entry.links > 1 ? `${inode}/${entry.text}` : entry.inode
