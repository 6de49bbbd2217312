import { escapeControl } from '../core/escape.ts'
import type { Status } from '../core/finding.ts'
import { byStatus } from '../core/transition.ts'
import { inkFor, styleOf } from './color.ts'
import { entryLines, lineCells, statusTag, type View } from './view.ts'
import { wrapText } from './width.ts'

/** What one examination of this host came to. Texts are escaped when shown. */
export interface Verdict {
  status: Status
  /** What is the case, the cause first. */
  message: string
  /** What to do about it; null: nothing. An `ok` verdict may have one too, as a hint. */
  mend: string | null
}

export interface Examined extends Verdict {
  /** The examination's name, e.g. `cron`. */
  name: string
}

/** The worst first, then in the order of the examinations. */
export const doctorText = (examined: readonly Examined[], status: Status, view: View): string => {
  const cells = lineCells(view.columns)
  const ink = inkFor(view.color)
  const word = status.toUpperCase()
  const [first = '', ...more] = wrapText(`${word}  ${summary(examined)}`, cells)
  const painted = ink('bold', ink(styleOf(status) ?? 'green', word)) + first.slice(word.length)
  const lines = [...examined]
    .sort((a, b) => byStatus(a.status, b.status))
    .flatMap(({ name, status: one, message, mend }) =>
      entryLines({ status: one, head: name, text: message, mend }, cells, ink),
    )
  return `${[painted, ...more, '', ...lines].join('\n')}\n`
}

/** One line for each problem, for stderr: `CRIT cron: no cron runs — start it`. */
export const doctorProblems = (examined: readonly Examined[]): string[] =>
  examined
    .filter(({ status }) => status !== 'ok')
    .sort((a, b) => byStatus(a.status, b.status))
    .map(({ name, status, message, mend }) =>
      escapeControl(`${statusTag(status)} ${name}: ${message}${mend === null ? '' : ` — ${mend}`}`),
    )

const words: Record<Status, string> = {
  critical: 'critical',
  unknown: 'not known',
  warning: 'warning',
  ok: 'fine',
}

const summary = (examined: readonly Examined[]): string => {
  const parts = (['critical', 'unknown', 'warning', 'ok'] as const).flatMap((status) => {
    const count = examined.filter((one) => one.status === status).length
    return count === 0 ? [] : [`${count} ${words[status]}${status === 'warning' && count > 1 ? 's' : ''}`]
  })
  return parts.join(', ')
}
