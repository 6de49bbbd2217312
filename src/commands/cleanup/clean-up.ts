import type { ActionResult, Removal } from '../../core/action.ts'
import { escapeControl } from '../../core/escape.ts'
import { attempt, type FailureMemory, noteFailure } from '../../core/failure-memory.ts'
import type { TreeEntry, TreeFolder } from '../../core/tree.ts'
import type { HostTree } from '../../host/host.ts'
import { chosenOf, fateOf, stampOf } from '../../plan/cleanup.ts'
import type { Cleaned } from '../../report/cleanup-text.ts'
import { loadFailures, saveFailures } from '../../store/failures.ts'
import type { RunContext } from '../command.ts'
import { recordsRun } from '../record.ts'
import { makeEmptyFolders } from './empty-folders.ts'
import { makeOpenFiles } from './open-files.ts'
import type { ReadyRule } from './rules.ts'

/** So many paths of each kind are in the document; all are counted. */
const listed = 1000
/** The event loop gets a turn after this, for signals. */
const turnMs = 50

interface Run {
  context: RunContext
  tree: HostTree
  cleaned: Cleaned
  failures: FailureMemory
  endsAtMs: number
  turnAtMs: number
}

/** Rule after rule, folder after folder. When the time is up it stops between two of them, and the next run goes on. */
export const cleanUp = async (context: RunContext, rules: readonly ReadyRule[]): Promise<Cleaned> => {
  const { host, global } = context
  const failures = loadFailures(host.save, global.stateDir)
  const run: Run = {
    context,
    tree: await host.tree(),
    cleaned: {
      ...{ removed: 0, removedBytes: 0, kept: 0, skippedCount: 0, failedCount: 0, isUnfinished: false },
      ...{ paths: [], skipped: [], failed: [], blind: [] },
    },
    failures,
    endsAtMs: host.elapsedMs() + context.remainingMs(),
    turnAtMs: host.elapsedMs() + turnMs,
  }
  context.holdTimeout()
  for (const rule of rules) {
    if (rule.root === null) skip(run, rule.path, 'it is not there')
    else await cleanRule(run, rule, rule.root)
    if (run.cleaned.isUnfinished) break
  }
  if (recordsRun(context)) saveFailures(host.save, global.stateDir, failures, run.failures, host.now())
  return run.cleaned
}

interface Candidate {
  folder: TreeFolder
  entry: TreeEntry
  stampMs: number
  sizeBytes: number
  stale: boolean
}

const cleanRule = async (run: Run, rule: ReadyRule, root: string): Promise<void> => {
  const { host } = run.context
  const open = makeOpenFiles(host, run.tree)
  if (rule.keepOpen) {
    const blind = open.look()
    if (blind !== null) {
      run.cleaned.blind.push(
        `${rule.path}: ${blind}; ${rule.isAdHoc ? '--no-keep-open' : 'keep_open: false'} goes on all the same`,
      )
      return
    }
  }
  // What depends on all of them is decided at the end.
  const needsAll = rule.keepNewest > 0 || rule.maxTotalBytes !== null
  const candidates: Candidate[] = []
  const folders = makeEmptyFolders(rule, host.now())
  const isOpen = (folder: TreeFolder, entry: TreeEntry): boolean =>
    rule.keepOpen && open.isOpen(folder, entry)
  for (const step of run.tree.walk(root, rule)) {
    if (step.kind === 'skipped') {
      folders.noteKept()
      if (step.failed) fail(run, step.path, step.reason)
      else skip(run, step.path, step.reason)
    } else if (step.kind === 'entries') {
      folders.enter(step.folder, step.entries.length)
      const stale: TreeEntry[] = []
      for (const entry of step.entries) {
        if (entry.kind === 'folder') continue
        const fate = fateOf(entry, rule, host.now(), (one) => rule.keepOpen && open.isOpen(step.folder, one))
        if (fate.kind === 'kept') skip(run, pathOf(step.folder, entry), fate.reason)
        if (needsAll && fate.kind !== 'out')
          candidates.push({
            folder: step.folder,
            entry,
            stampMs: stampOf(entry, rule.ageBy),
            sizeBytes: entry.sizeBytes,
            stale: fate.kind === 'stale',
          })
        else if (fate.kind === 'stale') stale.push(entry)
        else if (fate.kind === 'young') run.cleaned.kept++
      }
      folders.noteRemoved(step.folder, await remove(run, step.folder, stale))
    } else if (!needsAll) {
      await leaveFolder(run, folders, step.folder, isOpen)
    }
    if (await isTimeUp(run)) return
  }
  if (!needsAll) return
  await removeChosen(run, rule, candidates)
  if (rule.emptyDirs && !run.cleaned.isUnfinished) await removeEmpty(run, rule, root, isOpen)
}

