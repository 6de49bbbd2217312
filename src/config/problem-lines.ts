import { escapeControl } from '../core/escape.ts'
import type { ConfigProblem } from './tree.ts'

const shown = 50

/** `FILE:LINE:COLUMN PATH: MESSAGE` each, as editors and terminals can jump to; at most 50 and how many more. */
export const problemLines = (file: string, problems: readonly ConfigProblem[]): string[] => {
  const lines = problems.slice(0, shown).map(({ path, at, message }) => {
    const place = `${escapeControl(file)}:${at.line}:${at.column}`
    return `${place} ${path === '' ? '' : `${path}: `}${message}`
  })
  const more = problems.length - lines.length
  return more > 0 ? [...lines, `and ${more} more`] : lines
}

/** Where there are keys that are like none this version knows; null: there are none. */
export const newerMend = (problems: readonly ConfigProblem[]): string | null =>
  problems.some(isStrangeKey)
    ? 'a config of a newer version? `oratio-health --version` says which this is: install the newer one, or take the unknown keys out'
    : null

/** Nothing like it is known, so it is hardly a slip of the pen. */
const isStrangeKey = ({ message }: ConfigProblem): boolean =>
  message.startsWith('unknown key') && !message.includes('did you mean')
