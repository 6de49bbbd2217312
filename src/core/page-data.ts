import type { ClockOffsets } from './civil-time.ts'

/**
 * What the page of `report` carries for its charts, short names since it is there once a service. Times are epoch
 * seconds, series packed by vlq.ts (`times` by packTimes) in steps of `unit`
 * bytes, so that nothing is rounded.
 */
export interface PageData {
  offsets: ClockOffsets
  /** What `verify --mark` noted. */
  marks: PageEvent[]
  services: PageSeries[]
}

export interface PageSeries {
  name: string
  /** How long a value stands for, in seconds. */
  step: number
  unit: number
  times: string
  floors: string
  peaks: string
  /** What counts against the limit, plus one step; 0 where it was not measured. Null: nowhere. */
  used: string | null
  /** The limit from this index on. */
  limits: [index: number, bytes: number | null][]
  /** Before these indexes nothing was recorded for a while. */
  gaps: number[]
  restarts: PageEvent[]
  alerts: [from: number, to: number, level: AlertLevel, text: string][]
  cone: Cone | null
  /** The whole picture: from, to, and the top of the scale in bytes. */
  range: [from: number, to: number, topBytes: number]
}

export type PageEvent = [at: number, text: string]

export type AlertLevel = 'warning' | 'critical' | 'unknown'

/** From where memory is now to when the limit is hit: at best, soonest, and latest (null: maybe never). */
export interface Cone {
  from: number
  bytes: number
  limit: number
  best: number
  low: number
  high: number | null
}
