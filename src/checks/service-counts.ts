import { type Finding, judgeLevel } from '../core/finding.ts'
import type { Reading } from '../core/reading.ts'
import { unreadable } from './check.ts'

export interface CountLimits {
  warn: number | null
  crit: number | null
}

/**
 * A count that is judged only where the config has a threshold for it: an ordinary user cannot count the open files
 * of others, which is no fault while nobody asked.
 */
export const judgeCount = (
  check: string,
  reading: Reading<number>,
  { warn, crit }: CountLimits,
  args: NonNullable<Finding['args']> = {},
): Finding[] => {
  if (reading.kind === 'absent' || (warn === null && crit === null)) return []
  if (reading.kind === 'failed') return [unreadable(check, reading)]
  const status = judgeLevel(reading.value, warn, crit)
  return [{ check, code: 'count', status, value: reading.value, unit: 'count', warn, crit, args }]
}
