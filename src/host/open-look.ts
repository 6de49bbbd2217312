import type { Reading } from '../core/reading.ts'
import type { OpenInodes, TreeEntry, TreeFolder } from '../core/tree.ts'

/** What was seen longer ago than this is looked at anew: somebody may have opened it since. */
const freshMs = 2000

/** Whether a process holds a file, by a look that is never older than two seconds. */
export interface OpenLook {
  /** Why it cannot be told; null when it can. */
  look(): string | null
  /** Why the entry stays; null: nobody has it open. */
  heldBy(folder: Pick<TreeFolder, 'path'>, entry: TreeEntry): string | null
  /** Why a look has failed, be it that a later one has not; null: none has. */
  blindness(): string | null
}

/** @param root below which the entries are; an overlay that is made of this folder as a whole keeps nothing of it */
export const makeOpenLook = (
  read: () => Reading<OpenInodes>,
  elapsedMs: () => number,
  root = '',
): OpenLook => {
  let layers: readonly string[] = []
  let seen: OpenInodes = { inodes: new Set(), mapped: new Set() }
  let seenAtMs = Number.NEGATIVE_INFINITY
  let blind: string | null = null
  let everBlind: string | null = null
  const look = (): string | null => {
    const reading = read()
    seenAtMs = elapsedMs()
    if (reading.kind === 'value') {
      seen = reading.value
      layers = [...(seen.layers ?? [])].filter((layer) => layer.startsWith(`${root}/`))
    }
    blind =
      reading.kind === 'value' ? null : reading.kind === 'failed' ? reading.detail : 'no process can be seen'
    everBlind ??= blind
    return blind
  }
  return {
    look,
    heldBy: ({ path }, { inode, text, kind }) => {
      if (elapsedMs() - seenAtMs > freshMs) look()
      if (blind !== null) return blind
      if (layers.length > 0 && isInOne(`${path}/${text}`, layers))
        return 'an overlay that is mounted is made of it'
      if (!seen.inodes.has(inode) && !seen.mapped.has(`${path}/${text}`)) return null
      return kind === 'folder' ? 'a process is in it, or has it open' : 'a process has it open'
    },
    blindness: () => everBlind,
  }
}

const isInOne = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`))
