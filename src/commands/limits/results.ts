import { escapeControl } from '../../core/escape.ts'
import type { Status } from '../../core/finding.ts'
import type { CommandResult } from '../command.ts'
import type { LimitedService } from './gather.ts'
import { bodyOf, rowOf } from './status.ts'

export interface LimitChange {
  service: string
  outcome: 'done' | 'skipped' | 'dry-run' | 'failed'
  detail: string
  /** What makes it permanent. */
  lines: string[]
}

/** How `apply` and `remove` ended: all as wanted is 0, some of it 1, none of it 2. */
export const changesResult = (
  changes: readonly LimitChange[],
  services: readonly LimitedService[],
): CommandResult => {
  const failed = changes.filter(({ outcome }) => outcome === 'failed')
  const status: Status = failed.length === 0 ? 'ok' : failed.length < changes.length ? 'warning' : 'critical'
  const isDry = changes.some(({ outcome }) => outcome === 'dry-run')
  const lines = changes.flatMap((change) => [changeLine(change), ...change.lines.map((line) => `  ${line}`)])
  return {
    status,
    document: {
      schema: 'limits@1',
      body: {
        services: services.map((service) => bodyOf(rowOf(service))),
        changes: changes.map(({ service, outcome, detail, lines: permanent }) => ({
          service,
          outcome,
          detail,
          permanent,
        })),
      },
    },
    text: () => lines.map((line) => `${escapeControl(line)}\n`).join(''),
    // With what makes it permanent, also where it was accepted and does nothing.
    textWhen:
      isDry || changes.some(({ outcome, lines: more }) => outcome === 'done' || more.length > 0)
        ? 'always'
        : 'interactive',
    problems: failed.map((change) => escapeControl(changeLine(change))),
  }
}

const words = { done: 'set', skipped: 'unchanged', 'dry-run': 'dry run', failed: 'FAILED' } as const

const changeLine = ({ service, outcome, detail }: LimitChange): string =>
  `${service}: ${words[outcome]}${detail === '' ? '' : `: ${detail}`}`
