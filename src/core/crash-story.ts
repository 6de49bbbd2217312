import type { CrashEvent } from './crash-event.ts'

/** A reason why somebody is suspected; report/crash-words.ts has the sentences. */
export type SuspectReason =
  | { code: 'killed'; count: number; firstAtMs: number | null; scope: string }
  | { code: 'held'; bytes: number; limitBytes: number | null; processes: number }
  | { code: 'victim-only'; holder: string; bytes: number }
  | { code: 'heap'; count: number }
  | { code: 'crashed'; count: number; kind: string }
  | { code: 'hung'; count: number }
  | { code: 'failed'; count: number }
  | { code: 'exited'; count: number; exitCode: number | null }
  | { code: 'restarts'; count: number }
  | { code: 'counted'; count: number }
  | { code: 'grew'; bytesPerMinute: number; seconds: number; culprit: string | null; service: string }

export interface Suspect {
  /** A unit, a container or a program. */
  name: string
  kind: 'unit' | 'container' | 'program'
  /** Higher is more suspect; of no unit. */
  score: number
  reasons: SuspectReason[]
}

/** What one source gave: `missing` says why it did not, with the mend. */
export interface SourceOutcome {
  name: string
  lines: number
  /** False: cut off by its bound of time or size. */
  complete: boolean
  missing: string | null
  mend: string | null
  /**
   * What this host tells of crashes is in here, or somebody has named it: without it "nothing was found" proves nothing.
   * False: nor does it when only a part was read, as the newest lines of a service that is chatty.
   */
  isNeeded?: boolean
}

/** That nothing was found does not mean that there was nothing. */
export const leavesDoubt = ({ complete, missing, isNeeded }: SourceOutcome): boolean =>
  missing === null ? !complete && isNeeded !== false : isNeeded === true

export interface CrashStory {
  sinceMs: number
  untilMs: number
  /** By time, those without one last. */
  events: CrashEvent[]
  suspects: Suspect[]
  /** What is wrong with the host itself now, in sentences; nobody is suspected of it. */
  warnings: string[]
  sources: SourceOutcome[]
}

/** What is known of a unit or container beside the logs. */
export interface Restarts {
  name: string
  kind: 'unit' | 'container'
  count: number
}

export interface Growth {
  /** As a suspect. */
  name: string
  /** As it is recorded, and `trend --service` knows it. */
  service: string
  bytesPerMinute: number
  seconds: number
  /** What its processes run, as the kernel calls it; of one that is known by its processes alone. */
  programs: readonly string[]
  /** Its processes as recorded, where the kernel numbers them so. */
  pids: readonly number[]
  /** Which of its processes, or what kind of memory, in words; null: not known. */
  culprit: string | null
}
