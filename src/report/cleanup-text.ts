import { escapeControl } from '../core/escape.ts'
import { formatBytes } from '../core/units.ts'

/** So many paths of each kind are in the document; all are counted. */
export const mostListed = 1000

export interface Cleaned {
  removed: number
  removedBytes: number
  /** Of what the rules are about: too young, or within their bounds. */
  kept: number
  skippedCount: number
  failedCount: number
  /** Of these such as have failed in the runs before, too, and are told of no more. */
  failedAgainCount: number
  /** The time was up. */
  isUnfinished: boolean
  /** The first ones of each, with their paths as they are: whoever shows them escapes them. */
  paths: string[]
  skipped: { path: string; reason: string }[]
  failed: { path: string; error: string }[]
  failedAgain: { path: string; error: string }[]
  /** Rules that could not be applied, since something could not be seen. */
  blind: string[]
}

/** In front those that are told also in a pipe. */
export const allFailed = ({ failed, failedAgain }: Cleaned): Cleaned['failed'] =>
  [...failed, ...failedAgain].slice(0, mostListed)

/** What was removed, and under --dry-run or -v each path; failures always. */
export const cleanupText = (cleaned: Cleaned, dryRun: boolean, verbose: boolean): string => {
  const { removed, removedBytes, kept, paths, skipped, blind } = cleaned
  const lines = [
    `${dryRun ? 'would remove' : 'removed'} ${removed}, ${formatBytes(removedBytes)}; kept ${kept}` +
      `${cleaned.skippedCount === 0 ? '' : `; left alone ${cleaned.skippedCount}`}` +
      `${cleaned.failedCount === 0 ? '' : `; FAILED ${cleaned.failedCount}`}`,
    ...(dryRun || verbose ? listed('', paths, removed) : []),
    ...(dryRun || verbose
      ? listed(
          'left alone ',
          skipped.map(({ path, reason }) => `${path}: ${reason}`),
          cleaned.skippedCount,
        )
      : []),
    ...listed(
      'FAILED ',
      allFailed(cleaned).map(({ path, error }) => `${path}: ${error}`),
      cleaned.failedCount,
    ),
    ...blind,
    ...(cleaned.isUnfinished ? ['the time was up; the next run goes on'] : []),
  ]
  return lines.map((line) => `${escapeControl(line)}\n`).join('')
}

const listed = (words: string, lines: readonly string[], count: number): string[] => [
  ...lines.map((line) => `  ${words}${line}`),
  ...(count > lines.length ? [`  and ${count - lines.length} more`] : []),
]
