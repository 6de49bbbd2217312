import type { LineFilter, TakeLine } from './host.ts'

/** What is longer is cut there; the rest of the line is passed over. */
const maxLineBytes = 16 * 1024
const lineFeed = 10
const none: Buffer = Buffer.alloc(0)

export interface LineSplitter {
  push(bytes: Buffer): void
  end(): void
  /** Lines so far, also those that were not wanted. */
  count(): number
}

/**
 * Hands over the lines of bytes that come in pieces, in bounded memory whatever the length of a line. Invalid UTF-8
 * becomes U+FFFD.
 *
 * @param filter which lines; without it all
 */
export const makeLineSplitter = (take: TakeLine, filter: LineFilter = everyLine): LineSplitter => {
  /** The beginning of a line that goes on in the next piece; null: a line begins there. */
  let rest: Buffer | null = null
  let lines = 0
  const emit = (line: Buffer): void => {
    lines++
    if (filter.wantsAll() || filter.find(line, 0) !== -1) take(line.toString('utf8', 0, maxLineBytes))
  }
  // A copy: the buffer that was handed in is used again.
  const joined = (before: Buffer, more: Buffer): Buffer =>
    Buffer.concat([before, more.subarray(0, Math.max(0, maxLineBytes - before.length))])
  /** Passes over the lines before the one that `until` is in; returns where that begins. */
  const pass = (bytes: Buffer, from: number, until: number): number => {
    let start = from
    for (
      let at = bytes.indexOf(lineFeed, from);
      at !== -1 && at < until;
      at = bytes.indexOf(lineFeed, start)
    ) {
      start = at + 1
      lines++
    }
    return start
  }
  return {
    push(bytes) {
      let from = 0
      if (rest !== null) {
        const end = bytes.indexOf(lineFeed)
        rest = joined(rest, end === -1 ? bytes : bytes.subarray(0, end))
        if (end === -1) return
        emit(rest)
        rest = null
        from = end + 1
      }
      while (from < bytes.length) {
        if (!filter.wantsAll()) {
          const found = filter.find(bytes, from)
          from = pass(bytes, from, found === -1 ? bytes.length : found)
          if (found === -1) break
        }
        const end = bytes.indexOf(lineFeed, from)
        if (end === -1) break
        lines++
        take(bytes.toString('utf8', from, Math.min(end, from + maxLineBytes)))
        from = end + 1
      }
      if (from < bytes.length) rest = joined(none, bytes.subarray(from))
    },
    end() {
      if (rest !== null) emit(rest)
      rest = null
    },
    count: () => lines,
  }
}

const everyLine: LineFilter = { find: (_, from) => from, wantsAll: () => true }
