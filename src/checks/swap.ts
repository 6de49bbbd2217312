import type { MemoryInfo } from '../core/facts.ts'
import { percent, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { absent, flatMapReading, type Reading, value } from '../core/reading.ts'
import type { HostCheck } from './check.ts'
import { readMemoryInfo } from './memory.ts'
import { percentOf } from './percent.ts'

interface SwapFacts {
  usedBytes: number
  totalBytes: number
}

const limits = record('Use of all swap together', {
  warn: threshold(percent('Share in use', 50)),
  crit: threshold(percent('Share in use', 90)),
})

export const swap: HostCheck<typeof limits.default, SwapFacts> = {
  scope: 'host',
  name: 'swap',
  limits,

  read(host): Reading<SwapFacts> {
    return flatMapReading(readMemoryInfo(host), (info) =>
      info.swapTotalBytes === 0 ? absent('swap') : value(usedSwap(info)),
    )
  },

  judge(facts, { warn, crit }): Finding[] {
    const usedPercent = percentOf(facts.usedBytes, facts.totalBytes)
    return [
      {
        check: 'swap',
        code: 'level',
        status: judgeLevel(usedPercent, warn, crit),
        value: usedPercent,
        unit: 'percent',
        warn,
        crit,
        args: { usedBytes: facts.usedBytes, totalBytes: facts.totalBytes },
      },
    ]
  },
}

const usedSwap = (info: MemoryInfo): SwapFacts => ({
  usedBytes: Math.max(0, info.swapTotalBytes - info.swapFreeBytes),
  totalBytes: info.swapTotalBytes,
})
