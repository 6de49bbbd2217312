const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

export interface LocalClock {
  /** 0: Sunday. */
  weekday: number
  /** Since midnight. */
  minutes: number
}

/**
 * Is it a time in which nothing is restarted? The windows are of the form that config/sections/restart.ts accepts:
 * `Sun 02:00-04:00`, `Mon-Fri 22:00-06:00`, `Sat,Sun 00:00-24:00`, `02:00-04:00` for every day. The end does not belong
 * to it; one that ends before it begins ends on the next day, and belongs to the day it began on. A window that ends as
 * it begins is a whole day.
 */
export const insideWindow = (windows: readonly string[], local: LocalClock): boolean =>
  windows.some((window) => isInside(window, local))

const isInside = (window: string, { weekday, minutes }: LocalClock): boolean => {
  const [, days, from, to] = /^(?:(\S+) )?(\d\d:\d\d)-(\d\d:\d\d)$/.exec(window) ?? []
  // What is no window holds nothing: the config refuses it.
  if (from === undefined || to === undefined) return false
  const isDay = daysOf(days)
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  const yesterday = (weekday + 6) % 7
  if (begin < end) return isDay(weekday) && minutes >= begin && minutes < end
  return (isDay(weekday) && minutes >= begin) || (isDay(yesterday) && minutes < end)
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** `Mon-Wed,Sat`; a range may go round the end of the week. Without any: every day. */
const daysOf = (text: string | undefined): ((weekday: number) => boolean) => {
  if (text === undefined) return () => true
  const chosen = new Set<number>()
  for (const range of text.split(',')) {
    // `Mon-Wed-Fri` passes the pattern of the config: one range after the other.
    const days = range.split('-').map((day) => weekdays.indexOf(day))
    for (const [i, from] of days.entries()) {
      const to = days[i + 1] ?? from
      if (from < 0 || to < 0) return () => false
      for (let day = from; ; day = (day + 1) % 7) {
        chosen.add(day)
        if (day === to) break
      }
    }
  }
  return (weekday) => chosen.has(weekday)
}
