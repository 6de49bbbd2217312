import { localTimeMs, yearOf } from '../core/stamp.ts'
import { parseRfc3339 } from './rfc3339.ts'

/** A line of JSON has its stamp somewhere; further on it is more likely part of what the line says. */
const searchedLength = 200

// `[2026-01-31 03:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT` (gunicorn), `2026/01/31 03:00:00 [error]` (nginx),
// `{"time":"2026-01-31T03:00:00.123Z"}`, `2026-01-31 03:00:00,123 ERROR` (Python).
const iso =
  /(?<!\d)(\d{4})([-/])(\d\d)\2(\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?([Zz]|[+-]\d\d:?\d\d)(?!\d))?/
// `Jan 31 03:00:00 host app[7]: …` (RFC 3164): no year, local time; days below 10 have a blank or a zero.
const syslog = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ 0123]\d) (\d\d:\d\d:\d\d)(?!\d)/
// `[18-Aug-2024 02:43:39] WARNING` (PHP), `Thu Jun 27 02:58:57 2019 - DAMN` (uWSGI, ctime): local time.
const php = /^\[(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d:\d\d)(?: [\w/+-]+)?\]/
const ctime = /^\[?[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})(?!\d)/
// Seconds, with a fraction or not, or milliseconds, from 2001 to 2286: `1706670000.123 0 192.0.2.1 TCP_MISS` (squid).
const epoch = /^\[?(\d{10})(?:\.\d+|(\d{3}))?(?![\d.])/

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * When a log line says it was written, in epoch milliseconds; null when it does not. A stamp without a zone is local
 * time, one without a year is of the year that is not in the future.
 */
export const parseLineTime = (line: string, nowMs: number): number | null => {
  const head = line.slice(0, searchedLength)
  return syslogTime(head, nowMs) ?? epochTime(head) ?? isoTime(head) ?? longTime(head)
}

const isoTime = (head: string): number | null => {
  const [whole, year, , month, day, time, fraction = '0', zone] = iso.exec(head) ?? []
  if (whole === undefined) return null
  const stamp = `${year}-${month}-${day}T${time}`
  if (zone !== undefined) return parseRfc3339(`${stamp}.${fraction}${zone}`)
  return hasClockTime(time ?? '') ? localTimeMs(stamp) : null
}

const syslogTime = (head: string, nowMs: number): number | null => {
  const [whole, name = '', day = '', time = ''] = syslog.exec(head) ?? []
  const month = months.indexOf(name) + 1
  if (whole === undefined || month === 0 || !hasClockTime(time)) return null
  const within = (year: number): number | null =>
    localTimeMs(`${year}-${two(month)}-${two(Number(day))}T${time}`)
  const year = yearOf(nowMs)
  const thisYear = within(year)
  // A day's grace: a host in another zone may be ahead.
  return thisYear !== null && thisYear <= nowMs + 86_400_000 ? thisYear : within(year - 1)
}

const longTime = (head: string): number | null => {
  const [, phpDay, phpMonth, phpYear, phpClock] = php.exec(head) ?? []
  const [, month = phpMonth ?? '', day = phpDay ?? '', time = phpClock ?? '', year = phpYear ?? ''] =
    ctime.exec(head) ?? []
  const number = months.indexOf(month) + 1
  return number === 0 || !hasClockTime(time)
    ? null
    : localTimeMs(`${year}-${two(number)}-${two(Number(day))}T${time}`)
}

const epochTime = (head: string): number | null => {
  const [whole, seconds, milliseconds = '0'] = epoch.exec(head) ?? []
  return whole === undefined || Number(seconds) < 1e9 ? null : Number(seconds) * 1000 + Number(milliseconds)
}

const hasClockTime = (time: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)$/.test(time)

const two = (number: number): string => String(number).padStart(2, '0')
