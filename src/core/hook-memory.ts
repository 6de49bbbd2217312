import type { Status } from './finding.ts'

/** What is known of one hook between runs; survives JSON. */
export interface HookState {
  /** Epoch milliseconds; of a period the beginning of it. */
  lastRunAtMs: number | null
  /** Memory is above the mark of an `at:` hook, so it has run for this crossing. */
  isAbove: boolean
  /** It was due, and the hooks of that run had no time left: it goes first in the next. */
  isOwed?: true
}

/** Of a service, its hooks by what they are: one that changes in the config is another. */
export interface ServiceHooks {
  /** As it was judged by the last run; null: never. */
  status: Status | null
  hooks: Readonly<Record<string, HookState>>
}

export const freshHooks: ServiceHooks = { status: null, hooks: {} }