/** After files were chosen among all of them: another walk, for folders alone. */
const removeEmpty = async (
  run: Run,
  rule: ReadyRule,
  root: string,
  isOpen: (folder: TreeFolder, entry: TreeEntry) => boolean,
): Promise<void> => {
  const folders = makeEmptyFolders(rule, run.context.host.now())
  for (const step of run.tree.walk(root, rule)) {
    if (step.kind === 'skipped') folders.noteKept()
    else if (step.kind === 'entries') folders.enter(step.folder, step.entries.length)
    else await leaveFolder(run, folders, step.folder, isOpen)
    if (await isTimeUp(run)) return
  }
}

const leaveFolder = async (
  run: Run,
  folders: ReturnType<typeof makeEmptyFolders>,
  folder: TreeFolder,
  isOpen: (parent: TreeFolder, entry: TreeEntry) => boolean,
): Promise<void> => {
  const empty = folders.leave(folder)
  if (empty === null) return
  if (isOpen(empty.parent, empty.entry))
    skip(run, pathOf(empty.parent, empty.entry), 'a process is in it, or has it open')
  else folders.noteRemoved(empty.parent, await remove(run, empty.parent, [empty.entry], 'folder'))
}

const removeChosen = async (run: Run, rule: ReadyRule, candidates: readonly Candidate[]): Promise<void> => {
  const chosen = chosenOf(candidates, rule)
  run.cleaned.kept += candidates.length - chosen.size
  const byFolder = new Map<TreeFolder, TreeEntry[]>()
  for (const { folder, entry } of chosen) byFolder.set(folder, [...(byFolder.get(folder) ?? []), entry])
  for (const [folder, entries] of byFolder) {
    await remove(run, folder, entries)
    if (await isTimeUp(run)) return
  }
}

/** How many of them are gone. */
const remove = async (
  run: Run,
  folder: TreeFolder,
  entries: readonly TreeEntry[],
  what: 'file' | 'folder' = 'file',
): Promise<number> => {
  const { host } = run.context
  const tried = entries.filter((entry) => mayTry(run, folder, entry))
  if (tried.length === 0) return 0
  const result = await host.apply({
    kind: 'remove-entries',
    folder,
    what,
    entries: tried,
    reason: what === 'folder' ? 'empty and stale' : 'stale',
  })
  const removals = result.removals ?? tried.map(() => withoutList(result))
  let gone = 0
  for (const [i, entry] of tried.entries()) {
    const removal = removals[i] ?? { kind: 'changed' as const }
    const path = pathOf(folder, entry)
    if (removal.kind === 'removed') {
      gone++
      noteRemoved(run, path, what === 'file' && entry.links <= 1 ? entry.sizeBytes : 0)
    } else if (removal.kind === 'failed') {
      fail(run, path, removal.detail)
      const failure = { key: keyOf(entry), circumstance: path, cause: removal.detail }
      run.failures = noteFailure(run.failures, failure, host.now())
    } else skip(run, path, leftWords[removal.kind])
  }
  return gone
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

const noteRemoved = ({ cleaned }: Run, path: string, freedBytes: number): void => {
  cleaned.removed++
  cleaned.removedBytes += freedBytes
  if (cleaned.paths.length < listed) cleaned.paths.push(escapeControl(path))
}

/** What failed three times for one cause is left out for a day, and counted. */
const mayTry = (run: Run, folder: TreeFolder, entry: TreeEntry): boolean => {
  if (run.failures.size === 0) return true
  const path = pathOf(folder, entry)
  const { goOn, skipped, isReported, cause, memory } = attempt(
    run.failures,
    keyOf(entry),
    path,
    run.context.host.now(),
  )
  run.failures = memory
  if (!goOn)
    (isReported ? fail : skip)(
      run,
      path,
      `left out, ${skipped} times so far: it failed three times (${cause})`,
    )
  return goOn
}

const keyOf = ({ inode }: TreeEntry): string => `remove ${inode}`

const pathOf = (folder: TreeFolder, { text }: TreeEntry): string => `${folder.path}/${text}`

const skip = ({ cleaned }: Run, path: string, reason: string): void => {
  cleaned.skippedCount++
  if (cleaned.skipped.length < listed) cleaned.skipped.push({ path: escapeControl(path), reason })
}

const fail = ({ cleaned }: Run, path: string, error: string): void => {
  cleaned.failedCount++
  if (cleaned.failed.length < listed) cleaned.failed.push({ path: escapeControl(path), error })
}

const isTimeUp = async (run: Run): Promise<boolean> => {
  const { host, global } = run.context
  const nowMs = host.elapsedMs()
  if (nowMs >= run.turnAtMs) {
    if (host.out.stderrIsTerminal && !global.quiet && !global.json)
      host.out.stderr(`\r${run.cleaned.removed} removed, ${run.cleaned.kept} kept \x1b[K\r`)
    await host.timer(0).done
    run.turnAtMs = host.elapsedMs() + turnMs
  }
  if (nowMs < run.endsAtMs) return false
  run.cleaned.isUnfinished = true
  return true
}
