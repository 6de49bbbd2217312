import type { Status } from './finding.ts'

/** Which of a host's files was read: of `check --json`, of `status --json`, the figures, or an error in place of them. */
export type GatheredForm = 'check' | 'status' | 'metrics' | 'error'

/** The last check of a host, as one of its files tells it. Text in here is of others. */
export interface GatheredCheck {
  form: GatheredForm
  /** As the host calls itself; null: the figures do not say. */
  hostname: string | null
  /** When the check was made, by the host's own clock, in epoch milliseconds. */
  atMs: number
  /** Of oratio-health there. */
  version: string | null
  /** The worst of all in it. */
  status: Status
  services: GatheredService[]
  problems: GatheredProblem[]
}

export interface GatheredService {
  name: string
  status: Status
  isLeaking: boolean
  /** Null: it does not grow, or nothing is in its way. */
  secondsToLimit: number | null
}

export interface GatheredProblem {
  /** Null: the host itself. */
  service: string | null
  check: string
  status: Status
  /** In the words of the host's own check; figures have only a code. */
  message: string
}

/** What a file is that tells of no check: `foreign` ones may lie beside those that do. */
export interface NoCheck {
  kind: 'foreign' | 'broken'
  why: string
}

/** Names and words of others, no longer than anybody reads. */
export const boundedText = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text)
