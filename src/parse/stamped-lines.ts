import { parseRfc3339 } from './rfc3339.ts'

export interface StampedLine {
  /** Epoch milliseconds, with what the stamp has of microseconds. */
  atMs: number
  text: string
}

// `1700000000.123456 host app[7]: message`; an entry of several lines goes on below its message, indented.
const journalLine = /^(\d{9,11}\.\d{1,6}) \S+ .*?: ?/

/**
 * What `journalctl -o short-unix` prints: the messages, without host and program. Lines that are no entry, such as
 * `-- No entries --` and `-- Boot … --`, are left out.
 */
export const parseJournalLines = (text: string): StampedLine[] => {
  const lines: StampedLine[] = []
  for (const line of linesOf(text)) {
    const [head, seconds] = journalLine.exec(line.slice(0, 400)) ?? []
    const before = lines.at(-1)
    if (head !== undefined) lines.push({ atMs: Number(seconds) * 1000, text: line.slice(head.length) })
    else if (before && line.startsWith(' ')) lines.push({ atMs: before.atMs, text: line.trimStart() })
  }
  return lines
}

/**
 * Lines that begin with an RFC 3339 stamp and a blank, as the Engine API gives logs with `timestamps=1`. One without a
 * stamp belongs to the one before it.
 */
export const parseStampedLines = (text: string): StampedLine[] => {
  const lines: StampedLine[] = []
  for (const line of linesOf(text)) {
    const blank = line.indexOf(' ')
    const stamp = blank < 0 ? line : line.slice(0, blank)
    const atMs = stamp.length > 40 ? null : preciseTime(stamp)
    const before = lines.at(-1)
    if (atMs !== null) lines.push({ atMs, text: blank < 0 ? '' : line.slice(blank + 1) })
    else if (before) lines.push({ atMs: before.atMs, text: line })
  }
  return lines
}

/** With the digits below a millisecond, by which lines of one burst differ. */
const preciseTime = (stamp: string): number | null => {
  const atMs = parseRfc3339(stamp)
  const below = /\.\d{3}(\d{1,6})/.exec(stamp)?.[1]
  return atMs === null ? null : atMs + Number(`0.${below ?? 0}`)
}

/** The lines of a text without their ends; not split at once, which for megabytes would be an array of as many. */
export function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const lineFeed = text.indexOf('\n', at)
    const end = lineFeed < 0 ? text.length : lineFeed
    yield text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end)
    at = end + 1
  }
}
