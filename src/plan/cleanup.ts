import type { TreeEntry } from '../core/tree.ts'
import type { NameMatch } from '../parse/glob.ts'

/** A rule, ready to be applied: sizes in bytes, times in milliseconds. */
export interface CleanupWish {
  match: readonly NameMatch[]
  exclude: readonly NameMatch[]
  olderThanMs: number
  ageBy: 'newest' | 'mtime' | 'atime' | 'ctime'
  minBytes: number | null
  /** Null: of anybody. */
  uids: ReadonlySet<number> | null
}

/** `out`: the rule is not about it. `kept`: it is, and it stays for that reason, which is worth a line. */
export type Fate = { kind: 'stale' } | { kind: 'out' } | { kind: 'young' } | { kind: 'kept'; reason: string }

const stale: Fate = { kind: 'stale' }
const out: Fate = { kind: 'out' }
const young: Fate = { kind: 'young' }

/** Folders are not asked about: they go only when they are empty. `isOpen`: by device and inode. */
export const fateOf = (
  entry: TreeEntry,
  wish: CleanupWish,
  nowMs: number,
  isOpen: (entry: TreeEntry) => boolean,
): Fate => {
  const name = entry.text
  if (!wish.match.some((matches) => matches(name)) || wish.exclude.some((matches) => matches(name)))
    return out
  if (wish.uids !== null && !wish.uids.has(entry.uid)) return out
  if (wish.minBytes !== null && entry.sizeBytes < wish.minBytes) return out
  // A stamp of the future is no age at all.
  if (!(nowMs - stampOf(entry, wish.ageBy) > wish.olderThanMs)) return young
  if (entry.kind !== 'file' && entry.kind !== 'symlink')
    return { kind: 'kept', reason: `a ${entry.kind} is never removed` }
  return isOpen(entry) ? { kind: 'kept', reason: 'a process has it open' } : stale
}

export const stampOf = ({ mtimeMs, atimeMs, ctimeMs }: TreeEntry, by: CleanupWish['ageBy']): number => {
  switch (by) {
    case 'newest':
      return Math.max(mtimeMs, atimeMs, ctimeMs)
    case 'mtime':
      return mtimeMs
    case 'atime':
      return atimeMs
    case 'ctime':
      return ctimeMs
  }
}

/** What `keep_newest` and `max_total` ask about: all that the rule is about, stale or not. */
export interface Counted {
  stampMs: number
  sizeBytes: number
  stale: boolean
}

/**
 * Which of them go: stale ones that are not among the newest N; with a bound for the total only the oldest of these, until
 * what is left is within it. What is young never goes, even when it is more than the bound.
 */
export const chosenOf = <T extends Counted>(
  entries: readonly T[],
  { keepNewest, maxTotalBytes }: { keepNewest: number; maxTotalBytes: number | null },
): Set<T> => {
  const oldestFirst = [...entries].sort((a, b) => a.stampMs - b.stampMs)
  const free = keepNewest === 0 ? oldestFirst : oldestFirst.slice(0, -keepNewest)
  if (maxTotalBytes === null) return new Set(free.filter(({ stale: isStale }) => isStale))
  const going = new Set<T>()
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  for (const entry of free) {
    if (total <= maxTotalBytes) break
    if (!entry.stale) continue
    going.add(entry)
    total -= entry.sizeBytes
  }
  return going
}
