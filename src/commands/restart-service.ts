import type { ActionResult } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import { type Absent, type Failed, value } from '../core/reading.ts'
import { refusedWords, type ServiceResult } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import type { RestartStep } from '../plan/restart-steps.ts'
import type { ActionJournal, DueRestart } from '../store/action-journal.ts'
import type { JournalEntry, StepName } from '../store/journal-text.ts'

export type Acted = NonNullable<ServiceResult['action']>

export interface RestartOrder {
  host: Host
  journal: ActionJournal
  service: string
  cause: string
  identity: string | null
  bootId: string | null
  /** Of a run that was killed in the middle; null: a new one. */
  unfinished: JournalEntry | null
  /** Restarts that are due once this one is done. */
  due: readonly DueRestart[]
  /** In the order of the ladder: notify, evidence, hook. */
  preparations: readonly Preparation[]
  steps: readonly RestartStep[]
  /** Counts the restart and saves that; a reason when it cannot. */
  count(): string | null
  /** Into the restart history; called before the journal forgets it, so that a kill in between tells it twice, not never. */
  tell(acted: Acted): void
}

/** What comes before anything is touched. Its failure does not keep the restart from being made; it is said. */
export interface Preparation {
  name: Extract<StepName, 'notify' | 'evidence' | 'hook'>
  /** What came of it, for the history. Never rejects. */
  make(): Promise<string>
}

/**
 * One restart, written down before and after each step. Nothing is touched unless the journal and the counters are on
 * the disk: a restart that is not remembered is a restart loop.
 */
export const restartService = async (order: RestartOrder): Promise<Acted> => {
  const { journal, service, cause, identity, bootId, unfinished, host } = order
  const begun = unfinished
    ? value(unfinished)
    : journal.begin({ service, cause, identity, bootId, beganAtMs: host.now() })
  if (begun.kind !== 'value') return refused(`the action journal cannot be written: ${wordsOf(begun)}`)
  const uncounted = order.count()
  if (uncounted !== null) {
    journal.finish(begun.value)
    return refused(uncounted)
  }
  const acted = await runSteps(order, begun.value)
  order.tell(acted)
  journal.finish(begun.value, acted.outcome === 'done' ? order.due : [])
  return acted
}

const runSteps = async (order: RestartOrder, begun: JournalEntry): Promise<Acted> => {
  const { journal, host, steps, cause } = order
  const details: string[] = []
  let entry = begun
  const at = (name: StepName, when: 'begun' | 'done'): void => {
    const written = journal.step(entry, name, when)
    // The entry itself is on the disk: without the step the next run makes the plan anew all the same.
    if (written.kind === 'value') entry = written.value
  }
  for (const { name, make } of order.preparations) {
    at(name, 'begun')
    details.push(await make())
    at(name, 'done')
  }
  for (const { name, action } of steps) {
    at(name, 'begun')
    const result = await host.apply(action)
    if (result.outcome === 'failed' || result.outcome === 'skipped')
      return {
        kind: 'restart',
        outcome: 'failed',
        reason: joined(cause, `${name}: ${result.detail}`, ...details),
      }
    details.push(...detailOf(name, result))
    at(name, 'done')
  }
  return { kind: 'restart', outcome: 'done', reason: joined(cause, ...details) }
}

/** Under --dry-run: each step is said, none is written down; `before` is what would be done first. */
export const rehearseRestart = async (
  host: Host,
  cause: string,
  steps: readonly RestartStep[],
  before: readonly string[],
): Promise<Acted> => {
  const details = [...before]
  for (const { action } of steps) details.push((await host.apply(action)).detail)
  return { kind: 'restart', outcome: 'dry-run', reason: joined(cause, ...details) }
}

export const refused = (reason: string): Acted => ({
  kind: 'restart',
  outcome: 'failed',
  reason: `${refusedWords}${reason}`,
})

const detailOf = (name: string, { detail, ends, pid }: ActionResult): string[] => [
  ...(detail === '' ? [] : [`${name}: ${detail}`]),
  ...(ends === undefined ? [] : [`${ends.length} ${ends.length === 1 ? 'process' : 'processes'} ended`]),
  ...(pid === undefined ? [] : [`runs as process ${pid}`]),
]

const joined = (...parts: string[]): string => escapeControl(parts.filter((part) => part !== '').join('; '))

const wordsOf = (reading: Absent | Failed): string =>
  reading.kind === 'failed' ? `${reading.what}: ${reading.detail}` : `${reading.what} is not there`
