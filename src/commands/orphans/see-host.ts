import { containerCgroup } from '../../checks/observe/container-cgroup.ts'
import { clip } from '../../core/escape.ts'
import type { ContainerFacts, ProcessMemory, ProcessScan, ProcessStat } from '../../core/facts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parsePidStatus } from '../../parse/pid-status.ts'
import { type Protection, protectedProcesses } from '../../plan/protected.ts'

/** One look at the host, for all rules. What is read of a process is read once. */
export interface Seen {
  host: Host
  scan: ProcessScan
  byPid: ReadonlyMap<number, ProcessStat>
  seenAtMs: number
  protections: Map<number, Protection>
  /** Containers that run here, and the pids in each by its id. */
  running: readonly ContainerFacts[]
  pidsOf: ReadonlyMap<string, number[]>
  containerInits: ReadonlySet<number>
  /** Pids in containers, which a rule without `container:` is not about. */
  containedPids: ReadonlySet<number>
  /** Raw; the name in brackets where there is none. */
  commandLine(pid: number): string
  details(pid: number): ProcessDetails
  startedAt(stat: ProcessStat): number | null
}

export interface ProcessDetails {
  /** Null: not to be read. */
  memory: ProcessMemory | null
  /** Its pids, in our namespace first and then in each below (proc(5), NSpid); empty: not to be read. */
  namespacePids: readonly number[]
}

/** What is missing, in words, when not all of it could be seen: then nothing may be called an orphan. */
export const seeHost = async (host: Host): Promise<Seen | string> => {
  const seenAtMs = host.elapsedMs()
  const scan = host.processes.scan()
  if (scan.kind !== 'value') return 'the processes could not be listed'
  if (!scan.value.complete) return 'processes of other users are hidden (hidepid)'
  const containers = await host.engine.containers()
  if (containers.kind === 'failed') return `the containers could not be asked: ${containers.detail}`
  const running = (valueOrNull(containers) ?? []).filter(({ pid }) => pid !== null)
  const pidsOf = new Map<string, number[]>()
  for (const { id, name, pid } of running) {
    const cgroup = containerCgroup(host.cgroups, id, pid ?? -1)
    const pids = cgroup.kind === 'value' ? host.cgroups.pids(cgroup.value) : cgroup
    if (pids.kind !== 'value') return `the processes of container ${clip(name, 60)} could not be listed`
    pidsOf.set(id, pids.value)
  }
  const { processes } = scan.value
  const details = once((pid) => detailsOf(host, pid))
  const byPid = new Map(processes.map((stat) => [stat.pid, stat]))
  const bootAtMs = valueOrNull(host.processes.bootAtMs())
  return {
    host,
    scan: scan.value,
    byPid,
    seenAtMs,
    protections: protectedProcesses({
      processes,
      selfPid: host.pid,
      uidOf: (pid) => details(pid).memory?.uid ?? null,
    }),
    running,
    pidsOf,
    containerInits: new Set(running.flatMap(({ pid }) => (pid === null ? [] : [pid]))),
    containedPids: new Set([...pidsOf.values()].flat()),
    commandLine: once(
      (pid) => valueOrNull(host.processes.commandLine(pid)) || `[${byPid.get(pid)?.comm ?? '?'}]`,
    ),
    details,
    startedAt: ({ startTicks }) =>
      bootAtMs === null ? null : bootAtMs + (startTicks * 1000) / host.processes.ticksPerSecond,
  }
}

const once = <T>(read: (pid: number) => T): ((pid: number) => T) => {
  const known = new Map<number, T>()
  return (pid) => {
    const before = known.get(pid)
    if (before !== undefined) return before
    const now = read(pid)
    known.set(pid, now)
    return now
  }
}

const detailsOf = (host: Host, pid: number): ProcessDetails => {
  const status = valueOrNull(host.processes.status(pid)) ?? ''
  const numbers = /^NSpid:([\d\t ]+)$/m.exec(status)?.[1] ?? ''
  return {
    memory: valueOrNull(parsePidStatus(status)),
    namespacePids: (numbers.match(/\d+/g) ?? []).map(Number),
  }
}
