import { closeSync, fstatSync, readSync, writeSync } from 'node:fs'
import type { HelperOrder, HelperTask, Judge, SweepWish, SweptPart } from '../core/sweep.ts'
import { loadFolderCalls } from './folder-calls.ts'
import { lookedEntry } from './looked-entry.ts'
import { monotonicMs } from './monotonic.ts'
import { isReachedBy, mountIdOf, mountJudge } from './mount-id.ts'
import { openFolder } from './open-folder.ts'
import { readOpenInodes } from './open-inodes.ts'
import { makeOpenLook } from './open-look.ts'
import { type Sweep, sweepFolder } from './sweep-folder.ts'
import { loadLibrary } from './syscalls.ts'
import { inodeOf } from './walk-tree.ts'

/**
 * The life of a helper: an order, then folders, each a line of JSON on stdin; what became of them on stdout. It waits in
 * read(2) and not in an event loop. The kernel ends it with its parent.
 */
export const serveSweep = async (judgeOf: (wish: SweepWish) => Judge): Promise<void> => {
  await endWithParent()
  const calls = await loadFolderCalls()
  const nextLine = makeLines(0)
  const first = nextLine()
  if (calls === null || first === null) return
  const { order, rootInode } = JSON.parse(first) as HelperOrder
  const rootFd = openFolder(order.root, [])
  const stat = fstatSync(rootFd)
  const mountId = mountIdOf(rootFd)
  if (inodeOf(stat) !== rootInode || !isReachedBy(order.reachedBy, { mountId, device: stat.dev })) return
  const base = { root: '/', live: true, uid: process.getuid?.() ?? -1, pid: process.pid, env: {} }
  const look = makeOpenLook(() => readOpenInodes({ ...base, at: (path) => path }), monotonicMs, order.root)
  const sweep: Sweep = {
    calls,
    entry: lookedEntry(calls),
    order,
    mountPoints: new Set(order.mountPoints),
    known: new Set(order.known),
    judge: judgeOf(order.wish),
    heldBy: (path, entry) => (order.keepOpen ? look.heldBy({ path }, entry) : null),
    blindness: look.blindness,
    now: Date.now,
    halves: false,
    rootFd,
    device: stat.dev,
    mayEnter: mountJudge(mountId, order.mountIds),
  }
  say(null)
  for (let line = nextLine(); line !== null; line = nextLine()) {
    const { folders, names } = JSON.parse(line) as HelperTask
    for (const folder of folders) for (const part of sweepFolder(sweep, folder, names)) say(part)
    say(null)
  }
  closeSync(rootFd)
}

/** prctl(2), PR_SET_PDEATHSIG with SIGKILL. */
const endWithParent = async (): Promise<void> => {
  const parent = process.ppid
  const prctl = (await loadLibrary())?.find('int prctl(int, long, long, long, long)')
  prctl?.(1, 9, 0, 0, 0)
  if (process.ppid !== parent) process.exit(1)
}

const say = (part: SweptPart | null): void => {
  const bytes = Buffer.from(`${JSON.stringify(part)}\n`)
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at)
}

/** Null: its other end was closed. */
const makeLines = (fd: number): (() => string | null) => {
  const chunk = Buffer.alloc(65_536)
  let rest = Buffer.alloc(0)
  return () => {
    for (;;) {
      const end = rest.indexOf(0x0a)
      if (end >= 0) {
        const line = rest.toString('utf8', 0, end)
        rest = rest.subarray(end + 1)
        return line
      }
      const length = readSync(fd, chunk, 0, chunk.length, null)
      if (length === 0) return null
      rest = Buffer.concat([rest, chunk.subarray(0, length)])
    }
  }
}
