import { isRecord, unsealJson } from './sealed-json.ts'

/** In the order of the ladder: what is done before anything is touched, then the restart itself. */
export const stepNames = ['notify', 'evidence', 'hook', 'stop', 'start', 'restart'] as const
export type StepName = (typeof stepNames)[number]

/** One restart. Stamps are epoch milliseconds. */
export interface JournalEntry {
  service: string
  /** Why, for the log: one line. */
  cause: string
  beganAtMs: number
  /** Of the service as it ran before; null when it did not. */
  identity: string | null
  bootId: string | null
  /**
   * There when it is only due, and nothing of it was touched: the service that it depends on and that was restarted.
   * `identity` is then of the look before that.
   */
  follows?: string
  /** In the order they were begun. */
  steps: { name: StepName; begunAtMs: number; doneAtMs: number | null }[]
}

/** A restart is a handful of steps, and a run does a handful of restarts. */
export const maxEntries = 200
export const maxSteps = 50
export const maxCauseLength = 500
const maxTextLength = 1000

/** What is right in the text of a journal, and what is wrong with it; null when nothing is. */
export const readJournalText = (text: string): { entries: JournalEntry[]; wrong: string | null } => {
  const document = unsealJson(text)
  if (typeof document === 'string') return { entries: [], wrong: document }
  const raw = document.entries
  if (!Array.isArray(raw)) return { entries: [], wrong: 'it has no list of entries' }
  const entries = raw.filter(isEntry).slice(-maxEntries)
  const dropped = raw.length - entries.length
  return { entries, wrong: dropped === 0 ? null : `wrong in it: ${dropped} of ${raw.length} entries` }
}

const isEntry = (raw: unknown): raw is JournalEntry =>
  isRecord(raw) &&
  isText(raw.service) &&
  isText(raw.cause) &&
  isStamp(raw.beganAtMs) &&
  (raw.identity === null || isText(raw.identity)) &&
  (raw.bootId === null || isText(raw.bootId)) &&
  (raw.follows === undefined || isText(raw.follows)) &&
  Array.isArray(raw.steps) &&
  raw.steps.length <= maxSteps &&
  raw.steps.every(isStep)

const isStep = (raw: unknown): boolean =>
  isRecord(raw) &&
  stepNames.some((name) => name === raw.name) &&
  isStamp(raw.begunAtMs) &&
  (raw.doneAtMs === null || isStamp(raw.doneAtMs))

const isText = (raw: unknown): raw is string => typeof raw === 'string' && raw.length <= maxTextLength

const isStamp = (raw: unknown): boolean => Number.isFinite(raw) && (raw as number) >= 0
