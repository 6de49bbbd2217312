import type { OpenInodes, TreeEntry, TreeFolder } from '../../core/tree.ts'
import type { Host, HostTree } from '../../host/host.ts'

/** What was seen longer ago than this is looked at anew: somebody may have opened it since. */
const freshMs = 2000

/** Whether a process holds a file, by a look that is never older than two seconds. */
export const makeOpenFiles = (host: Host, tree: HostTree) => {
  let seen: OpenInodes = { inodes: new Set(), mapped: new Set() }
  let seenAtMs = Number.NEGATIVE_INFINITY
  let isBlind = false
  /** Why it cannot be told; null when it can. */
  const look = (): string | null => {
    const reading = tree.openInodes()
    seenAtMs = host.elapsedMs()
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
    isOpen: ({ path }: TreeFolder, { inode, text }: TreeEntry): boolean => {
      if (host.elapsedMs() - seenAtMs > freshMs) look()
      return isBlind || seen.inodes.has(inode) || seen.mapped.has(`${path}/${text}`)
    },
  }
}
