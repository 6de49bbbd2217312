import { attempt, type FailureMemory, noteFailure, noteSuccess } from '../core/failure-memory.ts'
import { loadFailures, saveFailures } from '../store/failures.ts'
import type { RunContext } from './command.ts'
import { recordsRun, saveOf } from './record.ts'

/** What failed again and again, for all of a run: two copies of it would undo each other's notes. */
export interface RunFailures {
  /** Why it is left alone, to be logged (null: that was said already); undefined: it may be tried. */
  leftOut(key: string, circumstance: string): string | null | undefined
  /** @returns whether it is the first failure since it went well */
  failed(key: string, circumstance: string, cause: string): boolean
  hasFailed(key: string): boolean
  /** @returns whether it had failed before */
  went(key: string): boolean
}

/** On the disk after each note: a run that is ended in the middle has counted what failed before. */
export const openFailures = (context: RunContext): RunFailures => {
  const { host, global } = context
  let memory: FailureMemory = loadFailures(saveOf(context), global.stateDir)
  const keep = (next: FailureMemory): void => {
    const before = memory
    memory = next
    if (recordsRun(context)) saveFailures(host.save, global.stateDir, before, next, host.now())
  }
  return {
    leftOut(key, circumstance) {
      const tried = attempt(memory, key, circumstance, host.now())
      if (tried.goOn) return undefined
      keep(tried.memory)
      return tried.isReported
        ? `left out, ${tried.skipped} times so far: it failed 3 times (${tried.cause})`
        : null
    },
    failed(key, circumstance, cause) {
      const isFirst = !memory.has(key)
      keep(noteFailure(memory, { key, circumstance, cause }, host.now()))
      return isFirst
    },
    hasFailed: (key) => memory.has(key),
    went(key) {
      const before = memory
      keep(noteSuccess(memory, key))
      return memory !== before
    },
  }
}
