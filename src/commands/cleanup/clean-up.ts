import { HealthError } from '../../core/errors.ts'
import { mountedMeanwhile } from '../../core/mounts.ts'
import type { TreeEntry, TreeFolder } from '../../core/tree.ts'
import { fateOf, isRemovable, makeChoice, stampOf } from '../../plan/cleanup.ts'
import type { Cleaned } from '../../report/cleanup-text.ts'
import type { RunContext } from '../command.ts'
import { openFailures } from '../run-failures.ts'
import { addCleaned, cleanElsewhere } from './elsewhere.ts'
import { makeEmptyFolders } from './empty-folders.ts'
import { makeRehearsal } from './rehearsal.ts'
import {
  endFailures,
  fail,
  failAgain,
  type HeldIn,
  isTimeUp,
  noteBlind,
  pathOf,
  type Run,
  remove,
  removeUnheld,
  skip,
  turnMs,
} from './remove.ts'
import { type ReadyRule, type RefusedRule, readyRule } from './rules.ts'
import { canSweep, sweepRule } from './sweep.ts'

/** Of one folder; between them the time is looked at. */
const atOnce = 1000

/** So long what was judged before all others is not judged once more. */
const freshMs = 1000

/** Rule after rule, folder after folder. When the time is up it stops between two of them, and the next run goes on. */
export const cleanUp = async (
  context: RunContext,
  judgedRules: readonly (ReadyRule | RefusedRule)[],
): Promise<Cleaned> => {
  const { host } = context
  const rules = judgedRules.flatMap((rule) => ('refused' in rule ? [] : [rule]))
  const run: Run = {
    context,
    tree: await host.tree(),
    cleaned: {
      ...{
        removed: 0,
        removedBytes: 0,
        kept: 0,
        skippedCount: 0,
        failedCount: 0,
        failedAgainCount: 0,
        isUnfinished: false,
      },
      ...{ paths: [], skipped: [], failed: [], failedAgain: [], blind: [] },
    },
    failures: openFailures(context, { of: 'cleanup-failures', atEnd: true }),
    rehearsal: context.global.dryRun ? makeRehearsal(rules) : null,
    ...{ failedOfRule: 0, unlogged: [] },
    endsAtMs: host.elapsedMs() + context.remainingMs(),
    turnAtMs: host.elapsedMs() + turnMs,
  }
  context.holdTimeout()
  for (const rule of judgedRules)
    if ('refused' in rule) fail(run, rule.path, `it is not cleaned: ${rule.refused}`)
  endFailures(run)
  // Last, since one that never ends takes the time of all after it.
  const inOrder = [...rules].sort((a, b) => Number(a.isElsewhere) - Number(b.isElsewhere))
  for (const [i, judged] of inOrder.entries()) {
    const isFresh = i === 0 && host.elapsedMs() - judged.judgedAtMs < freshMs
    const rule = isFresh ? judged : await judgedAnew(run, judged)
    if (rule !== null) await cleanOne(run, rule)
    endFailures(run)
    if (run.cleaned.isUnfinished) break
  }
  run.failures.save()
  return run.cleaned
}

const cleanOne = async (run: Run, rule: ReadyRule): Promise<void> => {
  const { cleaned, context } = run
  if (rule.silence !== null) cleaned.blind.push(`${rule.path}: ${rule.silence}`)
  // That one of the config is not there yet may be how it should be; who has typed it meant another.
  else if (rule.root === null) (rule.isAdHoc ? fail : skip)(run, rule.path, 'it is not there')
  else if (rule.isElsewhere) addCleaned(cleaned, await cleanElsewhere(context, rule))
  else await cleanRule(run, rule, rule.root)
}

/** It may be minutes ago that all rules were looked at, and something else may be mounted there since. Null: it may not be cleaned. */
const judgedAnew = async (run: Run, rule: ReadyRule): Promise<ReadyRule | null> => {
  if (rule.silence !== null || rule.root === null || rule.isElsewhere) return rule
  try {
    return await readyRule(run.context, rule.wanted, rule.isAdHoc)
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    fail(run, rule.path, `it may not be cleaned any more: ${error.message}`)
    return null
  }
}

interface Candidate {
  folder: TreeFolder
  entry: TreeEntry
  stampMs: number
  sizeBytes: number
  stale: boolean
  /** It was said why it stays. */
  isTold: boolean
}

const cleanRule = async (run: Run, rule: ReadyRule, root: string): Promise<void> => {
  const open = run.tree.openFiles(root)
  if (rule.keepOpen) {
    const blind = open.look()
    if (blind !== null) {
      run.cleaned.blind.push(
        `${rule.path}: ${blind}; ${rule.isAdHoc ? '--no-keep-open' : 'keep_open: false'} goes on all the same`,
      )
      return
    }
  }
  const heldIn: HeldIn = (folder, entry) => (rule.keepOpen ? open.heldBy(folder, entry) : null)
  if (!canSweep(run, rule) || !(await sweepRule(run, rule, root, heldIn)))
    await cleanByLists(run, rule, root, heldIn)
  noteBlind(run, rule, open.blindness())
}

