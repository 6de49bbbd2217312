import type { CleanupRule } from '../../config/sections/cleanup.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { mayHang, mountLookup } from '../../core/mounts.ts'
import type { TreeEntry, TreeFolder } from '../../core/tree.ts'
import type { HostTree } from '../../host/host.ts'
import { chosenOf, fateOf, stampOf } from '../../plan/cleanup.ts'
import type { RunContext } from '../command.ts'
import { type Leftover, overdueSecondsOf } from './leftover.ts'
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
  return rules.map((rule, i) => {
    const isFirst = rules.findIndex(({ path }) => path === rule.path) === i
    const nothing: Leftover = {
      item: isFirst ? rule.path : `${rule.path} (cleanup[${i}])`,
      ...{ path: rule.path, atMs: host.now(), files: 0, bytes: 0, staleSinceMs: null, complete: true },
      ...{ overdueSeconds: overdueSecondsOf(rule.older_than * 1000), refused: null },
    }
    try {
      const ready = readyRule(context, rule, exitCode.badConfig, `cleanup[${i}] `)
      if (ready.root === null) return nothing
      // A dead server is behind it for all that is known: a look could not be ended.
      if (isRemote(context, ready.root)) return { ...nothing, complete: false }
      return { ...nothing, ...staleOf(context, tree, ready, ready.root, isOver) }
    } catch (error) {
      if (!(error instanceof HealthError)) throw error
      return { ...nothing, refused: error.message }
    }
  })
}

const isRemote = ({ host }: RunContext, root: string): boolean => {
  const mounts = host.files.mounts()
  const mount = mounts.kind === 'value' ? mountLookup(mounts.value)(root) : null
  return mount !== null && mayHang(mount.type)
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
  for (const step of tree.walk(root, rule)) {
    if (step.kind !== 'entries') continue
    for (const entry of step.entries) {
      if (entry.kind !== 'file' && entry.kind !== 'symlink') continue
      const fate = fateOf(entry, rule, host.now(), () => false)
      if (fate.kind === 'out') continue
      const { sizeBytes } = entry
      found.push({
        ...{ folder: step.folder, entry, sizeBytes },
        ...{ stampMs: stampOf(entry, rule.ageBy), stale: fate.kind === 'stale' },
      })
    }
    if (isOver(step.entries.length)) {
      complete = false
      break
    }
  }
  // Of a part of them nobody can say which are the newest.
  if (!complete && (rule.keepNewest > 0 || rule.maxTotalBytes !== null)) return { complete }
  const going = [...chosenOf(found, rule)]
  const free = rule.keepOpen ? withoutOpen(tree, going) : going
  const oldest = free.reduce((min, { stampMs }) => Math.min(min, stampMs), Number.POSITIVE_INFINITY)
  return {
    complete,
    files: free.length,
    bytes: free.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    staleSinceMs: free.length === 0 ? null : oldest + rule.olderThanMs,
  }
}

/** What a process has open is no leftover. Where that cannot be seen, nothing is said of it: cleanup-tmp says so itself. */
const withoutOpen = (tree: HostTree, going: readonly Stale[]): readonly Stale[] => {
  if (going.length === 0) return going
  const open = tree.openFiles()
  return open.look() === null ? going.filter(({ folder, entry }) => !open.isOpen(folder, entry)) : []
}
