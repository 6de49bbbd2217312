import type { ActionResult, Removal } from '../../core/action.ts'
import { escapeControl } from '../../core/escape.ts'
import type { LogLine } from '../../core/log-line.ts'
import type { FailedInode, TreeEntry, TreeFolder } from '../../core/tree.ts'
import type { HostTree } from '../../host/host.ts'
import { type Cleaned, mostListed } from '../../report/cleanup-text.ts'
import { appendLog } from '../../store/log.ts'
import type { RunContext } from '../command.ts'
import { recordsRun } from '../record.ts'
import type { RunFailures } from '../run-failures.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { ReadyRule } from './rules.ts'

/** A cleaning that is under way. */
export interface Run {
  context: RunContext
  tree: HostTree
  cleaned: Cleaned
  failures: RunFailures
  /** Null: what is removed is gone, or no other rule comes to it. */
  rehearsal: Rehearsal | null
  /** Of the rule that is cleaned: how many, and what is not in the log yet. */
  failedOfRule: number
  unlogged: LogLine[]
  endsAtMs: number
  turnAtMs: number
}

type Folder = Pick<TreeFolder, 'root' | 'names' | 'path' | 'inode'>

export interface Removed {
  /** By us. */
  count: number
  /** What is still there. */
  stay: Set<TreeEntry>
}

export const remove = async (
  run: Run,
  { ageBy }: Pick<ReadyRule, 'ageBy'>,
  folder: Folder,
  entries: readonly TreeEntry[],
  what: 'file' | 'folder' = 'file',
): Promise<Removed> => {
  const { host } = run.context
  const tried = entries.filter((entry) => mayTry(run, folder, entry))
  const removed: Removed = { count: 0, stay: new Set(entries) }
  if (tried.length === 0) return removed
  const result = await host.apply({
    kind: 'remove-entries',
    folder,
    what,
    byAtime: ageBy === 'newest' || ageBy === 'atime',
    entries: tried,
    reason: what === 'folder' ? 'empty and stale' : 'stale',
  })
  const removals = result.removals ?? tried.map(() => withoutList(result))
  for (const [i, entry] of tried.entries()) {
    const removal = removals[i] ?? { kind: 'changed' as const }
    const path = pathOf(folder, entry)
    if (removal.kind === 'removed' || removal.kind === 'gone') removed.stay.delete(entry)
    if (removal.kind === 'removed') {
      removed.count++
      run.rehearsal?.note(folder, entry)
      noteRemoved(run, [path], 1, what === 'file' && entry.links <= 1 ? entry.sizeBytes : 0)
    } else if (removal.kind === 'failed') {
      fail(run, path, removal.detail)
      run.failures.failed(keyOf(entry), path, removal.detail)
    } else skip(run, path, leftWords[removal.kind])
  }
  return removed
}

export type HeldIn = (folder: Pick<TreeFolder, 'path'>, entry: TreeEntry) => string | null

/** It may be minutes ago that they were judged, and somebody may have opened one since. */
export const removeUnheld = async (
  run: Run,
  rule: ReadyRule,
  folder: Folder,
  entries: readonly TreeEntry[],
  heldIn: HeldIn,
): Promise<Removed> => {
  const going: TreeEntry[] = []
  const stay: TreeEntry[] = []
  for (const entry of entries) {
    const held = heldIn(folder, entry)
    if (held !== null) skip(run, pathOf(folder, entry), held)
    if (held === null) going.push(entry)
    else stay.push(entry)
  }
  const removed = await remove(run, rule, folder, going)
  for (const entry of stay) removed.stay.add(entry)
  return removed
}

/** Rehearsed, or the folder itself could not be opened. */
const withoutList = ({ outcome, detail }: ActionResult): Removal =>
  outcome === 'dry-run'
    ? { kind: 'removed' }
    : outcome === 'failed'
      ? { kind: 'failed', detail }
      : { kind: 'changed' }

const leftWords = {
  changed: 'it has changed meanwhile',
  gone: 'it is gone by itself',
  'not-empty': 'something is in it by now',
}

export const noteRemoved = (
  { cleaned }: Run,
  paths: readonly string[],
  count: number,
  freedBytes: number,
): void => {
  cleaned.removed += count
  cleaned.removedBytes += freedBytes
  for (const path of paths) if (cleaned.paths.length < mostListed) cleaned.paths.push(path)
}