const cleanByLists = async (run: Run, rule: ReadyRule, root: string, heldIn: HeldIn): Promise<void> => {
  const { host } = run.context
  // What depends on all of them is decided at the end.
  const needsAll = rule.keepNewest > 0 || rule.maxTotalBytes !== null
  const candidates: Candidate[] = []
  const folders = makeEmptyFolders(rule, host.now())
  for (const step of run.tree.walk(root, rule)) {
    if (step.kind === 'skipped') {
      folders.noteKept()
      if (step.failed) failAgain(run, step.path, step.reason, step.inode)
      else skip(run, step.path, step.reason)
      if (step.reason === mountedMeanwhile) return
    } else if (step.kind === 'entries') {
      folders.enter(step.folder, step.entries.length)
      const stale: TreeEntry[] = []
      for (const entry of step.entries) {
        if (entry.kind === 'folder') continue
        if (run.rehearsal?.isGone(step.folder, entry)) {
          folders.noteRemoved(step.folder, 1)
          continue
        }
        const fate = fateOf(entry, rule, host.now(), (one) => heldIn(step.folder, one))
        if (fate.kind === 'kept') skip(run, pathOf(step.folder, entry), fate.reason)
        if (needsAll && isRemovable(entry) && fate.kind !== 'out')
          candidates.push({
            folder: step.folder,
            entry,
            stampMs: stampOf(entry, rule.ageBy),
            sizeBytes: entry.sizeBytes,
            stale: fate.kind === 'stale',
            isTold: fate.kind === 'kept',
          })
        else if (fate.kind === 'stale') stale.push(entry)
        else if (fate.kind === 'young') run.cleaned.kept++
      }
      folders.noteRemoved(step.folder, (await remove(run, rule, step.folder, stale)).count)
    } else if (!needsAll) {
      await leaveFolder(run, rule, folders, step.folder, heldIn)
    }
    if (await isTimeUp(run)) return
  }
  if (!needsAll) return
  await removeChosen(run, rule, candidates, heldIn)
  if (rule.emptyDirs && !run.cleaned.isUnfinished) await removeEmpty(run, rule, root, heldIn)
}

/** After files were chosen among all of them: another walk, for folders alone. */
const removeEmpty = async (run: Run, rule: ReadyRule, root: string, heldIn: HeldIn): Promise<void> => {
  const folders = makeEmptyFolders(rule, run.context.host.now())
  for (const step of run.tree.walk(root, rule)) {
    if (step.kind === 'skipped') {
      folders.noteKept()
      // All else was told by the walk before.
      if (step.reason === mountedMeanwhile) fail(run, step.path, step.reason)
    } else if (step.kind === 'entries') folders.enter(step.folder, step.entries.length)
    else await leaveFolder(run, rule, folders, step.folder, heldIn)
    if (await isTimeUp(run)) return
  }
}

const leaveFolder = async (
  run: Run,
  rule: ReadyRule,
  folders: ReturnType<typeof makeEmptyFolders>,
  folder: TreeFolder,
  heldIn: HeldIn,
): Promise<void> => {
  const empty = folders.leave(folder)
  if (empty === null) return
  if (run.rehearsal?.isGone(empty.parent, empty.entry)) return folders.noteRemoved(empty.parent, 1)
  const held = heldIn(empty.parent, empty.entry)
  if (held !== null) skip(run, pathOf(empty.parent, empty.entry), held)
  else
    folders.noteRemoved(empty.parent, (await remove(run, rule, empty.parent, [empty.entry], 'folder')).count)
}

const removeChosen = async (
  run: Run,
  rule: ReadyRule,
  candidates: readonly Candidate[],
  heldIn: HeldIn,
): Promise<void> => {
  const choice = makeChoice(candidates, rule)
  let chosen = 0
  for (let going = choice.next(); going.length > 0; going = choice.next()) {
    chosen += going.length
    for (const [folder, some] of partsOf(going)) {
      const { stay } = await removeUnheld(
        run,
        rule,
        folder,
        some.map(({ entry }) => entry),
        heldIn,
      )
      for (const one of some) if (stay.has(one.entry)) choice.stays(one)
      if (await isTimeUp(run)) break
    }
    if (run.cleaned.isUnfinished) break
  }
  run.cleaned.kept += candidates.filter(({ isTold }) => !isTold).length - chosen
}

/** Those of one folder together, but not too many. */
const partsOf = (candidates: readonly Candidate[]): [TreeFolder, Candidate[]][] => {
  const byFolder = new Map<TreeFolder, Candidate[]>()
  for (const one of candidates) {
    const there = byFolder.get(one.folder)
    if (there) there.push(one)
    else byFolder.set(one.folder, [one])
  }
  const parts: [TreeFolder, Candidate[]][] = []
  for (const [folder, all] of byFolder)
    for (let from = 0; from < all.length; from += atOnce) parts.push([folder, all.slice(from, from + atOnce)])
  return parts
}
