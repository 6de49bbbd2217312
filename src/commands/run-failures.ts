import {
  attempt,
  type FailureMemory,
  noteFailure,
  noteSuccess,
  type Patience,
} from '../core/failure-memory.ts'
import { type FailureFile, failuresPath, loadFailures, saveFailures } from '../store/failures.ts'
import type { RunContext } from './command.ts'
import { lastingSave, recordsRun } from './record.ts'

/** What failed again and again, for all of a run: two copies of it would undo each other's notes. */
export interface RunFailures {
  /** Null: it may be tried. */
  leftOut(key: string, circumstance: string, patience?: Patience): LeftOut | null
  /** @returns whether it is the first failure since it went well */
  failed(key: string, circumstance: string, cause: string): boolean
  hasFailed(key: string): boolean
  /** Of all that has failed. */
  keys(): string[]
  /** @returns whether it had failed before */
  went(key: string): boolean
  /** Of a memory that is not kept at each note. */
  save(): void
}

export interface LeftOut {
  words: string
  /** Why it failed, cut. */
  cause: string
  /** At the first time and every tenth. */
  isReported: boolean
}

/**
 * On the disk after each note: a run that is ended in the middle has counted what failed before. With `atEnd`, for
 * thousands of files, when it is saved. Each command has a file of its own: two that run at once undo nothing of each
 * other, and files that cannot be removed crowd out no hook.
 */
export const openFailures = (
  context: RunContext,
  { of, atEnd }: { of: FailureFile; atEnd: boolean } = { of: 'failures', atEnd: false },
): RunFailures => {
  const { host, global } = context
  const path = failuresPath(global.stateDir, of)
  const lasting = lastingSave(context)
  const loaded = loadFailures(lasting, path)
  let memory: FailureMemory = loaded
  const write = (before: FailureMemory): void => {
    if (recordsRun(context)) saveFailures(lasting, path, before, memory, host.now())
  }
  const keep = (next: FailureMemory): void => {
    const before = memory
    memory = next
    if (!atEnd) write(before)
  }
  return {
    leftOut(key, circumstance, patience) {
      const tried = attempt(memory, key, circumstance, host.now(), patience)
      if (tried.goOn) return null
      keep(tried.memory)
      return {
        words: `left out, ${tried.skipped === 1 ? 'once' : `${tried.skipped} times`} so far: it failed ${tried.failures} times (${tried.cause})`,
        cause: tried.cause ?? '',
        isReported: tried.isReported,
      }
    },
    failed(key, circumstance, cause) {
      const isFirst = !memory.has(key)
      keep(noteFailure(memory, { key, circumstance, cause }, host.now()))
      return isFirst
    },
    keys: () => [...memory.keys()],
    hasFailed: (key) => memory.has(key),
    went(key) {
      const before = memory
      keep(noteSuccess(memory, key))
      return memory !== before
    },
    save: () => write(loaded),
  }
}
