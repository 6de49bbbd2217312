/** When a crontab line runs. Every list ascends; an empty one means that the line never runs, e.g. minutes `10-5`. */
export interface CronSchedule {
  minutes: readonly number[]
  hours: readonly number[]
  daysOfMonth: readonly number[]
  months: readonly number[]
  /** 0 is Sunday. */
  weekdays: readonly number[]
  /**
   * crontab(5): with both day fields restricted, one match is enough (`0 4 1 * 5`: the 1st, and every Friday).
   * A field that begins with a star, with a step or without, does not count as restricted.
   */
  dayRule: 'both' | 'either'
}

export type ScheduleOrFault = { schedule: CronSchedule } | { fault: string }

interface FieldRange {
  name: string
  low: number
  high: number
  /** Three-letter names, the first stands for `low`. */
  names: readonly string[]
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const minuteField: FieldRange = { name: 'minute', low: 0, high: 59, names: [] }
const hourField: FieldRange = { name: 'hour', low: 0, high: 23, names: [] }
const dayField: FieldRange = { name: 'day of the month', low: 1, high: 31, names: [] }
const monthField: FieldRange = { name: 'month', low: 1, high: 12, names: monthNames }
const weekdayField: FieldRange = { name: 'day of the week', low: 0, high: 7, names: weekdayNames }

const nicknames = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

/** `@hourly` → its five fields, or null. Debian's cron wants them in lower case. */
export const fieldsOfNickname = (nickname: string): string[] | null =>
  nicknames.get(nickname)?.split(' ') ?? null

/**
 * The five time fields of a line. Takes what Debian 12's cron takes, seen with its `crontab -n`: names in any case
 * and also in ranges, no step after a single number (`5/15`), no step 0; what it only skips over in silence
 * (`1-5-7`, `*5`) is a fault here, since it does not mean what it says.
 */
export const parseSchedule = (fields: readonly string[]): ScheduleOrFault => {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const faults: string[] = []
  const valuesOf = (text: string, range: FieldRange): number[] => {
    const values = parseField(text, range)
    if (values === null) faults.push(`\`${text}\` is no ${range.name}`)
    return values ?? []
  }
  const schedule: CronSchedule = {
    minutes: valuesOf(minute, minuteField),
    hours: valuesOf(hour, hourField),
    daysOfMonth: valuesOf(day, dayField),
    months: valuesOf(month, monthField),
    weekdays: weekday === '*' ? everyWeekday : sundayOnce(valuesOf(weekday, weekdayField)),
    dayRule: day.startsWith('*') || weekday.startsWith('*') ? 'both' : 'either',
  }
  return faults[0] === undefined ? { schedule } : { fault: faults[0] }
}

const parseField = (text: string, range: FieldRange): number[] | null => {
  const elements = text.split(',')
  // Most fields are one element, which ascends already; sets cost ten times as much.
  if (elements.length === 1) return parseElement(text, range)
  const values = new Set<number>()
  for (const element of elements) {
    const found = parseElement(element, range)
    if (found === null) return null
    for (const v of found) values.add(v)
  }
  return [...values].sort((a, b) => a - b)
}

const parseElement = (element: string, range: FieldRange): number[] | null => {
  const match = /^(?:(\*)|([^-/]+)(?:-([^-/]+))?)(?:\/(\d{1,9}))?$/.exec(element)
  if (!match) return null
  const [, star, first, last, stepText] = match
  const step = stepText === undefined ? 1 : Number(stepText)
  if (step === 0) return null
  if (star) return valuesFrom(range.low, range.high, step)
  const from = parseValue(first ?? '', range)
  if (from === null) return null
  if (last === undefined) return stepText === undefined ? [from] : null
  const to = parseValue(last, range)
  return to === null ? null : valuesFrom(from, to, step)
}

const parseValue = (text: string, range: FieldRange): number | null => {
  const named = range.names.indexOf(text.toLowerCase())
  if (named >= 0) return range.low + named
  if (!/^\d{1,9}$/.test(text)) return null
  const v = Number(text)
  return v >= range.low && v <= range.high ? v : null
}

const valuesFrom = (low: number, high: number, step: number): number[] => {
  const values: number[] = []
  for (let v = low; v <= high; v += step) values.push(v)
  return values
}

const everyWeekday = [0, 1, 2, 3, 4, 5, 6]

const sundayOnce = (weekdays: readonly number[]): number[] =>
  [...new Set(weekdays.map((day) => day % 7))].sort((a, b) => a - b)

/** The minutes of a day (0–1439) at which the line runs on a day that matches. */
export const runMinutes = (schedule: CronSchedule): number[] =>
  schedule.hours.flatMap((hour) => schedule.minutes.map((minute) => hour * 60 + minute))

/** The shortest time between two runs in minutes; null when the line runs at most once a year. */
export const shortestGapMinutes = (schedule: CronSchedule): number | null => {
  const minutes = runMinutes(schedule)
  const first = minutes[0]
  const last = minutes.at(-1)
  if (first === undefined || last === undefined || !hasDays(schedule)) return null
  let shortest = Number.POSITIVE_INFINITY
  minutes.reduce((before, minute) => {
    shortest = Math.min(shortest, minute - before)
    return minute
  })
  if (runsOnEveryDay(schedule)) shortest = Math.min(shortest, first + 1440 - last)
  return Number.isFinite(shortest) ? shortest : null
}

/** The first minute of a day at which both lines start on a common day, or null when they never meet. */
export const firstMeetingMinute = (a: CronSchedule, b: CronSchedule): number | null => {
  const minutesOfB = new Set(runMinutes(b))
  const minute = runMinutes(a).find((m) => minutesOfB.has(m))
  return minute === undefined || !someDay((m, d, w) => matchesDay(a, m, d, w) && matchesDay(b, m, d, w))
    ? null
    : minute
}

/** Whether there is any day and minute at which the line runs: `0 0 30 2 *` has none. */
export const everRuns = (schedule: CronSchedule): boolean =>
  runMinutes(schedule).length > 0 && hasDays(schedule)

const hasDays = (schedule: CronSchedule): boolean => someDay((m, d, w) => matchesDay(schedule, m, d, w))

const runsOnEveryDay = (schedule: CronSchedule): boolean =>
  !someDay((m, d, w) => !matchesDay(schedule, m, d, w))

/** Whether the line runs on such a day. */
export const matchesDay = (schedule: CronSchedule, month: number, day: number, weekday: number): boolean => {
  if (!schedule.months.includes(month)) return false
  const dayFits = schedule.daysOfMonth.includes(day)
  const weekdayFits = schedule.weekdays.includes(weekday)
  return schedule.dayRule === 'both' ? dayFits && weekdayFits : dayFits || weekdayFits
}

const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Over the years each date falls on each weekday, so all 366 × 7 of them are looked at and no calendar is needed. */
const someDay = (holds: (month: number, day: number, weekday: number) => boolean): boolean => {
  for (let month = 1; month <= 12; month++)
    for (let day = 1; day <= (daysIn[month - 1] ?? 0); day++)
      for (let weekday = 0; weekday < 7; weekday++) if (holds(month, day, weekday)) return true
  return false
}
