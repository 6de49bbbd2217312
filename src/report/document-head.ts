import type { Status } from '../core/finding.ts'
import { isoStamp } from '../core/stamp.ts'

export interface HeadFacts {
  /** Without the product's name: `check@1`. */
  schema: string
  version: string
  hostname: string
  startedAtMs: number
  finishedAtMs: number
  status: Status
  exitCode: number
}

/** What every `--json` document begins with; times are ISO 8601 in UTC. */
export const documentHead = (facts: HeadFacts): Record<string, unknown> => ({
  schema: `oratio-health/${facts.schema}`,
  version: facts.version,
  host: facts.hostname,
  startedAt: isoStamp(facts.startedAtMs),
  finishedAt: isoStamp(facts.finishedAtMs),
  status: facts.status,
  exitCode: facts.exitCode,
})

/**
 * A document as one line of JSON. Names of others stay as they are found, but what `JSON.stringify` leaves raw and a
 * terminal obeys (DEL, C1 controls such as U+009B, bidirectional overrides) is written as `\u009b`: same value,
 * harmless to look at.
 */
export const documentText = (document: object): string =>
  `${JSON.stringify(document).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`
