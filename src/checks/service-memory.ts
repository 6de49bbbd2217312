import { duration, type Level, level, optionalRecord, rate, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel, type Status, worse } from '../core/finding.ts'
import type { ServiceMemory } from '../core/service.ts'
import { type ServiceCheck, unreadable } from './check.ts'
import { percentOf } from './percent.ts'
import { usualGrowth } from './usual-growth.ts'

const growthUnnamed = 'only a leak is told, and nothing is restarted for it'

const limits = record('Memory of the service', {
  warn: threshold(level('Size, or share of its limit', { percent: 85 })),
  crit: threshold(level('Size, or share of its limit', { percent: 95 })),
  growth: optionalRecord(
    `How fast it grows; not named: ${growthUnnamed}`,
    {
      warn: threshold(rate('Growth', usualGrowth.warn)),
      crit: threshold(rate('Growth', usualGrowth.crit)),
    },
    { canBeOff: true, off: { warn: null, crit: null }, standsUnnamed: growthUnnamed },
  ),
  forecast: optionalRecord(
    'Time left to its limit, by its growth',
    {
      warn: threshold(duration('Time left', null)),
      crit: threshold(duration('Time left', null)),
    },
    { lowIsBad: true },
  ),
})

/**
 * A share is of the tightest limit, or of the RAM where there is none, and is compared with what counts against that
 * limit (current − inactive file). A size is compared with what the service holds, in RAM or swapped out (anon + shmem
 * + swap), if that is more: a service of 400 MB in RAM and 2 GB in swap is over 1 GB, and not near its limit of 500 MB.
 */
export const serviceMemory: ServiceCheck<typeof limits.default> = {
  scope: 'service',
  name: 'memory',
  key: 'memory',
  limits,

  judge({ memory, configured }, given, context): Finding[] {
    if (memory.kind === 'absent') return []
    if (memory.kind === 'failed') return [unreadable('memory', memory)]
    const ceiling = ceilingOf(memory.value, context.totalMemoryBytes)
    const { warn, crit } = !configured && ceiling?.of === 'ram' ? shareOfRam : given
    const inPercent = (warn === null || 'percent' in warn) && (crit === null || 'percent' in crit)
    const unlimited = warn === null && crit === null && ceiling === null
    return [(inPercent && !unlimited ? judgeShare : judgeSize)(memory.value, warn, crit, ceiling)]
  },
}

/**
 * For what was found on the host and has no limit: one that holds half of the RAM is a risk to all others, long before
 * it has 85 % of it (incident E: 62.9 of 91 GB). A database host where that is meant names it in the config.
 */
const shareOfRam = { warn: { percent: 50 }, crit: { percent: 85 } }

type Judge = (
  memory: ServiceMemory,
  warn: Level | null,
  crit: Level | null,
  ceiling: Ceiling | null,
) => Finding

const judgeShare: Judge = (memory, warn, crit, ceiling) => {
  const [warnPercent, critPercent] = [percentIn(warn), percentIn(crit)]
  const base = { check: 'memory', unit: 'percent', warn: warnPercent, crit: critPercent } as const
  if (ceiling === null)
    return { ...base, code: 'no-ceiling', status: 'unknown', value: null, args: argsOf(memory, null) }
  const usedPercent = percentOf(memory.usedBytes, ceiling.bytes)
  return {
    ...base,
    code: 'level',
    status: judgeLevel(usedPercent, warnPercent, critPercent),
    value: usedPercent,
    args: argsOf(memory, ceiling),
  }
}

const judgeSize: Judge = (memory, warn, crit, ceiling) => {
  const heldBytes = Math.max(memory.usedBytes, memory.leakBytes)
  const bytesOf = (at: Level | null): number | null => {
    if (at === null) return null
    if ('bytes' in at) return at.bytes
    return ceiling === null ? null : (ceiling.bytes * at.percent) / 100
  }
  const reached = (at: Level | null): boolean => {
    const bytes = bytesOf(at)
    return bytes !== null && at !== null && ('bytes' in at ? heldBytes : memory.usedBytes) >= bytes
  }
  const unjudged = [warn, crit].some((at) => at !== null && bytesOf(at) === null)
  const status: Status = reached(crit) ? 'critical' : reached(warn) ? 'warning' : 'ok'
  return {
    check: 'memory',
    code: unjudged && status !== 'critical' ? 'no-ceiling' : 'size',
    status: unjudged ? worse(status, 'unknown') : status,
    value: heldBytes,
    unit: 'bytes',
    warn: bytesOf(warn),
    crit: bytesOf(crit),
    args: argsOf(memory, ceiling),
  }
}

interface Ceiling {
  bytes: number
  of: 'limit' | 'ram'
  at: string | null
}

/** The tightest limit, unless there is less RAM than that; null when neither is known. */
const ceilingOf = ({ limitBytes, limitAt }: ServiceMemory, ramBytes: number | null): Ceiling | null => {
  if (limitBytes !== null && (ramBytes === null || limitBytes <= ramBytes))
    return { bytes: limitBytes, of: 'limit', at: limitAt }
  return ramBytes === null ? null : { bytes: ramBytes, of: 'ram', at: null }
}

const percentIn = (at: Level | null): number | null => (at !== null && 'percent' in at ? at.percent : null)

const argsOf = (memory: ServiceMemory, ceiling: Ceiling | null): NonNullable<Finding['args']> => ({
  usedBytes: memory.usedBytes,
  leakBytes: memory.leakBytes,
  swapBytes: memory.swapBytes,
  ceilingBytes: ceiling?.bytes ?? null,
  ceilingOf: ceiling?.of ?? null,
  limitAt: ceiling?.at ?? null,
})
