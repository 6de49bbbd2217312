import { closeSync, fstatSync } from 'node:fs'
import type { ActionResult, SweepAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import { mountedMeanwhile } from '../core/mounts.ts'
import { formatDuration } from '../core/units.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import { type FolderCalls, loadFolderCalls } from './folder-calls.ts'
import { lookedEntry } from './looked-entry.ts'
import { monotonicMs } from './monotonic.ts'
import { isReachedBy, mountIdOf, mountJudge } from './mount-id.ts'
import { openFolder } from './open-folder.ts'
import { readOpenInodes } from './open-inodes.ts'
import { makeOpenLook } from './open-look.ts'
import { startHelper } from './sweep-crew.ts'
import type { Sweep } from './sweep-folder.ts'
import { type HelperBounds, helperBounds, sweepQueue } from './sweep-queue.ts'
import { inodeOf, reasonOf } from './walk-tree.ts'

export interface SweepParts {
  base: HostBase
  log(...lines: LogLine[]): void
  /** For tests: another helper, or null for none, and when. */
  helper?: typeof startHelper | null
  helperFrom?: HelperBounds
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
  const mountId = mountIdOf(rootFd)
  if (!isReachedBy(order.reachedBy, { mountId, device: stat.dev }))
    return { outcome: 'failed', detail: mountedMeanwhile }
  const look = makeOpenLook(() => readOpenInodes(base), monotonicMs, order.root)
  const sweep: Sweep = {
    calls,
    entry: lookedEntry(calls),
    order,
    mountPoints: new Set(order.mountPoints),
    known: new Set(order.known),
    judge: action.judge,
    heldBy: (path, entry) => (order.keepOpen ? look.heldBy({ path }, entry) : null),
    blindness: look.blindness,
    now: Date.now,
    halves: begin !== null,
    rootFd,
    device: stat.dev,
    mayEnter: mountJudge(mountId, order.mountIds),
  }
  await sweepQueue({
    ...{
      action,
      sweep,
      helperFrom,
      log,
      seen: 0,
      failed: 0,
      heardAtMs: 0,
      turnAtMs: 0,
      askAtMs: 0,
      helper: null,
      lines: [],
    },
    queue: [{ names: [], path: order.root, inode: rootInode }],
    begin: begin === null ? null : () => begin({ order, rootInode }),
  })
  return { outcome: 'done', detail: '' }
}
