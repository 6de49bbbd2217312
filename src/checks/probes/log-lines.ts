import type { Absent, Failed } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'

/** At most this much of a log is read in one run. */
export const maxReadBytes = 8 * 1024 * 1024

/** A stamp of the future by no more than this is of now: another host's clock, or one that was rounded up. */
export const aheadMs = 60_000

/** What a source of lines came to. */
export type LogRead =
  | {
      kind: 'read'
      /** When each line that matches was written, epoch milliseconds. */
      atMs: number[]
      /** Some lines were passed over unread. */
      skipped: boolean
      /** Where the next run goes on; survives JSON. */
      position: unknown
    }
  | { kind: 'unreadable'; why: Absent | Failed }

export interface LogQuestion {
  host: Host
  matches: LineMatcher
  withinMs: number
  nowMs: number
  /** When the log was read last, never in the future; null when it was not. */
  readAtMs: number | null
  /** How far the clock was set back since then. */
  backMs: number
  timeoutMs: number
}

/** False, too, when the time for it is up. */
export interface LineMatcher {
  (line: string): boolean
  timeIsUp(): boolean
}

// A regular expression may take the square of a line's length, and nothing can interrupt it (config/regex.ts).
const maxLineLength = 4096
const maxMatchMs = 3000
const linesBetweenLooks = 256

/** Matches line by line, in all for 3 s at most. */
export const lineMatcher = (host: Host, source: string): LineMatcher => {
  const regex = new RegExp(source)
  const endAtMs = host.elapsedMs() + maxMatchMs
  let lines = 0
  let isUp = false
  const matches = (line: string): boolean => {
    if (lines++ % linesBetweenLooks === 0) isUp = host.elapsedMs() > endAtMs
    return !isUp && regex.test(line.length > maxLineLength ? line.slice(0, maxLineLength) : line)
  }
  return Object.assign(matches, { timeIsUp: () => isUp })
}
