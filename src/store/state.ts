import type { Absent, Failed, Reading } from '../core/reading.ts'
import type { ToldProblem } from '../core/told.ts'
import { formatDuration } from '../core/units.ts'
import type { HostSave } from '../host/host.ts'
import { restartsUntil, type ServiceRestarts } from './restart-state.ts'
import { shapeState } from './state-shape.ts'
import { readStateText, stateText } from './state-text.ts'

/** What one run knows of those before it: `state.json`. Stamps are epoch milliseconds. */
export interface State {
  version: 1
  bootId: string | null
  /** Null when no run has saved yet. */
  savedAtMs: number | null
  /** What `HostCheck.remember` returned, by the check's name. */
  remembered: Record<string, unknown>
  told: ToldProblem[]
  /** By the service's name. */
  restarts: Record<string, ServiceRestarts>
}

export interface StateProblem {
  /** `clock-went-back`: nothing was lost; stamps of the future count as now. */
  kind: 'broken' | 'unreadable' | 'clock-went-back'
  /** What is wrong, one line. */
  detail: string
  /** Where the old file is kept; null when nothing was moved. */
  setAsideTo: string | null
}

export interface LoadedState {
  state: State
  problem: StateProblem | null
}

/**
 * The state of the run before. A file that cannot be used, or not wholly, is never written over: it is moved aside,
 * what is right in it is used, and the problem says so. A missing one is a first run. Never throws.
 */
export const loadState = (save: HostSave, path: string, nowMs: number): LoadedState => {
  const text = save.readText(path)
  if (text.kind === 'absent') return { state: freshState(), problem: null }
  if (text.kind === 'failed') {
    const kind = text.cause === 'malformed' ? 'broken' : 'unreadable'
    return { state: freshState(), problem: setAside(save, path, kind, text.detail) }
  }
  const read = readStateText(text.value)
  if (typeof read === 'string') return { state: freshState(), problem: setAside(save, path, 'broken', read) }
  const { state, aheadMs } = withoutFuture(read.state, nowMs)
  if (read.dropped.length > 0)
    return { state, problem: setAside(save, path, 'broken', `wrong in it: ${read.dropped.join(', ')}`) }
  return { state, problem: aheadMs > tolerableAheadMs ? clockWentBack(aheadMs) : null }
}

/** Saves for the next run; the bounds of state-shape.ts are kept whatever the state holds. */
export const saveState = (save: HostSave, path: string, state: State, nowMs: number): Reading<true> =>
  save.replace(path, stateText({ ...state, savedAtMs: nowMs }))

/** Would a state that is saved so know what was restarted of this service? */
export const keepsRestartsOf = (state: State, name: string): boolean =>
  Object.hasOwn(shapeState({ ...state }).state.restarts, name)

export const freshState = (): State => ({
  version: 1,
  bootId: null,
  savedAtMs: null,
  // No prototype: a service may be called `constructor`.
  remembered: Object.create(null),
  told: [],
  restarts: Object.create(null),
})

const setAside = (
  save: HostSave,
  path: string,
  kind: 'broken' | 'unreadable',
  detail: string,
): StateProblem => {
  const moved = save.setAside(path)
  if (moved.kind === 'value') return { kind, detail, setAsideTo: moved.value }
  return { kind, detail: `${detail}; it could not be moved aside: ${wordsOf(moved)}`, setAsideTo: null }
}

const wordsOf = (reading: Absent | Failed): string =>
  reading.kind === 'failed' ? reading.detail : 'it is gone'

// NTP slews a clock back by less than this without anybody having set it.
const tolerableAheadMs = 60_000

const clockWentBack = (aheadMs: number): StateProblem => ({
  kind: 'clock-went-back',
  detail: `the last run was ${formatDuration(aheadMs / 1000)} in the future`,
  setAsideTo: null,
})

/**
 * Stamps later than now become now: a reminder or a day must not wait for a time that was wrong. Saved so, they are
 * not of the future in the next run, so this is told once. `aheadMs`: how far the latest was ahead.
 */
export const withoutFuture = (state: State, nowMs: number): { state: State; aheadMs: number } => {
  const past = (atMs: number): number => Math.min(atMs, nowMs)
  const stamps = [state.savedAtMs ?? 0, ...state.told.flatMap(({ sinceMs, toldAtMs }) => [sinceMs, toldAtMs])]
  const aheadMs = stamps.reduce((ahead, atMs) => Math.max(ahead, atMs - nowMs), 0)
  if (aheadMs === 0) return { state, aheadMs }
  return {
    aheadMs,
    state: {
      ...state,
      savedAtMs: state.savedAtMs === null ? null : past(state.savedAtMs),
      told: state.told.map((told) => ({
        ...told,
        sinceMs: past(told.sinceMs),
        toldAtMs: past(told.toldAtMs),
      })),
      restarts: mapRestarts(state.restarts, nowMs),
    },
  }
}

const mapRestarts = (all: State['restarts'], nowMs: number): State['restarts'] => {
  const until: State['restarts'] = Object.create(null)
  for (const [name, restarts] of Object.entries(all)) until[name] = restartsUntil(restarts, nowMs)
  return until
}
