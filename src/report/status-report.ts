import type { Status } from '../core/finding.ts'
import type { JobState } from '../core/job.ts'
import type { SeenHost, SeenService } from '../core/seen.ts'
import type { LeakVerdict } from '../leak/series.ts'

/** What `status` shows: records only. Stamps are epoch milliseconds. */
export interface StatusReport {
  hostname: string
  nowMs: number
  status: Status
  /** Null: no check has left a record that can be read; `trouble` says why. */
  seen: {
    host: SeenHost
    /** Longer ago than three of the times between checks: it tells nothing of now. */
    isOld: boolean
    oldAfterMs: number
    /** Between two checks; null: not known. */
    everyMs: number | null
  } | null
  trouble: { what: string; mend: string } | null
  services: ServiceStatus[]
  jobs: JobState[]
}

export interface ServiceStatus {
  seen: SeenService
  /** Of the last check; unknown where that is old. */
  status: Status
  isOld: boolean
  /** Of the last 24 hours, oldest first, one for each period of which there is a record. */
  points: StatusPoint[]
  /** Null: there is no history that can be read. */
  verdict: LeakVerdict | null
  restartsToday: number
  lastAction: { atMs: number; kind: ActionKind } | null
  /** Which process or kind of memory grows; null: not known. */
  culprit: string | null
}

export type ActionKind = 'restarted' | 'scheduled-restart' | 'by-engine' | 'by-systemd' | 'gave-up'

export interface StatusPoint {
  atMs: number
  floorBytes: number
  meanBytes: number
  peakBytes: number
  usedBytes: number | null
  limitBytes: number | null
}

/** What the glyphs must do without: `console` has full and half blocks, `ascii` neither. */
export type Glyphs = 'unicode' | 'console' | 'ascii'
