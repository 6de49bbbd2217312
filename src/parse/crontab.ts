import { type CronSchedule, fieldsOfNickname, parseSchedule } from './cron-schedule.ts'

/** `system`: /etc/crontab and /etc/cron.d/*, whose lines name a user before the command; `user`: what `crontab -e` edits. */
export type CrontabForm = 'user' | 'system'

export interface CrontabEntry {
  /** Counted from 1. */
  line: number
  /** As written, e.g. `5 4 * * *` or `@hourly`. */
  timing: string
  schedule: CronSchedule | 'reboot'
  /** Null in a user's crontab. */
  user: string | null
  /** What the shell gets: up to the first bare `%`, with `\%` made `%`. */
  command: string
  /** What the command gets on its standard input: the text after the first bare `%`. */
  input: string | null
  /** The assignments in force at this line. */
  environment: ReadonlyMap<string, string>
}

export interface CrontabFault {
  line: number
  /** The line as written, raw. */
  text: string
  message: string
}

export interface Crontab {
  entries: CrontabEntry[]
  /** Lines that are neither an entry, an assignment, a comment nor blank. Debian's cron then ignores the whole file. */
  faults: CrontabFault[]
  /** True for an empty file. Without it Debian's cron ignores the whole file. */
  endsWithNewline: boolean
  /** Some line ends in CR LF: cron hands the CR to the command, and a blank line with a CR is a syntax error. */
  windowsLineEnds: boolean
}

/** Debian's cron refuses a file of more lines. */
const maxLines = 10_000

/** Debian 12's `crontab -n` takes a command of 998 characters and refuses one of 999. */
const maxCommandLength = 998

/**
 * A crontab, read as Debian 12's cron reads it (crontab(5), and tried with its `crontab -n`); never throws. There is
 * no line continuation: a `\` at the end belongs to the command, and the next line stands for itself.
 */
export const parseCrontab = (text: string, form: CrontabForm): Crontab => {
  const entries: CrontabEntry[] = []
  const faults: CrontabFault[] = []
  let environment = new Map<string, string>()
  const lines = text.split('\n')
  for (const [index, raw] of lines.slice(0, maxLines).entries()) {
    const line = raw.replace(/\r$/, '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const assignment = parseAssignment(line)
    if (assignment) {
      environment = new Map(environment).set(...assignment)
      continue
    }
    const entry = parseEntry(line, form)
    if ('fault' in entry) faults.push({ line: index + 1, text: raw, message: entry.fault })
    else entries.push({ line: index + 1, environment, ...entry })
  }
  if (lines.length > maxLines + 1)
    faults.push({ line: maxLines + 1, text: '', message: 'more than 10000 lines' })
  return {
    entries,
    faults,
    endsWithNewline: text === '' || text.endsWith('\n'),
    windowsLineEnds: /\r(\n|$)/.test(text),
  }
}

/** `NAME=value`, also with spaces around `=` and with quotes around both; a bare `NAME=` is a syntax error to cron. */
const parseAssignment = (line: string): [string, string] | null => {
  const match = /^(?:"([^"]*)"|'([^']*)'|([^\s=]+))[ \t]*=[ \t]*/.exec(line)
  if (!match) return null
  const name = match[1] ?? match[2] ?? match[3] ?? ''
  const written = trimBlanksAtEnd(line.slice(match[0].length))
  const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(written)
  if (quoted) return [name, quoted[1] ?? quoted[2] ?? '']
  return /^["']|^$/.test(written) ? null : [name, written]
}

/** By hand: `/[ \t]+$/` takes quadratic time on a long run of blanks within the line. */
const trimBlanksAtEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(0, end)
}

type EntryParts = Omit<CrontabEntry, 'line' | 'environment'>

const parseEntry = (line: string, form: CrontabForm): EntryParts | { fault: string } => {
  const timing = line.startsWith('@') ? splitNickname(line) : splitFields(line, form)
  if ('fault' in timing) return timing
  const rest = form === 'system' ? splitUser(timing.rest) : { user: null, command: timing.rest }
  if (rest.command === '') return { fault: form === 'system' ? 'no user or no command' : 'no command' }
  if (rest.command.length > maxCommandLength)
    return { fault: `the command is longer than ${maxCommandLength}` }
  return {
    timing: timing.timing,
    schedule: timing.schedule,
    user: rest.user,
    ...splitInput(rest.command),
  }
}

type Timing = { timing: string; schedule: CronSchedule | 'reboot'; rest: string } | { fault: string }

const splitNickname = (line: string): Timing => {
  const { word, rest } = firstWord(line)
  if (word === '@reboot') return { timing: word, schedule: 'reboot', rest }
  const fields = fieldsOfNickname(word)
  if (fields === null) return { fault: `\`${word}\` is no time` }
  const parsed = parseSchedule(fields)
  return 'fault' in parsed ? parsed : { timing: word, schedule: parsed.schedule, rest }
}

const splitFields = (line: string, form: CrontabForm): Timing => {
  const fields: string[] = []
  // cronie's system crontabs may begin a line with `-`, "do not log its runs"; Debian's cron refuses it.
  let rest = form === 'system' ? line.replace(/^-(?=[\d*])/, '') : line
  while (fields.length < 5 && rest !== '') {
    const next = firstWord(rest)
    fields.push(next.word)
    rest = next.rest
  }
  if (fields.length < 5) return { fault: 'fewer than five time fields' }
  const parsed = parseSchedule(fields)
  return 'fault' in parsed ? parsed : { timing: fields.join(' '), schedule: parsed.schedule, rest }
}

const splitUser = (text: string): { user: string; command: string } => {
  const { word, rest } = firstWord(text)
  return { user: word, command: rest }
}

const firstWord = (text: string): { word: string; rest: string } => {
  const end = text.search(/[ \t]/)
  return end < 0
    ? { word: text, rest: '' }
    : { word: text.slice(0, end), rest: text.slice(end).replace(/^[ \t]+/, '') }
}

/** As cron's do_command does it: a backslash shields the next character, so `\\%` ends the command. */
const splitInput = (text: string): { command: string; input: string | null } => {
  const parts = ['']
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    const next = text[i + 1]
    const last = parts.length - 1
    if (c === '\\' && next !== undefined) {
      parts[last] += next === '%' ? '%' : c + next
      i++
    } else if (c === '%') parts.push('')
    else parts[last] += c
  }
  const [command = '', ...input] = parts
  return { command, input: input.length === 0 ? null : input.join('\n') }
}
