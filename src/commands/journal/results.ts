import { escapeControl } from '../../core/escape.ts'
import type { Status } from '../../core/finding.ts'
import { worstStatus } from '../../core/finding.ts'
import { dropInPath } from '../../plan/journal-limits.ts'
import { faultWords, type JournalPicture, troubleWords } from '../../report/journal-text.ts'
import type { CommandResult } from '../command.ts'
import { type JournalChange, journalBody } from './picture.ts'

/**
 * How a change ended. An overridden limit is a warning: it was installed, and does not hold. Files of others with
 * mistakes in them are told in the text, and are no fault of this run.
 */
export const changedResult = (
  picture: JournalPicture,
  changes: readonly JournalChange[],
  diff: readonly string[],
): CommandResult => {
  const failures = changes.filter(({ outcome }) => outcome === 'failed').map(failureWords)
  const rolledBack = changes.some(({ change }) => change === 'roll-back')
  const problems = [...failures, ...picture.faults.map(faultWords)].map(escapeControl)
  const status: Status = worstStatus([
    failures.length === 0
      ? 'ok'
      : changes.every(({ change }) => change === 'vacuum')
        ? 'warning'
        : 'critical',
    picture.faults.length === 0 ? 'ok' : 'warning',
    rolledBack ? 'critical' : 'ok',
  ])
  const isDry = changes.some(({ outcome }) => outcome === 'dry-run')
  const lines = [
    ...(isDry ? [`${dropInPath}:`, ...diff.map(escapeControl)] : []),
    ...(changes.length === 0 ? ['nothing to change'] : changes.map(changeWords)),
    ...troubleWords(picture),
  ]
  return {
    status,
    document: { schema: 'journal-limits@1', body: journalBody(picture, changes) },
    text: () => lines.map((line) => `${line}\n`).join(''),
    textWhen: isDry ? 'always' : 'interactive',
    problems,
  }
}

const things: Record<JournalChange['change'], [done: string, failed: string]> = {
  'drop-in': [`${dropInPath} is as the config wants it`, `${dropInPath} was not changed`],
  removal: [`${dropInPath} is gone; what the other files say holds again`, `${dropInPath} is still there`],
  'take-up': ['journald has taken it up', 'journald did not take it up'],
  vacuum: ['the journal was brought under its cap', 'the journal is still over its cap'],
  'roll-back': [`${dropInPath} is as it was before`, `${dropInPath} was not put back as it was`],
}

const changeWords = (one: JournalChange): string => {
  if (one.outcome === 'failed') return failureWords(one)
  return one.outcome === 'done' ? things[one.change][0] : one.detail
}

const failureWords = ({ change, detail }: JournalChange): string => `${things[change][1]}: ${detail}`
