import { parseTimeSpan } from './time-span.ts'

export interface TimerUnit {
  /** What it starts; null: the service of its own name. */
  unit: string | null
  /** Between two starts, by its shortest schedule; null where that is not plain to see, as of `Mon..Fri`. */
  everySeconds: number | null
}

/** The schedule of a timer (systemd.timer(5)) as far as its period is told by it; never throws. */
export const parseTimerUnit = (text: string): TimerUnit => {
  const values = (key: string): string[] =>
    [...text.matchAll(/^([A-Za-z]+)=[ \t]*(.*)$/gm)].flatMap(([, name, value = '']) =>
      name === key ? [value.trim()] : [],
    )
  const periods = [
    ...values('OnCalendar').map(calendarPeriod),
    ...[...values('OnUnitActiveSec'), ...values('OnUnitInactiveSec')].map(spanSeconds),
  ]
  const known = periods.filter((period): period is number => period !== null && period > 0)
  const isPlain = known.length > 0 && known.length === periods.length
  return { unit: values('Unit').at(-1) || null, everySeconds: isPlain ? Math.min(...known) : null }
}

const spanSeconds = (text: string): number | null => {
  const us = parseTimeSpan(text)
  return us === null ? null : us / 1e6
}

const nicknames: Readonly<Record<string, number>> = {
  minutely: 60,
  hourly: 3600,
  daily: 86_400,
  weekly: 604_800,
}

/** systemd.time(7): `[WEEKDAY] [*-*-*] HH:MM[:SS]`, where each part is `*`, a number, or `START/STEP`. */
const calendarPeriod = (text: string): number | null => {
  const short = nicknames[text.toLowerCase()]
  if (short !== undefined) return short
  const part = '(\\*|\\d{1,2}(?:/\\d{1,2})?)'
  const match = new RegExp(`^(?:([A-Za-z]{3,9}) )?(?:\\*-\\*-\\* )?${part}:${part}(?::${part})?$`).exec(text)
  if (match === null) return null
  const [, weekday, hour = '', minute = '', second = '0'] = match
  if (second === '*') return 1
  if (second.includes('/')) return step(second)
  if (minute === '*') return 60
  if (minute.includes('/')) return 60 * step(minute)
  if (hour === '*') return 3600
  if (hour.includes('/')) return 3600 * step(hour)
  return weekday === undefined ? 86_400 : 604_800
}

const step = (part: string): number => Number(part.slice(part.indexOf('/') + 1))
