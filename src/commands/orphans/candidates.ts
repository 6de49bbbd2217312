import { hasExe } from '../../checks/observe/process-match.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import type { ProcessStat } from '../../core/facts.ts'
import type { OrphanCandidate } from '../../plan/orphans.ts'
import { isOfHereBy } from './process-reader.ts'
import type { Seen } from './see-host.ts'

/** Processes a rule may be about, before anything of them is read. */
export const inScope = (
  { host, scan, containedPids }: Seen,
  scopePids: ReadonlySet<number> | null,
): ProcessStat[] =>
  scan.processes.filter(
    ({ pid, isKernelThread }) =>
      !isKernelThread &&
      pid !== host.pid &&
      (scopePids === null ? !containedPids.has(pid) : scopePids.has(pid)),
  )

export interface Candidates {
  found: OrphanCandidate[]
  /** Of these it may not be seen whether they run the rule's program; all else fits. */
  unseen: OrphanCandidate[]
  /** One that the expression fits has ended before the rest of him was read. */
  hasLost: boolean
}

/** Whom the rule is about of those its expression fits. */
export const candidatesOf = (
  seen: Seen,
  rule: OrphanRule,
  { isOfHost, uid }: { isOfHost: boolean; uid: number | null },
  matched: readonly ProcessStat[],
): Candidates => {
  const { host } = seen
  const found: OrphanCandidate[] = []
  const unseen: OrphanCandidate[] = []
  let hasLost = false
  // The rest of status, five times as dear as the one link, is read at once with what decides, or else by who shows it.
  const needsStatus = !isOfHost || uid !== null || rule.max_memory != null
  for (const stat of matched) {
    const { pid } = stat
    const isHere = needsStatus ? isOfHereBy(seen.details(pid)) : seen.isOfHere(pid)
    hasLost ||= isHere === null && host.live && host.processes.stat(pid).kind !== 'value'
    // Without `container:` a rule is about the host: what any engine, or unshare(1), has put into a pid namespace of its
    // own is not. Not readable: it counts as elsewhere.
    if (isOfHost && isHere !== true) continue
    if (uid !== null && seen.details(pid).uid !== uid) continue
    const runsIt = hasExe(seen.executable, pid, rule.exe ?? null)
    const isUnseen = runsIt.kind === 'failed' && runsIt.cause !== 'vanished'
    if (!isUnseen && !(runsIt.kind === 'value' && runsIt.value)) continue
    const startedAtMs = seen.startedAt(stat)
    const into = isUnseen ? unseen : found
    into.push({
      stat,
      ageSeconds: startedAtMs === null ? null : (host.now() - startedAtMs) / 1000,
      get memoryBytes() {
        const { memory } = seen.details(pid)
        return memory === null ? null : memory.rssBytes + memory.swapBytes
      },
    })
  }
  return { found: [...found, ...zombiesOf(seen, found)], unseen, hasLost }
}

/** They have neither a command line nor a program any more, and are told with the parent that does not reap them. */
const zombiesOf = ({ zombies }: Seen, found: readonly OrphanCandidate[]): OrphanCandidate[] => {
  if (zombies.length === 0) return []
  const pids = new Set(found.map(({ stat }) => stat.pid))
  return zombies
    .filter(({ pid, ppid }) => pids.has(ppid) && !pids.has(pid))
    .map((stat) => ({ stat, ageSeconds: null, memoryBytes: 0 }))
}
