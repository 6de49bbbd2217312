import type { AgeStamp, Fate, HeldBy, Judge, SweepWish } from '../core/sweep.ts'
import type { TreeEntry } from '../core/tree.ts'
import { type NameMatch, parseGlob } from '../parse/glob.ts'

/** A rule, ready to be applied: sizes in bytes, times in milliseconds. */
export interface CleanupWish {
  /** Empty: every name. */
  match: readonly NameMatch[]
  exclude: readonly NameMatch[]
  olderThanMs: number
  ageBy: AgeStamp
  minBytes: number | null
  /** Null: of anybody. */
  uids: ReadonlySet<number> | null
}

const stale: Fate = { kind: 'stale' }
const out: Fate = { kind: 'out' }
const young: Fate = { kind: 'young' }

/** Folders are not asked about: they go only when they are empty. */
export const fateOf = (entry: TreeEntry, wish: CleanupWish, nowMs: number, heldBy: HeldBy): Fate => {
  if (!isNamed(entry, wish)) return out
  if (wish.uids !== null && !wish.uids.has(entry.uid)) return out
  if (wish.minBytes !== null && entry.sizeBytes < wish.minBytes) return out
  // A stamp of the future is no age at all.
  if (!(nowMs - stampOf(entry, wish.ageBy) > wish.olderThanMs)) return young
  if (!isRemovable(entry)) return { kind: 'kept', reason: `a ${entry.kind} is never removed` }
  const reason = heldBy(entry)
  return reason === null ? stale : { kind: 'kept', reason }
}

/** Sockets, fifos and devices are not, and so bounds do not count them. */
export const isRemovable = ({ kind }: Pick<TreeEntry, 'kind'>): boolean =>
  kind === 'file' || kind === 'symlink'

const isNamed = (entry: TreeEntry, { match, exclude }: CleanupWish): boolean => {
  if (match.length === 0 && exclude.length === 0) return true
  const name = entry.text
  return (
    (match.length === 0 || match.some((matches) => matches(name))) &&
    !exclude.some((matches) => matches(name))
  )
}

/** The same for a sweep, whose wish is data. */
export const judgeOf = ({ match, exclude, uids, ...rest }: SweepWish): Judge => {
  const wish: CleanupWish = {
    ...rest,
    match: match.map(globOf),
    exclude: exclude.map(globOf),
    uids: uids === null ? null : new Set(uids),
  }
  return (entry, nowMs, heldBy) => fateOf(entry, wish, nowMs, heldBy)
}

/** One that was read before: nobody sends another. */
const globOf = (glob: string): NameMatch => {
  const parsed = parseGlob(glob)
  return typeof parsed === 'string' ? () => false : parsed
}

/** A sweep works a stamp out when it is asked for it. */
export const stampOf = (entry: TreeEntry, by: AgeStamp): number => {
  switch (by) {
    case 'newest':
      return Math.max(entry.mtimeMs, entry.atimeMs, entry.ctimeMs)
    case 'mtime':
      return entry.mtimeMs
    case 'atime':
      return entry.atimeMs
    case 'ctime':
      return entry.ctimeMs
  }
}

/** What `keep_newest` and `max_total` ask about: all that the rule is about, stale or not. */
export interface Counted {
  stampMs: number
  sizeBytes: number
  stale: boolean
}

export interface Choice<T> {
  /** The oldest first, as if each of them went; asked again when some stayed. None: that is all. */
  next(): T[]
  /** One of those is not gone: it counts, and the next one goes for it. */
  stays(entry: T): void
}

/**
 * Which of them go: stale ones that are not among the newest N; with a bound for the total only the oldest of these, until
 * what is left is within it. What is young never goes, even when it is more than the bound.
 */
export const makeChoice = <T extends Counted>(
  entries: readonly T[],
  { keepNewest, maxTotalBytes }: { keepNewest: number; maxTotalBytes: number | null },
): Choice<T> => {
  const oldestFirst = [...entries].sort((a, b) => a.stampMs - b.stampMs)
  const free = keepNewest === 0 ? oldestFirst : oldestFirst.slice(0, -keepNewest)
  const mayGo = free.filter(({ stale: isStale }) => isStale)
  const mostBytes = maxTotalBytes ?? -1
  let totalBytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let at = 0
  return {
    next() {
      const from = at
      for (; at < mayGo.length && totalBytes > mostBytes; at++) totalBytes -= mayGo[at]?.sizeBytes ?? 0
      return mayGo.slice(from, at)
    },
    stays({ sizeBytes }) {
      totalBytes += sizeBytes
    },
  }
}
