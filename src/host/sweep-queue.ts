import type { SweepAction } from '../core/action.ts'
import { clip, escapeControl } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import type { FolderToSweep, SweptPart } from '../core/sweep.ts'
import { formatBytes } from '../core/units.ts'
import { monotonicMs } from './monotonic.ts'
import type { SweepHelper } from './sweep-crew.ts'
import { type Sweep, sweepFolder } from './sweep-folder.ts'

/**
 * A second process pays for its start (40 ms) from about so many entries on, when folders wait, or when many of them do;
 * `own` are not given away. One that has said nothing for `silentMs` is given up.
 */
export const helperBounds = {
  ...{ entries: 4000, folders: 48, manyFolders: 400, own: 4 },
  ...{ askMs: 50, silentMs: 60_000 },
}
export type HelperBounds = typeof helperBounds

/** So long this process works before it looks for answers; after `askMs` the command is asked whether it goes on. */
const turnMs = 2
/** When the time is up, what a helper is at is waited for so long. */
const lastAnswersMs = 1000

/** A sweep that is under way. */
export interface SweepRun {
  action: SweepAction
  sweep: Sweep
  queue: FolderToSweep[]
  helper: SweepHelper | null
  helperFrom: HelperBounds
  /** Null: there has been one, or there is to be none. */
  begin: (() => SweepHelper | null) | null
  log(...lines: LogLine[]): void
  lines: LogLine[]
  /** Entries. */
  seen: number
  /** What could not be removed, or looked at. */
  failed: number
  /** When the helper last said something. */
  heardAtMs: number
  turnAtMs: number
  askAtMs: number
}

/** Folder after folder, with a helper when there are many, until there is none or the command says that it is over. */
export const sweepQueue = async (run: SweepRun): Promise<void> => {
  try {
    for (;;) {
      const folder = run.queue.pop()
      if (folder === undefined) {
        if (!isHelperBusy(run)) return
        if (await isOver(run)) return
        continue
      }
      for (const part of sweepFolder(run.sweep, folder, run.action.namesWanted())) {
        take(run, part)
        if (monotonicMs() >= run.turnAtMs && (await isOver(run))) return
      }
      if (paysForHelper(run)) wantHelper(run)
    }
  } finally {
    await finish(run)
  }
}

const paysForHelper = ({ seen, queue, helperFrom }: SweepRun): boolean =>
  queue.length >= helperFrom.manyFolders || (seen >= helperFrom.entries && queue.length >= helperFrom.folders)

const isHelperBusy = (run: SweepRun): boolean => {
  takeAnswers(run)
  return run.queue.length > 0 || (run.helper?.pending().length ?? 0) > 0
}

const take = (run: SweepRun, part: SweptPart): void => {
  if (part.isBig) {
    halve(run, part.folder)
    return
  }
  run.seen += part.entries
  for (const folder of part.below) run.queue.push(folder)
  if (part.removed > 0) run.lines.push(lineOf(part))
  for (const one of part.left) if (one.failed) noteFailed(run, one)
  run.action.take(part)
}

/** A file system that was mounted read-only refuses each of a million. */
const failuresLogged = 1000

const noteFailed = (run: SweepRun, { path, reason, inode }: SweptPart['left'][number]): void => {
  // The command knows how often that was told, and tells it.
  if (inode !== undefined && run.sweep.known.has(inode)) return
  run.failed++
  if (run.failed <= failuresLogged)
    run.lines.push({ level: 'WARN', text: `${escapeControl(path)} stays: ${reason}` })
}

const takeAnswers = (run: SweepRun): void => {
  const parts = run.helper?.take() ?? []
  if (parts.length > 0) run.heardAtMs = monotonicMs()
  for (const part of parts) take(run, part)
}

const wantHelper = (run: SweepRun): void => {
  if (run.begin !== null) run.helper = run.begin()
  run.begin = null
  run.heardAtMs = monotonicMs()
}

const halve = (run: SweepRun, folder: FolderToSweep): void => {
  wantHelper(run)
  run.queue.push({ ...folder, half: 0 })
  const other = { ...folder, half: 1 } as const
  if (run.helper === null) run.queue.push(other)
  else run.helper.give([other], run.action.namesWanted())
}

/** A turn for the event loop, the helper and now and then for the command. */
const isOver = async (run: SweepRun): Promise<boolean> => {
  const { helper, queue } = run
  if (queue.length === 0 && helper !== null) await helper.next(run.helperFrom.askMs)
  else await new Promise((resolve) => setImmediate(resolve))
  takeAnswers(run)
  if (helper?.isOver() || isSilent(run)) {
    // Ended or stopped by somebody: what it was at is looked at again, here. What stays of that is counted twice.
    for (const folder of helper?.pending() ?? []) queue.push(folder)
    helper?.kill()
    run.helper = null
  }
  run.helper?.feed(queue, run.action.namesWanted(), run.helperFrom.own)
  run.turnAtMs = monotonicMs() + turnMs
  if (monotonicMs() < run.askAtMs) return false
  flush(run)
  run.askAtMs = monotonicMs() + run.helperFrom.askMs
  return run.action.isOver()
}

const isSilent = (run: SweepRun): boolean => {
  if (run.helper === null || run.helper.pending().length === 0) run.heardAtMs = monotonicMs()
  return monotonicMs() - run.heardAtMs > run.helperFrom.silentMs
}

/** Answers that are not taken would end each wait at once, and nothing more would be read. */
const takeLast = async (run: SweepRun, helper: SweepHelper, isEnough: () => boolean): Promise<void> => {
  const endsAtMs = monotonicMs() + lastAnswersMs
  for (;;) {
    takeAnswers(run)
    if (helper.isOver() || isEnough() || monotonicMs() >= endsAtMs) return
    await helper.next(endsAtMs - monotonicMs())
  }
}

const finish = async (run: SweepRun): Promise<void> => {
  const { helper } = run
  if (helper !== null) {
    await takeLast(run, helper, () => helper.pending().length === 0)
    // What it was at is cut off, what it had said before is still read.
    if (helper.pending().length > 0) helper.end()
    if (helper.pending().length > 0) await takeLast(run, helper, helper.isOver)
  }
  helper?.kill()
  if (run.failed > failuresLogged)
    run.lines.push({
      level: 'WARN',
      text: `and ${run.failed - failuresLogged} more could not be removed`,
    })
  flush(run)
}

const flush = ({ log, lines }: SweepRun): void => {
  if (lines.length > 0) log(...lines.splice(0))
}

const lineOf = ({ folder, removed, removedBytes, names }: SweptPart): LogLine => ({
  level: 'INFO',
  text: escapeControl(
    `removed from ${folder.path}: ${removed === 1 ? '' : `${removed} files, `}${formatBytes(removedBytes)}: ${clip(names.slice(0, 20).join(', '), 300)}`,
  ),
})
