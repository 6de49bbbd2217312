import { biggestConsumers } from '../checks/observe/biggest.ts'
import { startedAtMs } from '../checks/observe/snapshot.ts'
import type { ProcessStat } from '../core/facts.ts'
import { type Reading, valueOrNull } from '../core/reading.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { Host } from '../host/host.ts'
import type { EvidenceSection } from '../report/evidence-text.ts'

const maxProcesses = 200
const shownBiggest = 15

const head = ['PID', 'PPID', 'STATE', 'RSS', 'SWAP', 'THREADS', 'FILES', 'AGE', 'COMMAND']

/** Each process of the service, as far as there is time. */
export const processSection = (
  host: Host,
  pids: readonly number[],
  isLate: () => boolean,
): EvidenceSection => {
  const title = `Processes of the service (${pids.length})`
  const scan = host.processes.scan()
  if (scan.kind !== 'value') return { title, note: 'the processes could not be listed' }
  const byPid = new Map(scan.value.processes.map((stat) => [stat.pid, stat]))
  const rows: string[][] = []
  for (const pid of pids.slice(0, maxProcesses)) {
    if (isLate()) break
    const stat = byPid.get(pid)
    if (stat !== undefined) rows.push(rowOf(host, stat))
  }
  const note = rows.length < pids.length ? `${pids.length - rows.length} more are left out` : null
  return pids.length === 0 ? { title, note: 'none was seen' } : { title, rows: [head, ...rows], note }
}

const rowOf = (host: Host, stat: ProcessStat): string[] => {
  const memory = valueOrNull(host.processes.memory(stat.pid))
  const started = valueOrNull(startedAtMs(host, stat.startTicks))
  return [
    `${stat.pid}`,
    `${stat.ppid}`,
    stat.state,
    formatBytes(memory?.rssBytes ?? stat.rssBytes),
    memory === null ? '?' : formatBytes(memory.swapBytes),
    `${stat.threads}`,
    `${valueOrNull(host.processes.openFiles(stat.pid)) ?? '?'}`,
    started === null ? '?' : formatDuration((host.now() - started) / 1000),
    commandOf(host, stat),
  ]
}

/**
 * Reading the command line waits for the lock of the process's memory, which one in uninterruptible sleep may hold for
 * ever (`ps` hangs on such a host).
 */
const commandOf = (host: Host, { pid, comm, state }: ProcessStat): string =>
  (state === 'D' ? '' : (valueOrNull(host.processes.commandLine(pid)) ?? '')) || `[${comm}]`

export const biggestSection = (host: Host): EvidenceSection => {
  const title = 'Biggest processes of the host'
  const biggest = biggestConsumers(host, shownBiggest, 0)
  if (biggest.kind !== 'value') return { title, note: 'the processes could not be listed' }
  const rows = [...biggest.value.processes, ...biggest.value.names].map((one) => [
    one.pid === null ? '' : `${one.pid}`,
    `${one.processes}`,
    formatBytes(one.rssBytes),
    formatBytes(one.swapBytes),
    one.name,
  ])
  const note = biggest.value.complete ? null : 'processes of other users are hidden (hidepid)'
  return { title, rows: [['PID', 'PROCESSES', 'RSS', 'SWAP', 'NAME'], ...rows], note }
}

export const cgroupSection = (host: Host, pid: number | null): EvidenceSection => {
  const title = 'Memory of its cgroup'
  if (pid === null) return { title, note: 'it has no process' }
  const path = host.cgroups.memoryPathOf(pid)
  if (path.kind !== 'value') return { title, note: 'the kernel does not count memory by cgroup here' }
  const memory = valueOrNull(host.cgroups.memory(path.value))
  const figures = Object.entries(memory ?? {}).map(
    ([name, figure]) => `${name} ${figure ?? (name.startsWith('limit') ? 'none' : 'not counted')}`,
  )
  const stat = valueOrNull(memoryStat(host, path.value)) ?? ''
  return { title: `${title} ${path.value}`, text: `${figures.join('\n')}\n${stat}` }
}

/** Where systemd and Docker have mounted cgroups v2 and v1 for ten years. */
const memoryStat = (host: Host, path: string): Reading<string> => {
  const v2 = host.files.readText(`/sys/fs/cgroup${path}/memory.stat`)
  return v2.kind === 'value' ? v2 : host.files.readText(`/sys/fs/cgroup/memory${path}/memory.stat`)
}
