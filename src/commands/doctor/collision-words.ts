import { formatDuration } from '../../core/units.ts'
import type { Collision } from '../../plan/cron-collisions.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { warning } from './examination.ts'
import { placeOf } from './line-faults.ts'

/** A collision of crontab lines in words. */
export const collisionVerdict = (collision: Collision): Verdict => {
  if (collision.kind === 'self-overlap') {
    const { job, gapSeconds, timeoutSeconds } = collision
    return warning(
      `${placeOf(job)} starts \`${job.job.command}\` every ${formatDuration(gapSeconds)} but lets it run for ${formatDuration(timeoutSeconds)}: a slow run makes the next ones end with 75`,
      `give it a --timeout below ${formatDuration(gapSeconds)}, or start it less often`,
    )
  }
  const { first, second } = collision
  const places = `${placeOf(first)} and ${placeOf(second)}`
  if (collision.kind === 'duplicate')
    return warning(
      `${places} are the same job (\`${first.job.command}\`, ${first.timing}): one of the two does nothing and ends with 75`,
      'delete one of them',
    )
  return warning(
    `${places} both start \`${first.job.command}\` at ${clockTime(collision.minute)}: the second does nothing and ends with 75`,
    'delete one of them, or move its minutes',
  )
}

/** Minute of a day as `03:05`. */
const clockTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
