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
  /** When the present life of the service began; null: the log was read in it before, or that is not known. */
  bornAtMs: number | null
  timeoutMs: number
}

/** False, too, for lines that it passes over since they would take too long; `passedOver` tells whether there were. */
export interface LineMatcher {
  (line: string): boolean
  passedOver(): boolean
}

/**
 * A regular expression may take the square or the cube of a line's length, and nothing can interrupt it
 * (config/regex.ts): `.*.*=.*z` took 110 s for 4 KiB. So a long line is tried by its beginning first, then by twice
 * that, and given up when that is slow: what is left to try then takes at most some 8 times as long.
 */
const maxLogLine = 4096
const firstTryLength = 256
const slowMs = 100
const maxMatchMs = 3000

/** Matches line by line, in all for about 3 s at most, and of each line only the beginning. */
export const lineMatcher = (host: Host, source: string, maxLineLength = maxLogLine): LineMatcher => {
  const regex = new RegExp(source)
  const endAtMs = host.elapsedMs() + maxMatchMs
  let passedOver = false
  const isSlow = (line: string): boolean => {
    for (let length = firstTryLength; length < line.length; length *= 2) {
      const begunMs = host.elapsedMs()
      regex.test(line.slice(0, length))
      if (host.elapsedMs() - begunMs > slowMs) return true
    }
    return false
  }
  const matches = (whole: string): boolean => {
    const line = whole.length > maxLineLength ? whole.slice(0, maxLineLength) : whole
    if (host.elapsedMs() <= endAtMs && !isSlow(line)) return regex.test(line)
    passedOver = true
    return false
  }
  return Object.assign(matches, { passedOver: () => passedOver })
}
