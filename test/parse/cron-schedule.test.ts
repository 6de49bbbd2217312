import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CronSchedule,
  everRuns,
  firstMeetingMinute,
  parseSchedule,
  runMinutes,
  shortestGapMinutes,
} from '../../src/parse/cron-schedule.ts'

const schedule = (text: string): CronSchedule => {
  const parsed = parseSchedule(text.split(' '))
  if ('fault' in parsed) throw new Error(parsed.fault)
  return parsed.schedule
}

describe('parseSchedule', () => {
  it.each([
    ['*/20 * * * *', { minutes: [0, 20, 40] }],
    ['1-9/4,30 * * * *', { minutes: [1, 5, 9, 30] }],
    ['*/99 * * * *', { minutes: [0] }],
    ['007 01 * * *', { minutes: [7], hours: [1] }],
    ['* * * Jan-MAR dec', 'fault'],
    ['* * * Jan-MAR mon,Wed', { months: [1, 2, 3], weekdays: [1, 3] }],
    ['* * * * 5-7', { weekdays: [0, 5, 6] }],
    ['* * * * 0,7', { weekdays: [0] }],
    // Taken by Debian's cron, and never run.
    ['10-5 * * * *', { minutes: [] }],
    ['* * * * fri-mon', { weekdays: [] }],
  ])('%s', (text, expected) => {
    const parsed = parseSchedule(text.split(' '))
    if (expected === 'fault') expect(parsed).toHaveProperty('fault')
    else expect(parsed).toMatchObject({ schedule: expected })
  })

  it.each([
    '60',
    '-1',
    '+5',
    '5/15',
    '*/0',
    '1-5/0',
    '1-5/',
    '1,,2',
    ',1',
    '1,',
    '',
    'mon',
    '5x',
    '1-5-7',
    '*5',
    '*-5',
    '?',
    'H',
    '~',
    '1e1',
    '0x5',
    '99999999999999999999',
    '1-',
    '١',
  ])('refuses the minute %j', (minute) => {
    expect(parseSchedule([minute, '*', '*', '*', '*'])).toEqual({ fault: `\`${minute}\` is no minute` })
  })

  it.each([
    ['* 24 * * *', 'hour'],
    ['* * 0 * *', 'day of the month'],
    ['* * 32 * *', 'day of the month'],
    ['* * * 13 *', 'month'],
    ['* * * * 8', 'day of the week'],
    ['* * * * monday', 'day of the week'],
  ])('%s: no %s', (text, field) => {
    expect(parseSchedule(text.split(' '))).toEqual({ fault: expect.stringContaining(`is no ${field}`) })
  })

  it('lets one day field be enough only when both are restricted', () => {
    expect(schedule('0 0 1 * 5').dayRule).toBe('either')
    expect(schedule('0 0 */2 * 5').dayRule).toBe('both')
    expect(schedule('0 0 1 * *').dayRule).toBe('both')
  })
})

describe('runMinutes and shortestGapMinutes', () => {
  it.each([
    ['* * * * *', 1440, 1],
    ['*/5 * * * *', 288, 5],
    ['7 * * * *', 24, 60],
    ['0 3 * * *', 1, 1440],
    ['0 1,4,23 * * *', 3, 120],
    // 23:50 and 00:10 of the next day.
    ['10,50 0,23 * * *', 4, 20],
    ['*/7 * * * *', 216, 4],
  ])('%s', (text, runs, gap) => {
    expect(runMinutes(schedule(text))).toHaveLength(runs)
    expect(shortestGapMinutes(schedule(text))).toBe(gap)
  })

  it('does not count the night between two days that do not follow each other', () => {
    expect(shortestGapMinutes(schedule('0 0,23 * * mon'))).toBe(23 * 60)
    expect(shortestGapMinutes(schedule('0 3 * * mon'))).toBeNull()
  })

  it('never runs', () => {
    expect(shortestGapMinutes(schedule('10-5 * * * *'))).toBeNull()
    expect(everRuns(schedule('10-5 * * * *'))).toBe(false)
    expect(everRuns(schedule('0 0 30 2 *'))).toBe(false)
    expect(everRuns(schedule('0 0 29 2 *'))).toBe(true)
    expect(everRuns(schedule('0 0 30 2 mon'))).toBe(true)
  })
})

describe('firstMeetingMinute', () => {
  it.each([
    ['* * * * *', '0 * * * *', 0],
    ['*/5 * * * *', '7-59/10 * * * *', null],
    ['*/5 * * * *', '5-59/10 * * * *', 5],
    ['30 4 * * *', '*/30 4 * * *', 270],
    ['0 0 * * mon', '0 0 * * tue', null],
    ['0 0 1 * *', '0 0 * * tue', 0],
    ['0 0 31 * *', '0 0 * 2,4 *', null],
    ['0 0 13 * 5', '0 0 * * 1', 0],
  ])('%s and %s', (a, b, minute) => {
    expect(firstMeetingMinute(schedule(a), schedule(b))).toBe(minute)
    expect(firstMeetingMinute(schedule(b), schedule(a))).toBe(minute)
  })
})

const fieldText = (low: number, high: number) => {
  const number = fc.integer({ min: low, max: high })
  const step = fc.option(fc.integer({ min: 1, max: 70 }), { nil: undefined })
  const element = fc.oneof(
    number.map(String),
    fc.tuple(number, number, step).map(([a, b, s]) => `${a}-${b}${s ? `/${s}` : ''}`),
    step.map((s) => `*${s ? `/${s}` : ''}`),
  )
  return fc.array(element, { minLength: 1, maxLength: 3 }).map((all) => all.join(','))
}

describe('any schedule', () => {
  const fields = fc.tuple(
    fieldText(0, 59),
    fieldText(0, 23),
    fieldText(1, 31),
    fieldText(1, 12),
    fieldText(0, 7),
  )

  it('holds only values of its fields, ascending, and meets itself exactly when it ever runs', () => {
    fc.assert(
      fc.property(fields, (texts) => {
        const found = schedule(texts.join(' '))
        const minutes = runMinutes(found)
        expect(minutes.every((m, i) => m >= 0 && m < 1440 && (i === 0 || m > (minutes[i - 1] ?? 0)))).toBe(
          true,
        )
        expect(found.weekdays.every((d) => d >= 0 && d <= 6)).toBe(true)
        expect(firstMeetingMinute(found, found)).toBe(everRuns(found) ? (minutes[0] ?? null) : null)
      }),
      { numRuns: 200 },
    )
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 6 }), (texts) => {
        expect(Object.keys(parseSchedule(texts))).toHaveLength(1)
      }),
    )
  })
})
