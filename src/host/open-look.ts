import type { Reading } from '../core/reading.ts'
import type { OpenInodes, TreeEntry, TreeFolder } from '../core/tree.ts'

/** What was seen longer ago than this is looked at anew: somebody may have opened it since. */
const freshMs = 2000

/** Whether a process holds a file, by a look that is never older than two seconds. */
export interface OpenLook {
  /** Why it cannot be told; null when it can. */
  look(): string | null
  isOpen(folder: Pick<TreeFolder, 'path'>, entry: TreeEntry): boolean
}

export const makeOpenLook = (read: () => Reading<OpenInodes>, elapsedMs: () => number): OpenLook => {
  let seen: OpenInodes = { inodes: new Set(), mapped: new Set() }
  let seenAtMs = Number.NEGATIVE_INFINITY
  let isBlind = false
  const look = (): string | null => {
    const reading = read()
    seenAtMs = elapsedMs()
    isBlind = reading.kind !== 'value'
    if (reading.kind === 'value') seen = reading.value
    return reading.kind === 'value'
      ? null
      : reading.kind === 'failed'
        ? reading.detail
        : 'no process can be seen'
  }
  return {
    look,
    isOpen: ({ path }, { inode, text }) => {
      if (elapsedMs() - seenAtMs > freshMs) look()
      return isBlind || seen.inodes.has(inode) || seen.mapped.has(`${path}/${text}`)
    },
  }
}
