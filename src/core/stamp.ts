import dayjs from 'dayjs'

/** Local time, as the log lines have it: `2026-01-31 03:00:00`. `atMs` is epoch milliseconds. */
export const localStamp = (atMs: number): string => dayjs(atMs).format('YYYY-MM-DD HH:mm:ss')

/** Local day, as the dated log files have it: `20260131`. */
export const dayStamp = (atMs: number): string => dayjs(atMs).format('YYYYMMDD')

/** Local day and time for file names: `20260131_030000`. */
export const fileStamp = (atMs: number): string => dayjs(atMs).format('YYYYMMDD_HHmmss')

/** ISO 8601 in UTC, for JSON. */
export const isoStamp = (atMs: number): string => dayjs(atMs).toISOString()

/** The epoch milliseconds of a stamp as `localStamp` writes it, or null. In the hour a clock is set back by: the first. */
export const parseLocalStamp = (text: string): number | null => {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null
  const atMs = dayjs(text.replace(' ', 'T')).valueOf()
  return Number.isFinite(atMs) ? atMs : null
}

/** Local day of the week (0: Sunday) and minutes since midnight. */
export const localClock = (atMs: number): { weekday: number; minutes: number } => {
  const at = dayjs(atMs)
  return { weekday: at.day(), minutes: at.hour() * 60 + at.minute() }
}

/** Of the local clock, as cron reads it: months from 1, Sunday is 0. */
export interface LocalFields {
  month: number
  day: number
  weekday: number
  hour: number
  minute: number
}

export const localFields = (atMs: number): LocalFields => {
  const at = dayjs(atMs)
  return { month: at.month() + 1, day: at.date(), weekday: at.day(), hour: at.hour(), minute: at.minute() }
}

/**
 * Local date and time such as `2026-01-31T03:00:00` → epoch milliseconds; null for a day that is none, as February
 * 30th. An hour that the change to summer time leaves out is the one after it.
 */
export const localTimeMs = (text: string): number | null => {
  const time = dayjs(text)
  return time.isValid() && time.format('YYYY-MM-DD') === text.slice(0, 10) ? time.valueOf() : null
}

/** The local year of an instant. */
export const yearOf = (atMs: number): number => dayjs(atMs).year()

/** How many minutes the local clock is ahead of UTC at an instant. */
export const clockOffsetMinutes = (atMs: number): number => dayjs(atMs).utcOffset()