/** What failed three times for one cause is left out for a day, and counted. */
const mayTry = (run: Run, folder: Folder, entry: TreeEntry): boolean =>
  !isLeftOut(run, pathOf(folder, entry), entry.inode)

const isLeftOut = (run: Run, path: string, inode: FailedInode): boolean => {
  const leftOut = run.failures.leftOut(keyOf({ inode }), path)
  if (leftOut?.isReported) fail(run, path, leftOut.words)
  else if (leftOut !== null) skip(run, path, leftOut.words)
  return leftOut !== null
}

/**
 * What cannot be opened or looked at is tried each time, since nothing else shows that it can be again, and is a failure each
 * time, since nobody knows what is in there; told as often as the rest.
 */
export const failAgain = (
  run: Run,
  path: string,
  reason: string,
  inode: FailedInode | undefined,
  count = fail,
): void => {
  const before = inode === undefined ? null : run.failures.leftOut(keyOf({ inode }), path)
  if (before === null || !reason.startsWith(before.cause)) {
    count(run, path, reason)
    if (inode !== undefined) run.failures.failed(keyOf({ inode }), path, reason)
    return
  }
  const words = `${reason}, as in the runs before`
  if (before.isReported) fail(run, path, words)
  else countFailedAgain(run, path, words)
}

export const keyPrefix = 'remove '

export const keyOf = ({ inode }: { inode: FailedInode }): string => `${keyPrefix}${inode}`

export const pathOf = (folder: Pick<TreeFolder, 'path'>, { text }: TreeEntry): string =>
  `${folder.path}/${text}`

export const skip = ({ cleaned }: Run, path: string, reason: string): void => {
  cleaned.skippedCount++
  if (cleaned.skipped.length < mostListed) cleaned.skipped.push({ path, reason })
}

/** A file system that was mounted read-only refuses each of a million. */
const failuresLogged = 1000

/** Counted, listed and in the log: whoever reads mail of cron sees the first ones alone. */
export const fail = (run: Run, path: string, error: string): void => {
  countFailed(run, path, error)
  if (++run.failedOfRule <= failuresLogged)
    run.unlogged.push({ level: 'WARN', text: escapeControl(`${path}: ${error}`) })
}

/** Of one that is in the log already. */
export const countFailed = ({ cleaned }: Run, path: string, error: string): void => {
  cleaned.failedCount++
  if (cleaned.failed.length < mostListed) cleaned.failed.push({ path, error })
}

const countFailedAgain = ({ cleaned }: Run, path: string, error: string): void => {
  cleaned.failedCount++
  cleaned.failedAgainCount++
  if (cleaned.failedAgain.length < mostListed) cleaned.failedAgain.push({ path, error })
}

export const logFailures = ({ context, unlogged }: Run): void => {
  const { host, global } = context
  const lines = unlogged.splice(0)
  if (recordsRun(context)) appendLog(host.save, global.logDir, 'cleanup', host.now(), lines)
}

/** At the end of a rule. */
export const endFailures = (run: Run): void => {
  const more = run.failedOfRule - failuresLogged
  if (more > 0) run.unlogged.push({ level: 'WARN', text: `and ${more} more failed` })
  run.failedOfRule = 0
  logFailures(run)
}

/** @param why what is open could not be seen in the middle of the rule; null: it could */
export const noteBlind = ({ cleaned }: Run, { path }: ReadyRule, why: string | null): void => {
  const words = `${path}: for a time ${why}; what was looked at meanwhile stays`
  // Two looks of one rule tell the same.
  if (why !== null && !cleaned.blind.includes(words)) cleaned.blind.push(words)
}

/** The event loop gets a turn after this, for signals. */
export const turnMs = 50

export const isTimeUp = async (run: Run): Promise<boolean> => {
  const { host, global } = run.context
  const nowMs = host.elapsedMs()
  if (nowMs >= run.turnAtMs) {
    if (host.out.stderrIsTerminal && !global.quiet && !global.json)
      host.out.stderr(`\r${run.cleaned.removed} removed, ${run.cleaned.kept} kept \x1b[K\r`)
    logFailures(run)
    await host.timer(0).done
    run.turnAtMs = host.elapsedMs() + turnMs
  }
  if (nowMs < run.endsAtMs) return false
  run.cleaned.isUnfinished = true
  return true
}
