import type { Finding, Status } from './finding.ts'
import type { ServiceResult } from './service.ts'

/** What `check` saw last, for `status`. Stamps are epoch milliseconds. */
export interface LastCheck {
  version: 1
  host: SeenHost
  services: SeenService[]
}

/** Of findings only those that are not ok. */
export interface SeenHost {
  atMs: number
  status: Status
  findings: Finding[]
}

export interface SeenService extends ServiceResult {
  atMs: number
}
