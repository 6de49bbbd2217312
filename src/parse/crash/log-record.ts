import type { LogRecord } from '../../core/crash-event.ts'
import { localTimeMs } from '../../core/stamp.ts'
import { fieldsOf, textOf } from '../json-fields.ts'
import { parseLineTime } from '../line-time.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { journalSender } from './journal-sender.ts'

export interface LogClock {
  /** The newest a line can be: the file's change, or now. Stamps without a year are of the last year before it. */
  endMs: number
  /** When the boot began that `[  12.345]` counts from; null: not known, so such lines have no time. */
  bootAtMs: number | null
}

/** What reads a line longer than this would look for in it is at its beginning. */
const maxLineLength = 16_384

/**
 * One line of a log of whatever form: `journalctl -o json`, its short forms, syslog with and without a year, /dev/kmsg,
 * dmesg with seconds, `-T` and `--time-format iso`, Docker's json-file, or the plain log of a program. Null for empty
 * lines and for journalctl's own (`-- Boot … --`).
 */
export const parseLogRecord = (line: string, clock: LogClock): LogRecord | null => {
  const text = (line.length > maxLineLength ? line.slice(0, maxLineLength) : line)
    .replace(/^\ufeff|[\r\n]+$/g, '')
    .replaceAll('\0', '')
  if (text.trim() === '' || /^-- (?:Boot|Logs begin|Journal begins|No entries|Reboot)\b/.test(text))
    return null
  return (
    (text.startsWith('{') ? jsonRecord(text) : null) ??
    engineRecord(text) ??
    kmsgRecord(text, clock) ??
    dmesgRecord(text, clock) ??
    syslogRecord(text, clock) ??
    plainRecord(text, clock)
  )
}

const jsonRecord = (text: string): LogRecord | null => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return null
  }
  const entry = fieldsOf(json)
  return journalRecord(entry) ?? dockerRecord(entry)
}

const journalRecord = (entry: ReturnType<typeof fieldsOf>): LogRecord | null => {
  const stamp = textOf(entry.__REALTIME_TIMESTAMP)
  if (stamp === null) return null
  const isKernel = textOf(entry._TRANSPORT) === 'kernel'
  const sender = journalSender(entry)
  // systemd-coredump and systemd speak of another unit than their own; so could anybody.
  const about = sender === 'program' ? null : (textOf(entry.UNIT) ?? textOf(entry.COREDUMP_UNIT))
  return {
    atMs: numberIn(stamp, 1000),
    program: isKernel ? 'kernel' : (textOf(entry.SYSLOG_IDENTIFIER) ?? textOf(entry._COMM)),
    pid: numberIn(textOf(entry._PID) ?? textOf(entry.SYSLOG_PID), 1),
    unit: about ?? textOf(entry._SYSTEMD_UNIT),
    text: messageIn(entry.MESSAGE),
    ...(sender === undefined ? {} : { sender }),
  }
}

/** journalctl writes a message that is no UTF-8 as an array of its bytes. */
const messageIn = (message: unknown): string => {
  if (typeof message === 'string') return message
  if (!Array.isArray(message)) return ''
  return String.fromCharCode(
    ...message.slice(0, 4096).filter((byte): byte is number => Number.isInteger(byte)),
  )
}

const numberIn = (text: string | null, divisor: number): number | null => {
  const number = Number(text ?? Number.NaN) / divisor
  return Number.isFinite(number) ? number : null
}

const dockerRecord = (entry: ReturnType<typeof fieldsOf>): LogRecord | null => {
  const [log, time] = [textOf(entry.log), textOf(entry.time)]
  if (log === null || time === null || textOf(entry.stream) === null) return null
  return { atMs: parseRfc3339(time), program: null, pid: null, unit: null, text: log.replace(/\n$/, '') }
}

/** The Engine API with `timestamps=1` and `docker logs -t`: always nine digits of a second. */
const engineRecord = (text: string): LogRecord | null => {
  const [head, stamp = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) /.exec(text) ?? []
  return head === undefined
    ? null
    : { atMs: parseRfc3339(stamp), program: null, pid: null, unit: null, text: text.slice(head.length) }
}

/** `6,1234,5678901,-;text`: microseconds since the boot. */
const kmsgRecord = (text: string, clock: LogClock): LogRecord | null => {
  const [head, microseconds] = /^\d{1,5},\d{1,20},(\d{1,18}),[^;]{0,40};/.exec(text) ?? []
  return head === undefined
    ? null
    : kernelRecord(text.slice(head.length), sinceBoot(Number(microseconds) / 1000, clock))
}

const sinceBoot = (milliseconds: number, { bootAtMs }: LogClock): number | null =>
  bootAtMs === null ? null : bootAtMs + milliseconds

const kernelRecord = (text: string, atMs: number | null): LogRecord => ({
  atMs,
  program: 'kernel',
  pid: null,
  unit: null,
  text: text.replace(callerTag, ''),
})

