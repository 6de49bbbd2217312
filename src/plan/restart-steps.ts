import type { Action } from '../core/action.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { EndScope } from './end-scope.ts'

/** One step of a restart; the names are those of the action journal. */
export interface RestartStep {
  name: 'stop' | 'start' | 'restart'
  action: Action
}

export interface RestartWish {
  facts: ServiceFacts
  reason: string
  graceSeconds: number
  /** `start:` of the config; for processes only. */
  start: readonly string[]
  /** The same without secrets. */
  startWords: string
  /** For processes: what is to be ended, worked out from a scan. */
  scope: EndScope
  /** Where the pid and the output of a started process go. */
  files: { pidFile: string; outputFile: string }
}

/**
 * The steps of a restart, or why it cannot be made. Each step can be done again: a run that was killed in the middle is
 * taken up by the next one from the same plan, made on what it then sees.
 */
export const restartSteps = (wish: RestartWish): RestartStep[] | { impossible: string } => {
  const { facts } = wish
  switch (facts.kind) {
    case 'container':
      return facts.containerId === undefined
        ? { impossible: 'there is no such container' }
        : containerSteps(wish, facts.containerId)
    case 'unit':
      return facts.state === 'missing' ? { impossible: 'there is no such unit' } : [unitStep(wish)]
    case 'process':
      return processSteps(wish)
  }
}

const containerSteps = ({ facts, reason, graceSeconds }: RestartWish, id: string): RestartStep[] => [
  { name: 'stop', action: { kind: 'stop-container', id, name: facts.name, graceSeconds, reason } },
  { name: 'start', action: { kind: 'start-container', id, name: facts.name, reason } },
]

const unitStep = ({ facts, reason, graceSeconds }: RestartWish): RestartStep => {
  const unit = facts.target.type === 'unit' ? facts.target.ref : facts.name
  // systemd keeps its own stop time-out (TimeoutStopSec, 90 s); a longer grace waits longer.
  const timeoutMs = Math.max(90, graceSeconds + 30) * 1000
  return { name: 'restart', action: { kind: 'restart-unit', unit, timeoutMs, reason } }
}

/** Never ended without being started again, and never started while something of it may be left. */
const processSteps = ({
  facts,
  reason,
  graceSeconds,
  start,
  startWords: words,
  scope,
  files,
}: RestartWish): RestartStep[] | { impossible: string } => {
  const [program, ...args] = start
  if (program === undefined)
    return { impossible: '`start:` is not configured, so it could not be started again' }
  if (facts.state === 'unknown') return { impossible: 'what is running of it could not be seen' }
  const stop: RestartStep[] =
    scope.processes.length === 0
      ? []
      : [{ name: 'stop', action: { kind: 'end-processes', ...scope, graceMs: graceSeconds * 1000, reason } }]
  return [
    ...stop,
    { name: 'start', action: { kind: 'start-process', argv: [program, ...args], words, ...files, reason } },
  ]
}
