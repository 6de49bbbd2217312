import { clip } from '../core/escape.ts'
import type { Absent, Failed, Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import {
  type JournalEntry,
  maxCauseLength,
  maxEntries,
  maxSteps,
  readJournalText,
  type StepName,
} from './journal-text.ts'
import { sealJson } from './sealed-json.ts'

/**
 * Restarts that are under way: written down before and after each step, taken out at the end; and those that are due
 * since what they depend on was restarted. What a run finds here, another one did not bring to its end (`kill -9`, a
 * power cut).
 */
export interface ActionJournal {
  /** Where the file could not be used: what is wrong, and where it was moved to; null when it was not. */
  problem: { detail: string; setAsideTo: string | null } | null
  entries(): readonly JournalEntry[]
  /** Each of these is on the disk when it returns a value. When it does not, nothing must be restarted. */
  begin(entry: Omit<JournalEntry, 'steps'>): Reading<JournalEntry>
  /** @returns the entry with that step in it; give that one to the next call */
  step(entry: JournalEntry, name: StepName, at: 'begun' | 'done'): Reading<JournalEntry>
  /**
   * Takes it out, and in the same write puts in what is due because of it: at no instant is neither there. One that is
   * under way stays.
   */
  finish(entry: JournalEntry, due?: readonly DueRestart[]): Reading<true>
}

export type DueRestart = Required<Omit<JournalEntry, 'steps'>>

/** @param now epoch milliseconds */
export const openJournal = (save: HostSave, path: string, now: () => number): ActionJournal => {
  const loaded = load(save, path)
  let entries: readonly JournalEntry[] = loaded.entries
  const write = <T>(next: readonly JournalEntry[], result: T): Reading<T> => {
    const folder = save.ensureFolder(path.slice(0, path.lastIndexOf('/')) || '/')
    if (folder.kind !== 'value') return folder
    const written = save.replace(path, sealJson({ version: 1, entries: next }))
    if (written.kind !== 'value') return written
    entries = next
    return { kind: 'value', value: result }
  }
  const others = (entry: JournalEntry): JournalEntry[] => entries.filter((one) => !isSame(one, entry))
  return {
    problem: loaded.problem,
    entries: () => entries,
    begin(begun) {
      const entry = freshEntry(begun)
      return write([...others(entry), entry].slice(-maxEntries), entry)
    },
    step(entry, name, at) {
      const after = { ...entry, steps: withStep(entry, name, at, now()) }
      return write([...others(entry), after].slice(-maxEntries), after)
    },
    finish(entry, due = []) {
      const left = others(entry)
      const added = due.filter((one) => !left.some((other) => isSame(other, one))).map(freshEntry)
      return write([...left, ...added].slice(-maxEntries), true)
    },
  }
}

const freshEntry = (begun: Omit<JournalEntry, 'steps'>): JournalEntry => ({
  ...begun,
  cause: clip(begun.cause, maxCauseLength),
  steps: [],
})

/** One service is restarted by one run at a time. */
const isSame = (a: { service: string }, b: { service: string }): boolean => a.service === b.service

const withStep = (
  { steps }: JournalEntry,
  name: StepName,
  at: 'begun' | 'done',
  nowMs: number,
): JournalEntry['steps'] => {
  const open = steps.findLastIndex((step) => step.name === name && step.doneAtMs === null)
  if (at === 'begun' || open < 0)
    return [...steps, { name, begunAtMs: nowMs, doneAtMs: at === 'done' ? nowMs : null }].slice(-maxSteps)
  return steps.map((step, i) => (i === open ? { ...step, doneAtMs: nowMs } : step))
}

const load = (
  save: HostSave,
  path: string,
): { entries: readonly JournalEntry[]; problem: ActionJournal['problem'] } => {
  const text = save.readText(path)
  if (text.kind === 'absent') return { entries: [], problem: null }
  if (text.kind === 'failed') return { entries: [], problem: setAside(save, path, text.detail) }
  const { entries, wrong } = readJournalText(text.value)
  return { entries, problem: wrong === null ? null : setAside(save, path, wrong) }
}

const setAside = (save: HostSave, path: string, detail: string): ActionJournal['problem'] => {
  const moved = save.setAside(path)
  if (moved.kind === 'value') return { detail, setAsideTo: moved.value }
  return { detail: `${detail}; it could not be moved aside: ${wordsOf(moved)}`, setAsideTo: null }
}

const wordsOf = (reading: Absent | Failed): string =>
  reading.kind === 'failed' ? reading.detail : 'it is gone'
