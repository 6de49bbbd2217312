import { describe, expect, it } from 'vitest'
import { localStamp } from '../../src/core/stamp.ts'
import { type CronSchedule, parseSchedule } from '../../src/parse/cron-schedule.ts'
import { nextRun } from '../../src/plan/next-run.ts'

const scheduleOf = (text: string): CronSchedule => {
  const parsed = parseSchedule(text.split(' '))
  if ('fault' in parsed) throw new Error(parsed.fault)
  return parsed.schedule
}

const at = (text: string): number => new Date(text).getTime()

describe('the next run of a crontab line', () => {
  it.each([
    ['* * * * *', '2026-01-31T03:00:00', '2026-01-31 03:01:00'],
    ['* * * * *', '2026-01-31T23:59:59', '2026-02-01 00:00:00'],
    ['*/5 * * * *', '2026-01-31T03:03:20', '2026-01-31 03:05:00'],
    ['0 4 * * *', '2026-01-31T03:59:59', '2026-01-31 04:00:00'],
    ['0 4 * * *', '2026-01-31T04:00:00', '2026-02-01 04:00:00'],
    ['30 0 * * 1', '2026-01-31T12:00:00', '2026-02-02 00:30:00'],
    ['0 0 1 * *', '2026-01-31T12:00:00', '2026-02-01 00:00:00'],
    ['59 23 31 12 *', '2026-01-31T12:00:00', '2026-12-31 23:59:00'],
    ['0 0 29 2 *', '2026-03-01T00:00:00', '2028-02-29 00:00:00'],
    // Both day fields: either is enough.
    ['0 4 15 * 5', '2026-01-31T12:00:00', '2026-02-06 04:00:00'],
  ])('of %s after %s is %s', (line, after, next) => {
    const found = nextRun(scheduleOf(line), at(after))
    expect(found === null ? null : localStamp(found)).toBe(next)
  })

  it('is null for one that never runs', () => {
    expect(nextRun(scheduleOf('0 0 30 2 *'), at('2026-01-31T12:00:00'))).toBeNull()
    expect(nextRun(scheduleOf('10-5 * * * *'), at('2026-01-31T12:00:00'))).toBeNull()
  })

  it('is found minute by minute, too', () => {
    for (const line of ['7,31 */6 * * *', '0 2 * * 0', '15 3 21,25 * *', '59 1-3 * 3,4 *']) {
      const schedule = scheduleOf(line)
      const fromMs = at('2026-03-20T00:30:10')
      const expected: number[] = []
      for (
        let ms = at('2026-03-20T00:31:00');
        expected.length < 20 && ms < at('2026-03-31T00:00:00');
        ms += 60_000
      )
        if (nextRun(schedule, ms - 1) === ms) expected.push(ms)
      const walked: number[] = []
      for (let ms: number | null = fromMs; ms !== null && walked.length < expected.length; ) {
        ms = nextRun(schedule, ms)
        if (ms !== null) walked.push(ms)
      }
      expect(walked).toEqual(expected)
    }
  })
})
