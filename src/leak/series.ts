/**
 * What leak verdicts are made of and come to. Bytes are the leak number (anon + shmem + swap) unless told otherwise;
 * stamps are epoch milliseconds.
 */
export interface SeriesPoint {
  atMs: number
  /** The lowest within the point's period: a sawtooth leaks when its floor rises. */
  bytes: number
  /** Which lifetime it belongs to; another value begins a new series. Null: not known, so the same as before. */
  identity: string | null
}

/** How far the limit is: `used` counts against it (current − inactive file), which is not the leak number. */
export interface Ceiling {
  limitBytes: number
  usedBytes: number
}

export type LeakVerdictKind = 'leak' | 'growing' | 'stable' | 'insufficient'

export interface LeakVerdict {
  verdict: LeakVerdictKind
  slopeBytesPerMinute: number | null
  /** The range the slope lies in; null with it. */
  slopeLow: number | null
  slopeHigh: number | null
  /** When the growth began; null when there is none. */
  onsetAtMs: number | null
  /** Until the ceiling is hit; null without growth or without a ceiling. `high` null: maybe never. */
  secondsToLimit: { best: number; low: number; high: number | null } | null
  /** 0 to 1. */
  confidence: number
  /** A code with arguments; report/ has the sentence. */
  reason: { code: string; args: Readonly<Record<string, string | number | null>> }
}

/** The code of the reason of a leak that only earlier lives have shown: told, but nothing to restart this one for. */
export const ofEarlierLives = 'leaked-before'

/** `leak/verdict.ts` exports one of these. Pure; points in any order, gaps and doubles allowed. */
export type JudgeLeak = (points: readonly SeriesPoint[], ceiling: Ceiling | null) => LeakVerdict
