import { hasExe } from '../../checks/observe/process-match.ts'
import { userId } from '../../checks/observe/user-id.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { OrphanCandidate } from '../../plan/orphans.ts'
import type { Seen } from './see-host.ts'

// What config/regex.ts lets through takes the square of this at worst; anybody may start a program with long arguments.
const matchedCharacters = 4096

/** Whom the rule is about; what could not be seen, in words, when it cannot be told. */
export const candidatesOf = (seen: Seen, rule: OrphanRule): OrphanCandidate[] | string => {
  const { host, scan, scopePids, containedPids } = seen
  const pattern = rule.match == null ? null : new RegExp(rule.match)
  const user = rule.user == null ? null : userId(host, rule.user)
  if (user !== null && user.kind !== 'value')
    return user.kind === 'failed' ? `${user.what} ${clip(user.detail, 100)}` : `${user.what} is not there`
  const uid = user?.value ?? null
  const candidates: OrphanCandidate[] = []
  for (const stat of scan.processes) {
    const { pid } = stat
    if (stat.isKernelThread || pid === host.pid) continue
    if (scopePids === null ? containedPids.has(pid) : !scopePids.has(pid)) continue
    if (pattern !== null && !pattern.test(seen.commandLine(pid).slice(0, matchedCharacters))) continue
    if (scopePids === null && !isOfOurNamespace(host, pid)) continue
    const memory = valueOrNull(host.processes.memory(pid))
    if (uid !== null && memory?.uid !== uid) continue
    const runsIt = hasExe(seen, pid, rule.exe ?? null)
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

/**
 * Without `container:` a rule is about the host: what any engine, or unshare(1), has put into a pid namespace of its own is
 * not (proc(5): NSpid has a number for each namespace from ours down). Not readable: it counts as elsewhere.
 */
const isOfOurNamespace = (host: Host, pid: number): boolean =>
  /^NSpid:\s+\d+$/m.test(valueOrNull(host.files.readText(`/proc/${pid}/status`)) ?? '')
