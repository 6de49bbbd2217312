import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import type { LimitRefusal } from '../../plan/limits.ts'

/**
 * What counts against its limit; null: it could not be measured, as of a container that runs on another host or was not
 * inspected in time. What does not run uses nothing.
 */
export const usedBytesOf = ({ memory, mainPid, state }: ServiceFacts): number | null => {
  if (memory.kind !== 'absent') return valueOrNull(memory)?.usedBytes ?? null
  return mainPid === null && state !== 'unknown' ? 0 : null
}

/** Why a limit is not set, and what sets it all the same. */
export const refusalWords = (host: Host, { pids }: ServiceFacts, refusal: LimitRefusal): string =>
  refusal.kind === 'use-not-known'
    ? 'what it uses now could not be measured, so what would be killed is not known; --force sets it all the same'
    : `it uses ${formatBytes(refusal.usedBytes)}, more than ${formatBytes(refusal.wantedBytes)}: the kernel would kill ${victimOf(host, pids)}; --force sets it all the same`

/** The biggest of it, which the kernel chooses as a rule. */
const victimOf = (host: Host, pids: readonly number[]): string => {
  const scan = valueOrNull(host.processes.scan())?.processes ?? []
  const own = scan.filter(({ pid }) => pids.includes(pid)).sort((a, b) => b.rssBytes - a.rssBytes)
  const [biggest] = own
  return biggest === undefined
    ? 'a process of it'
    : `${clip(biggest.comm, 40)} (${biggest.pid}, ${formatBytes(biggest.rssBytes)})`
}
