import { closeSync, fstatSync } from 'node:fs'
import type { ActionResult, SweepAction } from '../core/action.ts'
import { clip, escapeControl } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import type { FolderToSweep, SweptPart } from '../core/sweep.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { type FolderCalls, loadFolderCalls } from './folder-calls.ts'
import { monotonicMs } from './monotonic.ts'
import { openFolder } from './open-folder.ts'
import { readOpenInodes } from './open-inodes.ts'
import { makeOpenLook } from './open-look.ts'
import { type SweepHelper, startHelper } from './sweep-crew.ts'
import { type Sweep, sweepFolder } from './sweep-folder.ts'
import { inodeOf, reasonOf } from './walk-tree.ts'

/** A second process pays for its start (40 ms) from about so many entries on, when folders wait; `own` are not given away. */
const helperBounds = { entries: 4000, folders: 48, own: 4 }
/** So long this process works before it looks for answers; and before the command is asked whether it goes on. */
const [turnMs, askMs] = [2, 50]
/** When the time is up, what a helper is at is waited for so long. */
const lastAnswersMs = 1000

export interface SweepParts {
  base: HostBase
  log(...lines: LogLine[]): void
  /** For tests: another helper, or null for none, and when. */
  helper?: typeof startHelper | null
  helperFrom?: typeof helperBounds
}

/**
 * Looks at all below a folder and removes what is stale, folder by folder. It is logged before as a whole, and after
 * each folder with what went, since what is stale is seen and removed in one go.
 */
export const sweepChange = (action: SweepAction, parts: SweepParts): Change => ({
  words: `remove ${wishWords(action)} from ${action.order.root}`,
  obstacle: () => null,
  perform: async () => {
    const calls = await loadFolderCalls()
    if (calls === null) return { outcome: 'skipped', detail: 'the system calls for it cannot be made here' }
    let rootFd: number
    try {
      rootFd = openFolder(action.order.root, [])
    } catch (error) {
      return errnoOf(error) === 'ENOENT'
        ? { outcome: 'done', detail: '' }
        : { outcome: 'failed', detail: reasonOf(error) }
    }
    try {
      return await sweepAll(action, parts, calls, rootFd)
    } finally {
      closeSync(rootFd)
    }
  },
})

const wishWords = ({ order: { wish } }: SweepAction): string => {
  const names = wish.match.length === 0 ? '' : ` named ${wish.match.join(', ')}`
  const by = wish.ageBy === 'newest' ? '' : ` by ${wish.ageBy}`
  return clip(`what is${names} older than ${formatDuration(wish.olderThanMs / 1000)}${by}`, 300)
}

const sweepAll = async (
  action: SweepAction,
  { base, log, helper: begin = startHelper, helperFrom = helperBounds }: SweepParts,
  calls: FolderCalls,
  rootFd: number,
): Promise<ActionResult> => {
  const { order } = action
  const stat = fstatSync(rootFd)
  const rootInode = inodeOf(stat)
  const look = makeOpenLook(() => readOpenInodes(base), monotonicMs)
  const sweep: Sweep = {
    calls,
    order,
    mountPoints: new Set(order.mountPoints),
    known: new Set(order.known),
    judge: action.judge,
    isOpen: (path, entry) => order.keepOpen && look.isOpen({ path }, entry),
    now: Date.now,
    rootFd,
    device: stat.dev,
  }
  const queue: FolderToSweep[] = [{ names: [], path: order.root, inode: rootInode }]
  const lines: LogLine[] = []
  let seen = 0
  let [turnAtMs, askAtMs] = [0, 0]
  let helper: SweepHelper | null = null
  let mayHaveHelper = begin !== null
  const take = (part: SweptPart): void => {
    seen += part.entries
    queue.push(...part.below)
    if (part.removed > 0) lines.push(lineOf(part))
    action.take(part)
  }
  const flush = (): void => {
    if (lines.length > 0) log(...lines.splice(0))
  }
  /** Whether to stop. */
  const rest = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (helper !== null) {
      helper.take().forEach(take)
      if (helper.isOver()) {
        // Ended by somebody: what it was at is looked at again, here.
        queue.push(...helper.pending())
        helper = null
      }
      helper?.feed(queue, action.namesWanted(), helperFrom.own)
    }
    turnAtMs = monotonicMs() + turnMs
    if (monotonicMs() < askAtMs) return false
    flush()
    askAtMs = monotonicMs() + askMs
    return action.isOver()
  }
  const finish = async (): Promise<void> => {
    const endsAtMs = monotonicMs() + lastAnswersMs
    while (helper !== null && !helper.isOver() && helper.pending().length > 0 && monotonicMs() < endsAtMs) {
      await helper.next(endsAtMs - monotonicMs())
      helper.take().forEach(take)
    }
    helper?.kill()
    flush()
  }
  try {
    for (;;) {
      const folder = queue.pop()
      if (folder === undefined) {
        if ((helper?.pending().length ?? 0) === 0) return { outcome: 'done', detail: '' }
        await helper?.next(askMs)
        if (await rest()) return { outcome: 'done', detail: '' }
        continue
      }
      for (const part of sweepFolder(sweep, folder, action.namesWanted())) {
        take(part)
        if (monotonicMs() >= turnAtMs && (await rest())) return { outcome: 'done', detail: '' }
      }
      if (mayHaveHelper && seen >= helperFrom.entries && queue.length >= helperFrom.folders) {
        mayHaveHelper = false
        helper = begin?.({ order, rootInode }) ?? null
      }
    }
  } finally {
    await finish()
  }
}

const lineOf = ({ folder, removed, removedBytes, names }: SweptPart): LogLine => ({
  level: 'INFO',
  text: escapeControl(
    `removed from ${folder.path}: ${removed === 1 ? '' : `${removed} files, `}${formatBytes(removedBytes)}: ${clip(names.slice(0, 20).join(', '), 300)}`,
  ),
})
