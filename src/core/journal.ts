import type { Reading } from './reading.ts'

/** One key of journald.conf, as it holds and as the config wants it. */
export interface LimitState {
  key: string
  /** Null: systemd's default. */
  effective: string | null
  /** The file that sets it. */
  source: string | null
  /** Null: the config does not name it. */
  wanted: string | null
}

/** Why a wanted limit does not hold although it is installed. */
export type LimitFault =
  /** Another file that is read later sets it differently. */
  | { kind: 'overridden'; key: string; wanted: string; effective: string | null; source: string | null }
  /** This version of systemd does not know it, and skips it. */
  | { kind: 'too-old'; key: string; since: number; version: number }
  /** journald announces another bound than its files say. */
  | { kind: 'not-taken-up'; key: string; wanted: string; announcedBytes: number }

/** An assignment that journald skips with a line in its own log. */
export interface IgnoredAssignment {
  path: string
  line: number
  key: string
  value: string
  why: 'unknown-key' | 'bad-value'
}

/** Where journald keeps its files, and how much they take there. */
export interface JournalPlace {
  at: 'disk' | 'memory'
  folder: string
  /** `absent`: it keeps none there. */
  usage: Reading<number>
  /** By SystemMaxUse or RuntimeMaxUse; null: systemd's own rule, 10 % of the file system and at most 4 GiB. */
  capBytes: number | null
}

export interface JournalStorage {
  kind: 'persistent' | 'volatile' | 'none' | 'unknown'
  places: JournalPlace[]
}

/** What journald says of itself; only of a live host, since journalctl reads the files of this machine. */
export interface JournalTraffic {
  linesPerMinute: number
  /** At most five. */
  loudest: { unit: string; linesPerMinute: number }[]
  /** Dropped by rate limiting in the last 24 hours. */
  suppressed: { unit: string; messages: number }[]
  oldestAtMs: number | null
}
