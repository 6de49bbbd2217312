import { hasExe } from '../../checks/observe/process-match.ts'
import { userId } from '../../checks/observe/user-id.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { mapReading, type Reading, value } from '../../core/reading.ts'
import type { OrphanCandidate } from '../../plan/orphans.ts'
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

/** Whom the rule is about of those its expression fits; what could not be seen, in words, when it cannot be told. */
export const candidatesOf = (
  seen: Seen,
  rule: OrphanRule,
  isOfHost: boolean,
  matched: readonly ProcessStat[],
): OrphanCandidate[] | string => {
  const { host } = seen
  const uid = uidOf(seen, rule)
  if (uid.kind !== 'value')
    return uid.kind === 'failed' ? `${uid.what} ${clip(uid.detail, 100)}` : `${uid.what} is not there`
  const candidates: OrphanCandidate[] = []
  for (const stat of matched) {
    const { memory, namespacePids } = seen.details(stat.pid)
    // Without `container:` a rule is about the host: what any engine, or unshare(1), has put into a pid namespace of its
    // own is not. Not readable: it counts as elsewhere.
    if (isOfHost && namespacePids.length !== 1) continue
    if (uid.value !== null && memory?.uid !== uid.value) continue
    const runsIt = hasExe(seen, stat.pid, rule.exe ?? null)
    if (runsIt.kind !== 'value' || !runsIt.value) continue
    const startedAtMs = seen.startedAt(stat)
    candidates.push({
      stat,
      ageSeconds: startedAtMs === null ? null : (host.now() - startedAtMs) / 1000,
      memoryBytes: memory === null ? null : memory.rssBytes + memory.swapBytes,
    })
  }
  return candidates
}

const uidOf = ({ host }: Seen, { user }: OrphanRule): Reading<number | null> =>
  user == null ? value(null) : mapReading(userId(host, user), (uid): number | null => uid)