/** With CONFIG_PRINTK_CALLER: `[ T1234]`, `[    C0]`. */
const callerTag = /^\[ *[TC]\d+\] ?/
const level = /^(?:<\d{1,3}>|\w{3,8} *: *\w{3,7} *: )/
const secondsStamp = /^\[ *(\d{1,10}\.\d{1,9})\] ?/
/** `dmesg -T`; Apache 2.2 writes the same stamp, and its level behind it. */
const longStamp =
  /^\[\S{1,6} +([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\](?! ?\[(?:emerg|alert|crit|error|warn|notice|info|debug)\]) ?/
/** `dmesg -H`: the first of a minute in full, the others by what has passed since: no time that can be told. */
const humanStamp = /^\[(?:[A-Z][a-z]{2} ?\d{1,2} \d\d:\d\d| *\+ ?\d{1,7}\.\d{1,6})\] /
/** logread of OpenWrt: `Thu Aug 11 22:52:54 2022 kern.info kernel: [   37.498052] text`. */
const logreadHead =
  /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) \w+\.\w+ ([^\s:[\]]{1,64})(?:\[(\d{1,10})\])?: /
const isoStamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[.,](\d{6})([+-]\d\d:\d\d) (?!\S+ \S+?(?:\[\d+\])?: )/

const dmesgRecord = (text: string, clock: LogClock): LogRecord | null => {
  const bare = text.replace(level, '')
  const [head, seconds] = secondsStamp.exec(bare) ?? []
  if (head !== undefined)
    return kernelRecord(bare.slice(head.length), sinceBoot(Number(seconds) * 1000, clock))
  const [long, month = '', day = '', time = '', year] = longStamp.exec(bare) ?? []
  if (long !== undefined) return kernelRecord(bare.slice(long.length), longTime(year, month, day, time))
  const [human] = humanStamp.exec(bare) ?? []
  if (human !== undefined) return kernelRecord(bare.slice(human.length), null)
  const [iso, stamp, fraction, zone] = isoStamp.exec(bare) ?? []
  return iso === undefined
    ? null
    : kernelRecord(bare.slice(iso.length), parseRfc3339(`${stamp}.${fraction}${zone}`))
}

const longTime = (year = '', month = '', day = '', time = ''): number | null =>
  localTimeMs(`${year}-${monthNumber(month)}-${day.padStart(2, '0')}T${time}`)

const monthNumber = (name: string): string =>
  String(
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].indexOf(name) + 1,
  ).padStart(2, '0')

// `Jan 31 03:00:00[.123456] host program[7]: text`, `2026-01-31T03:00:00.123456+01:00 host program[7]: text`,
// `2026-01-31T03:00:00+0100 …` (journalctl -o short-iso), `1700000000.123456 host program[7]: text` (short-unix),
// `[  12.345678] host program[7]: text` (short-monotonic). Without a host (`--no-hostname`) a word before a colon may be the
// program's own, so it needs a number, or is the kernel.
const syslog =
  /^(?:<\d{1,3}>)?((?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d{1,6})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)|\d{9,11}\.\d{6}) (?:\S*[^\s:] (?=[^\s:[\]]{1,64}(?:\[\d{1,10}\])?:)|(?=kernel: |[\w.@-]{1,64}\[\d{1,10}\]: ))([^\s:[\]]{1,64})(?:\[(\d{1,10})\])?: ?/

/** earlyoom when it is not started by systemd: `Jun 12 06:39:16: text`. */
const ownStamp = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d): /

/** metalog: `Jun 06 15:45:40 [kernel] [ 1596.567002] text`. */
const metalog = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \[([^\s\]]{1,64})\] /

/** Docker Desktop: `2016-07-31 16:26:53 +0000 UTC kern.info kernel: text`. */
const desktop =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ([+-]\d{4})(?: [A-Z]{3,5})? \w+\.\w+ ([^\s:[\]]{1,64})(?:\[(\d{1,10})\])?: /

/** As people paste it, and wall(1) shows it. */
const bareKernel = /^kernel: ?/

/** In another language the month is any word: `28. Apr`, `5月 29`, `апр 28`; what it is called is not known here. */
const foreign =
  /^(?:\S{1,12} +\d{1,2}|\d{1,2}\.? +\S{1,12}) \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:\S+ )?([\w./-]{1,64})(?:\[(\d{1,10})\])?: /u

const syslogRecord = (text: string, clock: LogClock): LogRecord | null => {
  const [head, stamp = '', program = '', pid] = syslog.exec(text) ?? []
  if (head !== undefined)
    return programRecord(
      text.slice(head.length),
      program,
      pid,
      parseLineTime(stamp.replace(',', '.'), clock.endMs),
    )
  const [logread, month, day, time, year, name = '', number] = logreadHead.exec(text) ?? []
  if (logread !== undefined)
    return programRecord(text.slice(logread.length), name, number, longTime(year, month, day, time))
  const [own, at = ''] = ownStamp.exec(text) ?? []
  if (own !== undefined)
    return { ...plainRecord(text, clock), text: text.slice(own.length), atMs: parseLineTime(at, clock.endMs) }
  const [metalogHead, metalogStamp = '', metalogName = ''] = metalog.exec(text) ?? []
  if (metalogHead !== undefined)
    return programRecord(
      text.slice(metalogHead.length),
      metalogName,
      undefined,
      parseLineTime(metalogStamp, clock.endMs),
    )
  const [desktopHead, date, clockTime, zone, desktopName = '', desktopPid] = desktop.exec(text) ?? []
  if (desktopHead !== undefined)
    return programRecord(
      text.slice(desktopHead.length),
      desktopName,
      desktopPid,
      parseRfc3339(`${date}T${clockTime}${zone}`),
    )
  if (bareKernel.test(text)) return programRecord(text.replace(bareKernel, ''), 'kernel', undefined, null)
  const [other, otherName = '', otherPid] = foreign.exec(text) ?? []
  return other === undefined ? null : programRecord(text.slice(other.length), otherName, otherPid, null)
}

const programRecord = (
  text: string,
  program: string,
  pid: string | undefined,
  atMs: number | null,
): LogRecord =>
  program === 'kernel'
    ? kernelRecord(text.replace(secondsStamp, ''), atMs)
    : { atMs, program, pid: pid === undefined ? null : Number(pid), unit: null, text }

const plainRecord = (text: string, clock: LogClock): LogRecord => ({
  atMs: parseLineTime(text, clock.endMs),
  program: null,
  pid: null,
  unit: null,
  text,
})
