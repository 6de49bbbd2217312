import type { CleanupRule } from '../../config/sections/cleanup.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import { type TreeEntry, type TreeFolder, tooDeep } from '../../core/tree.ts'
import type { Host, HostTree } from '../../host/host.ts'
import { fateOf, isRemovable, makeChoice, stampOf } from '../../plan/cleanup.ts'
import type { RunContext } from '../command.ts'
import { type Leftover, overdueSecondsOf } from './leftover.ts'
import { isRemote } from './remote.ts'
import { type ReadyRule, readyRule } from './rules.ts'

/** Of all rules together; a look that ends there knows less, and what it knows is true. */
const [maxEntries, maxMs] = [50_000, 200]

interface Stale {
  stampMs: number
  sizeBytes: number
  stale: boolean
  folder: TreeFolder
  entry: TreeEntry
}

export const lookForLeftovers = async (
  context: RunContext,
  rules: readonly CleanupRule[],
): Promise<Leftover[]> => {
  const { host } = context
  const tree = await host.tree()
  const endsAtMs = host.elapsedMs() + maxMs
  let entries = 0
  const isOver = (more: number): boolean => {
    entries += more
    return entries >= maxEntries || host.elapsedMs() >= endsAtMs
  }
  const seen: Leftover[] = []
  for (const [i, rule] of rules.entries()) {
    const isFirst = rules.findIndex(({ path }) => path === rule.path) === i
    const nothing: Leftover = {
      item: isFirst ? rule.path : `${rule.path} (cleanup[${i}])`,
      ...{ path: rule.path, atMs: host.now(), files: 0, bytes: 0, staleSinceMs: null, complete: true },
      ...{
        overdueSeconds: overdueSecondsOf(rule.older_than * 1000),
        refused: null,
        skipped: null,
        unread: null,
        openUnseen: null,
      },
    }
    // The server may be dead, and a look would never end.
    if (isRemote(host, valueOrNull(host.files.resolveLocal(rule.path))?.path ?? rule.path))
      seen.push({ ...nothing, skipped: 'a server or a program answers for its file system' })
    else seen.push({ ...nothing, ...(await seenOf(context, tree, rule, isOver)) })
  }
  return seen
}

const seenOf = async (
  context: RunContext,
  tree: HostTree,
  rule: CleanupRule,
  isOver: (entries: number) => boolean,
): Promise<Partial<Leftover>> => {
  try {
    const ready = await readyRule(context, rule, false)
    return ready.root === null ? {} : staleOf(context, tree, ready, ready.root, isOver)
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    // Otherwise it could not be told whether it is.
    return error.code === exitCode.usage ? { refused: error.message } : { unread: error.message }
  }
}

const staleOf = (
  { host }: RunContext,
  tree: HostTree,
  rule: ReadyRule,
  root: string,
  isOver: (entries: number) => boolean,
): Partial<Leftover> => {
  const found: Stale[] = []
  let complete = true
  let timeIsUp = false
  let unread: string | null = null
  for (const step of tree.walk(root, rule)) {
    if (step.kind === 'skipped' && step.failed) {
      if (isAnyones(host, step.reason)) complete = false
      else unread ??= `${clip(step.path, 200)}: ${step.reason}`
    }
    if (step.kind !== 'entries') continue
    // Only what comes after it is not looked at: of a small folder all is known, however slow the host is.
    if (timeIsUp) {
      complete = false
      break
    }
    for (const entry of step.entries) {
      if (!isRemovable(entry)) continue
      const fate = fateOf(entry, rule, host.now(), () => null)
      if (fate.kind === 'out') continue
      const { sizeBytes } = entry
      found.push({
        ...{ folder: step.folder, entry, sizeBytes },
        ...{ stampMs: stampOf(entry, rule.ageBy), stale: fate.kind === 'stale' },
      })
    }
    timeIsUp = isOver(step.entries.length)
  }
  // Of a part of them nobody can say which are the newest.
  if ((!complete || unread !== null) && (rule.keepNewest > 0 || rule.maxTotalBytes !== null))
    return unread === null ? { skipped: 'there is more in it than is looked at here' } : { unread }
  const going = makeChoice(found, rule).next()
  const { free, openUnseen } = rule.keepOpen
    ? withoutOpen(tree, root, going)
    : { free: going, openUnseen: null }
  const oldest = free.reduce((min, { stampMs }) => Math.min(min, stampMs), Number.POSITIVE_INFINITY)
  return {
    ...{ complete, unread, openUnseen },
    files: free.length,
    bytes: free.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    staleSinceMs: free.length === 0 ? null : oldest + rule.olderThanMs,
  }
}

/** Folders that an ordinary user may not read are not for him to clean; and anybody can make what lies too deep. */
const isAnyones = ({ uid }: Host, reason: string): boolean =>
  reason === tooDeep || (uid !== 0 && reason.endsWith('(EACCES)'))

/** What a process has open is no leftover. Where that cannot be seen, all of them may be. */
const withoutOpen = (
  tree: HostTree,
  root: string,
  going: readonly Stale[],
): { free: readonly Stale[]; openUnseen: string | null } => {
  if (going.length === 0) return { free: going, openUnseen: null }
  const open = tree.openFiles(root)
  const openUnseen = open.look()
  if (openUnseen !== null) return { free: going, openUnseen }
  return { free: going.filter(({ folder, entry }) => open.heldBy(folder, entry) === null), openUnseen }
}
