import type { SweepOrder, SweepWish } from '../../src/core/sweep.ts'

/** Of all files below a folder that are older than a second. */
export const usualWish: SweepWish = {
  ...{ match: [], exclude: [], olderThanMs: 1000, ageBy: 'mtime', minBytes: null, uids: null },
}

export const sweepOrder = (root: string, more: Partial<SweepOrder> = {}): SweepOrder => ({
  ...{ root, recurse: true, oneFileSystem: true, keepOpen: false },
  ...{ mountPoints: [], mountIds: [], reachedBy: null, known: [], wish: usualWish },
  ...more,
})
