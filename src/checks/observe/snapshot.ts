import type { ProcessScan, ProcessStat } from '../../core/facts.ts'
import { failed, type Reading, value, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { bootIdOf } from '../boot-id.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import { type ProcessTree, processTree } from './process-tree.ts'

/** What the services of one run are looked up in: one scan of the processes, each command line read once at most. */
export interface Snapshot {
  host: Host
  nowMs: number
  bootId: string
  scan: Reading<ProcessScan>
  /** Empty when the scan failed. */
  tree: ProcessTree
  /** Empty where it cannot be read. */
  commandLine(pid: number): string
  /** The processes that may be a service. */
  candidates(): Candidate[]
  /** Of these, those that an expression of the config fits (expressions.ts). */
  matched: Map<string, Reading<ProcessStat[]>>
  /** Of the users that the config names for processes. */
  userIds: Map<string, Reading<number>>
  uptimeSeconds(pid: number): Reading<number>
  /** All pages of shared memory on the host; null where /proc/meminfo does not say. */
  hostShmemBytes: number | null
}

export const takeSnapshot = (host: Host, hostShmemBytes: number | null): Snapshot => {
  const scan = host.processes.scan()
  const tree = processTree(scan.kind === 'value' ? scan.value.processes : [])
  const commandLines = new Map<number, string>()
  const commandLine = (pid: number): string => {
    const known = commandLines.get(pid)
    if (known !== undefined) return known
    const line = valueOrNull(host.processes.commandLine(pid)) ?? ''
    commandLines.set(pid, line)
    return line
  }
  let candidates: Candidate[] | null = null
  return {
    host,
    nowMs: host.now(),
    bootId: bootIdOf(host),
    scan,
    tree,
    hostShmemBytes,
    commandLine,
    matched: new Map(),
    userIds: new Map(),
    candidates() {
      candidates ??= candidatesOf(tree, host.live ? host.pid : null, commandLine)
      return candidates
    },
    uptimeSeconds: (pid) => uptimeOf(host, tree, pid),
  }
}

/** When a process started, in epoch milliseconds of the clock as it stands now. */
export const startedAtMs = (host: Host, startTicks: number): Reading<number> => {
  const boot = host.processes.bootAtMs()
  return boot.kind === 'value'
    ? value(boot.value + (startTicks / host.processes.ticksPerSecond) * 1000)
    : boot
}

const uptimeOf = (host: Host, tree: ProcessTree, pid: number): Reading<number> => {
  const stat = tree.byPid.get(pid)
  if (stat === undefined) return failed('vanished', `process ${pid}`, 'it ended while it was looked at')
  const started = startedAtMs(host, stat.startTicks)
  return started.kind === 'value' ? value(Math.max(0, (host.now() - started.value) / 1000)) : started
}
