import { localFields } from '../core/stamp.ts'
import { type CronSchedule, everRuns, matchesDay } from '../parse/cron-schedule.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
// The 29th of February comes after eight years at the most.
const farthestMs = 9 * 366 * 24 * hourMs

/**
 * When a crontab line runs next, later than `afterMs`, on the local clock; null for one that never does. An hour that
 * the clock skips has no run, and one that it repeats has its runs twice, as by Debian's cron for `*` lines.
 */
export const nextRun = (schedule: CronSchedule, afterMs: number): number | null => {
  if (!everRuns(schedule)) return null
  let atMs = Math.floor(afterMs / minuteMs) * minuteMs + minuteMs
  while (atMs - afterMs < farthestMs) {
    const { month, day, weekday, hour, minute } = localFields(atMs)
    const toHour = hourMs - minute * minuteMs
    if (!matchesDay(schedule, month, day, weekday))
      // Most of the day in one step, the rest by the hour: the clock may be changed in the night.
      atMs += toHour + Math.max(0, 21 - hour) * hourMs
    else if (!schedule.hours.includes(hour)) atMs += toHour
    else if (!schedule.minutes.includes(minute)) atMs += minuteMs
    else return atMs
  }
  return null
}
