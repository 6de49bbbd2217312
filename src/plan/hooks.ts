import { checksum } from '../core/checksum.ts'
import type { Level } from '../core/field.ts'
import type { Status } from '../core/finding.ts'
import type { HookState, ServiceHooks } from '../core/hook-memory.ts'

export type HookTrigger =
  | { at: Level }
  | { every: number }
  | { on: 'warning' | 'critical' | 'restart' | 'recovered' }

export type HookSettings = HookTrigger & { run: string; timeout: number }

export interface DueHook {
  settings: HookSettings
  key: string
  why: HookWhy
  /** It waited for its turn already. */
  isOwed: boolean
}

export type HookWhy =
  | { code: 'at'; markBytes: number; memoryBytes: number }
  | { code: 'every'; seconds: number }
  | { code: 'on'; state: 'warning' | 'critical' | 'restart' | 'recovered' }

export interface HookFacts {
  nowMs: number
  /** The leak number; null: not measured, and then nothing is crossed. */
  memoryBytes: number | null
  /** For marks in percent; null: there is none. */
  limitBytes: number | null
  status: Status
}

/** Memory must fall so far below a mark before the next crossing counts: it oscillates. */
const clearlyBelow = 0.9

const fresh: HookState = { lastRunAtMs: null, isAbove: false }

export const hookKey = (settings: HookSettings): string => checksum(JSON.stringify(settings))

/**
 * The hooks of a service that are due, and what to remember when they have run. At a mark once a crossing; on schedule
 * from the first sight on; at a change of state, not at each run in that state.
 */
export const decideHooks = (
  hooks: readonly HookSettings[],
  before: ServiceHooks,
  facts: HookFacts,
): { due: DueHook[]; after: ServiceHooks } => {
  const due: DueHook[] = []
  const after: Record<string, HookState> = {}
  for (const settings of hooks) {
    const key = hookKey(settings)
    const { isOwed = false, ...state } = before.hooks[key] ?? fresh
    const { why, next } = decideOne(settings, state, before.status, facts, isOwed)
    after[key] = next
    if (why !== null) due.push({ settings, key, why, isOwed })
  }
  // What could not be measured is no state to come from or to go to.
  const status = facts.status === 'unknown' ? before.status : facts.status
  return { due, after: { status, hooks: after } }
}

/** As if this one had not been due yet: there was no time for it, and what made it due is to do so again. */
export const owing = (after: ServiceHooks, before: ServiceHooks, key: string): ServiceHooks => ({
  ...after,
  hooks: { ...after.hooks, [key]: { ...(before.hooks[key] ?? fresh), isOwed: true } },
})

/** Those of `on: restart`, asked for when one is about to be made. */
export const restartHooks = (hooks: readonly HookSettings[]): DueHook[] =>
  hooks
    .filter((settings) => 'on' in settings && settings.on === 'restart')
    .map((settings) => ({
      settings,
      key: hookKey(settings),
      why: { code: 'on', state: 'restart' },
      isOwed: false,
    }))

type Decided = { why: HookWhy | null; next: HookState }

const decideOne = (
  settings: HookSettings,
  state: HookState,
  statusBefore: Status | null,
  facts: HookFacts,
  isOwed: boolean,
): Decided => {
  if ('at' in settings && settings.at) return atMark(settings.at, state, facts)
  if ('every' in settings && settings.every) return onSchedule(settings.every, state, facts)
  if ('on' in settings) return onChange(settings.on, state, statusBefore, facts, isOwed)
  return { why: null, next: state }
}

const atMark = (at: Level, state: HookState, { memoryBytes, limitBytes, nowMs }: HookFacts): Decided => {
  const markBytes = 'bytes' in at ? at.bytes : limitBytes === null ? null : (limitBytes * at.percent) / 100
  if (memoryBytes === null || markBytes === null) return { why: null, next: state }
  if (state.isAbove)
    return { why: null, next: { ...state, isAbove: memoryBytes >= markBytes * clearlyBelow } }
  if (memoryBytes < markBytes) return { why: null, next: state }
  return { why: { code: 'at', markBytes, memoryBytes }, next: { lastRunAtMs: nowMs, isAbove: true } }
}

const onSchedule = (seconds: number, state: HookState, { nowMs }: HookFacts): Decided => {
  // The first sight begins the period; a stamp of the future (the clock was set back) begins a new one.
  const last = state.lastRunAtMs
  if (last === null || last > nowMs) return { why: null, next: { ...state, lastRunAtMs: nowMs } }
  if (nowMs - last < seconds * 1000) return { why: null, next: state }
  return { why: { code: 'every', seconds }, next: { ...state, lastRunAtMs: nowMs } }
}

const onChange = (
  on: 'warning' | 'critical' | 'restart' | 'recovered',
  state: HookState,
  before: Status | null,
  { status, nowMs }: HookFacts,
  isOwed: boolean,
): Decided => {
  const isTroubled = before === 'warning' || before === 'critical'
  const hasCome =
    on === 'recovered'
      ? (isTroubled || isOwed) && status === 'ok'
      : on === status && (before !== status || isOwed)
  if (on === 'restart' || !hasCome) return { why: null, next: state }
  return { why: { code: 'on', state: on }, next: { ...state, lastRunAtMs: nowMs } }
}
