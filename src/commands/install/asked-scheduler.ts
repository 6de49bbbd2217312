import { exitCode, HealthError } from '../../core/errors.ts'
import { type Scheduler, schedulerOf, schedulers } from '../../core/scheduler.ts'

/**
 * @param asked what stands after `--scheduler`
 * @returns null: nothing was asked
 * @throws HealthError 64 for another name
 */
export const askedScheduler = (asked: unknown): Scheduler | null => {
  const named = schedulerOf(asked)
  if (asked !== undefined && named === null)
    throw new HealthError(
      exitCode.usage,
      `there is no scheduler ${String(asked)}`,
      `--scheduler ${schedulers.join(' | ')}`,
    )
  return named
}
