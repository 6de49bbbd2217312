import type { SentEntry, SweptPart } from '../../core/sweep.ts'
import type { FailedInode, TreeEntry } from '../../core/tree.ts'
import { fateOf } from '../../plan/cleanup.ts'
import { mostListed } from '../../report/cleanup-text.ts'
import {
  countFailed,
  fail,
  failAgain,
  type HeldIn,
  isTimeUp,
  keyPrefix,
  noteBlind,
  noteRemoved,
  type Run,
  removeUnheld,
  skip,
} from './remove.ts'
import type { ReadyRule } from './rules.ts'

/** A rule that judges each file by itself needs no list of them, and nothing between the look and the end of a file. */
export const canSweep = (run: Run, rule: ReadyRule): boolean =>
  rule.keepNewest === 0 && rule.maxTotalBytes === null && !rule.emptyDirs && !run.context.global.dryRun

/** False: it cannot be done here that way, and nothing was done. */
export const sweepRule = async (
  run: Run,
  rule: ReadyRule,
  root: string,
  heldIn: HeldIn,
): Promise<boolean> => {
  const { cleaned } = run
  const handedBack: SweptPart[] = []
  let blind: string | null = null
  const known = run.failures
    .keys()
    .flatMap((key) => (key.startsWith(keyPrefix) ? [key.slice(keyPrefix.length)] : []))
  const isKnown = new Set(known)
  const result = await run.context.host.apply({
    kind: 'sweep',
    order: {
      root,
      recurse: rule.recurse,
      oneFileSystem: rule.oneFileSystem,
      mountPoints: [...rule.mountPoints],
      mountIds: [...rule.mountIds],
      reachedBy: rule.reachedBy,
      keepOpen: rule.keepOpen,
      known,
      wish: {
        match: rule.globs.match,
        exclude: rule.globs.exclude,
        olderThanMs: rule.olderThanMs,
        ageBy: rule.ageBy,
        minBytes: rule.minBytes,
        uids: rule.uids === null ? null : [...rule.uids],
      },
    },
    judge: (entry, nowMs, heldBy) => fateOf(entry, rule, nowMs, heldBy),
    take: (part) => {
      noteRemoved(
        run,
        part.names.map((name) => `${part.folder.path}/${name}`),
        part.removed,
        part.removedBytes,
      )
      cleaned.kept += part.young
      for (const one of part.left) noteLeft(run, one, isKnown)
      blind ??= part.blind ?? null
      if (part.known.length > 0) handedBack.push({ ...part, below: [] })
    },
    // So many of the first that go are in the log.
    namesWanted: () => Math.max(20, mostListed - cleaned.paths.length),
    isOver: () => isTimeUp(run),
    reason: 'stale',
  })
  if (result.outcome === 'skipped') return false
  if (result.outcome === 'failed') countFailed(run, root, result.detail)
  noteBlind(run, rule, blind)
  for (const part of handedBack) await removeKnown(run, rule, root, part, heldIn)
  return true
}

const noteLeft = (
  run: Run,
  { path, reason, failed, inode }: SweptPart['left'][number],
  known: ReadonlySet<FailedInode>,
): void => {
  if (!failed) skip(run, path, reason)
  // The sweep has logged what fails for the first time.
  else failAgain(run, path, reason, inode, inode !== undefined && known.has(inode) ? fail : countFailed)
}

/** What could not be removed before goes the way of lists: it may be left out now. */
const removeKnown = async (
  run: Run,
  rule: ReadyRule,
  root: string,
  { folder, known }: SweptPart,
  heldIn: HeldIn,
): Promise<void> => {
  const names = folder.names.map((name) => Buffer.from(name, 'latin1'))
  const there = { root, names, path: folder.path, inode: folder.inode }
  await removeUnheld(run, rule, there, known.map(entryOf), heldIn)
}

const entryOf = ({ name, ...rest }: SentEntry): TreeEntry => ({ ...rest, name: Buffer.from(name, 'latin1') })
