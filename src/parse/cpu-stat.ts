import type { CpuTimes } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'

/**
 * The first line of /proc/stat, `cpu  user nice system idle iowait irq softirq steal guest guest_nice`, in clock
 * ticks (proc_stat(5)). Waiting for disks is idle time. Guest time is already in user and nice and is not added
 * again. Old kernels have fewer columns.
 */
export const parseCpuStat = (text: string): Reading<CpuTimes> => {
  const line = /^cpu[ \t]+(\d[\d \t]*)$/m.exec(text)?.[1]
  if (line === undefined) return malformed('no cpu line')
  const ticks = line
    .trim()
    .split(/[ \t]+/)
    .slice(0, 8)
    .map(Number)
  const [, , , idle, iowait = 0] = ticks
  const totalTicks = ticks.reduce((sum, t) => sum + t, 0)
  if (idle === undefined || !Number.isSafeInteger(totalTicks))
    return malformed('too few columns in the cpu line')
  return value({ totalTicks, idleTicks: idle + iowait })
}

/** The line `btime 1795328098` of /proc/stat: when this boot began, in epoch milliseconds. */
export const parseBootTime = (text: string): Reading<number> => {
  const seconds = Number(/^btime (\d{1,12})$/m.exec(text)?.[1])
  return Number.isSafeInteger(seconds) ? value(seconds * 1000) : malformed('no btime line')
}

const malformed = (detail: string): Reading<never> => failed('malformed', '/proc/stat', detail)
