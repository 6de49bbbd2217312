import type { Reading } from '../../core/reading.ts'

/** Of a list and of who was on it. */
export interface WholeLook {
  pids: ReadonlySet<number>
  /** All of one list had been read while they lived. Otherwise somebody may be there of whom nothing is known. */
  isWhole: boolean
}

/** A list of a cgroup takes some microseconds, and who came since the last one is read in as many. */
const mostRounds = 5

/**
 * Lists who is there and reads those that are new, until all on a list could be read. A process that starts its successor and ends
 * is on each list as the one or the other. Null: there is no list.
 *
 * @param readOne false: it has ended meanwhile, and a successor may be on no list yet
 */
export const readWhole = (
  list: () => Reading<number[]>,
  readOne: (pid: number, listed: ReadonlySet<number>) => boolean,
): WholeLook | null => {
  const passed = new Set<number>()
  for (let round = 0; round < mostRounds; round++) {
    const now = list()
    if (now.kind !== 'value') return null
    const pids = new Set(now.value)
    let isWhole = true
    for (const pid of pids) {
      isWhole = readOne(pid, pids) && isWhole
      passed.add(pid)
    }
    if (isWhole) return { pids, isWhole }
  }
  return { pids: passed, isWhole: false }
}
