import type { ProcessStat } from '../../core/facts.ts'
import { mapReading, type Reading } from '../../core/reading.ts'
import type { Consumer } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { isDead } from './process-tree.ts'
import { shortName } from './short-name.ts'

/** Who uses the memory, the largest (RAM and swap together) first. */
export interface Biggest {
  processes: Consumer[]
  /** Processes of one name added up: 200 × `python3` are one. Memory they share is counted for each. */
  names: Consumer[]
  /** False when other users' processes are hidden: there may be bigger ones. */
  complete: boolean
}

interface Measured {
  stat: ProcessStat
  rssBytes: number
  swapBytes: number
}

// Sizes in /proc/PID/stat are off by some pages for each CPU since Linux 6.2: as many more are looked at closely.
const closelyPerShown = 3

/**
 * @param top how many of each
 * @param swapUsedBytes of the host: when there is any, every process is asked for its share of it, which costs 25 µs
 * each; otherwise only the likely ones are asked for their exact size
 */
export const biggestConsumers = (host: Host, top: number, swapUsedBytes: number): Reading<Biggest> =>
  mapReading(host.processes.scan(), ({ processes, complete }) => {
    const users = processes.filter((stat) => !stat.isKernelThread && !isDead(stat))
    const bySize = users.sort((a, b) => b.rssBytes - a.rssBytes)
    const close = swapUsedBytes > 0 ? bySize.length : top * closelyPerShown
    const measured = bySize.map((stat, i) => measure(host, stat, i < close)).filter(isThere)
    return {
      processes: largest(measured, top).map(({ stat, rssBytes, swapBytes }) => ({
        name: shortName(stat.comm, commandLineOf(host, stat)),
        pid: stat.pid,
        processes: 1,
        rssBytes,
        swapBytes,
      })),
      names: largest(addedUp(measured), top),
      complete,
    }
  })

/** Null when it ended meanwhile. */
const measure = (host: Host, stat: ProcessStat, closely: boolean): Measured | null => {
  const rough = { stat, rssBytes: stat.rssBytes, swapBytes: 0 }
  if (!closely) return rough
  const memory = host.processes.memory(stat.pid)
  if (memory.kind === 'value')
    return { stat, rssBytes: memory.value.rssBytes, swapBytes: memory.value.swapBytes }
  return memory.kind === 'failed' && memory.cause === 'vanished' && host.live ? null : rough
}

const isThere = (measured: Measured | null): measured is Measured => measured !== null

/** Not of one in uninterruptible sleep: it may hold the lock on its memory that the read would wait for. */
const commandLineOf = (host: Host, { pid, state }: ProcessStat): string => {
  if (state === 'D') return ''
  const reading = host.processes.commandLine(pid)
  return reading.kind === 'value' ? reading.value : ''
}

const addedUp = (measured: readonly Measured[]): Consumer[] => {
  const byName = new Map<string, Consumer>()
  for (const { stat, rssBytes, swapBytes } of measured) {
    const sum = byName.get(stat.comm)
    if (sum) {
      sum.processes++
      sum.rssBytes += rssBytes
      sum.swapBytes += swapBytes
    } else {
      byName.set(stat.comm, { name: stat.comm, pid: null, processes: 1, rssBytes, swapBytes })
    }
  }
  return [...byName.values()]
}

const largest = <T extends { rssBytes: number; swapBytes: number }>(all: readonly T[], top: number): T[] =>
  [...all].sort((a, b) => b.rssBytes + b.swapBytes - (a.rssBytes + a.swapBytes)).slice(0, top)
