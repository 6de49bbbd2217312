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
