import type { ClockOffsets } from '../../core/civil-time.ts'
import type { HistoryRecord } from '../../core/history.ts'
import type { AlertLevel } from '../../core/page-data.ts'
import type { LeakVerdict } from '../../leak/series.ts'

export interface ReportedRestart {
  atMs: number
  /** A word of the restart history, or `new-life` where only the records tell of it. */
  event: string
  detail: string
}

export interface ReportedAlert {
  fromMs: number
  toMs: number
  level: AlertLevel
  text: string
}

export interface ReportedService {
  name: string
  isHost: boolean
  /** Oldest first, none empty of samples. */
  records: HistoryRecord[]
  /** What it held when it was last looked at. */
  memoryBytes: number
  /** How long a record stands for. */
  stepMs: number
  /** How often it was looked at, of late. */
  rhythmMs: number
  verdict: LeakVerdict
  /** What the forecast is made to: its own limit, or all memory of the host. */
  ceiling: { limitBytes: number; usedBytes: number; of: 'limit' | 'host' } | null
  restarts: ReportedRestart[]
  alerts: ReportedAlert[]
}

export interface ReportFacts {
  hostname: string
  version: string
  nowMs: number
  fromMs: number
  offsets: ClockOffsets
  services: ReportedService[]
  marks: { atMs: number; text: string }[]
  /** Alerts are known from here on; null: no health log could be read. */
  alertsFromMs: number | null
  /** What is not on the page and why, one line each. */
  notes: string[]
  /** How many histories are there and could not be read. */
  unread: number
}
