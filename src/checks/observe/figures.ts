import { absent, failed, flatMapReading, mapReading, type Reading, value } from '../../core/reading.ts'
import type { ServiceFacts, ServiceMemory } from '../../core/service.ts'
import type { Snapshot } from './snapshot.ts'

/** The processes of a service and what their cgroup, or their sum, says of memory. */
export interface Group {
  /** Of its own; null: it has none, and its processes are added up. */
  cgroup: string | null
  pids: Reading<number[]>
  memory: Reading<ServiceMemory>
  oomKills: Reading<number>
}

export type Figures = Pick<
  ServiceFacts,
  'pids' | 'cgroup' | 'memory' | 'processes' | 'openFiles' | 'threads' | 'oomKills'
>

/** Counts the open files of at most so many processes: 15 µs each, and a service of more has another problem. */
const maxOpenFilesPids = 256

export const figuresOf = (snapshot: Snapshot, group: Group): Figures => ({
  pids: group.pids.kind === 'value' ? group.pids.value : [],
  ...(group.cgroup === null ? {} : { cgroup: group.cgroup }),
  memory: group.memory,
  oomKills: group.oomKills,
  processes: mapReading(group.pids, (pids) => pids.length),
  threads: flatMapReading(group.pids, (pids) => sumOver(pids, (pid) => threadsOf(snapshot, pid))),
  openFiles: flatMapReading(group.pids, (pids) => openFilesOf(snapshot, pids)),
})

/** For a service that does not run (absent) or cannot be asked (failed). */
export const noFigures = (why: Reading<never>): Figures & Pick<ServiceFacts, 'uptimeSeconds'> => ({
  pids: [],
  memory: why,
  processes: why,
  openFiles: why,
  threads: why,
  oomKills: why,
  uptimeSeconds: why,
})

/** Nothing to measure: the service does not run. */
export const notRunning = absent('a running process')

/** Processes that ended meanwhile do not count; when all have, there is nothing that was measured. */
export const sumOver = (pids: readonly number[], read: (pid: number) => Reading<number>): Reading<number> => {
  let sum = 0
  let seen = 0
  for (const pid of pids) {
    const reading = read(pid)
    if (reading.kind === 'value') {
      sum += reading.value
      seen++
    } else if (!isGone(reading)) return reading
  }
  return seen === 0 && pids.length > 0 ? vanished : value(sum)
}

export const vanished = failed('vanished', 'its processes', 'they ended while they were looked at')

/** /proc/PID is gone: the process ended. */
export const isGone = (reading: Reading<unknown>): boolean =>
  reading.kind === 'absent' || (reading.kind === 'failed' && reading.cause === 'vanished')

const threadsOf = ({ tree, host }: Snapshot, pid: number): Reading<number> => {
  const stat = tree.byPid.get(pid)
  return stat ? value(stat.threads) : mapReading(host.processes.memory(pid), ({ threads }) => threads)
}

const openFilesOf = ({ host }: Snapshot, pids: readonly number[]): Reading<number> =>
  pids.length > maxOpenFilesPids
    ? failed(
        'refused',
        `open files of ${pids.length} processes`,
        `more than ${maxOpenFilesPids} are not counted`,
      )
    : sumOver(pids, (pid) => host.processes.openFiles(pid))
