import { clip, escapeControl } from '../core/escape.ts'
import { unifiedDiff } from './unified-diff.ts'
import { lineCells, type View } from './view.ts'
import { wrapText } from './width.ts'

export type InstallChangeKind =
  | 'made-folder'
  | 'config'
  | 'file'
  | 'removal'
  | 'crontab'
  | 'timers-on'
  | 'timers-off'
  | 'timers-ended'
  | 'units-read'
  | 'folder'
  | 'journal'

export interface InstallChange {
  change: InstallChangeKind
  /** Null for what is no file. */
  path: string | null
  outcome: 'done' | 'skipped' | 'dry-run' | 'failed'
  detail: string
}

export interface InstallWords {
  /** Of a dry run: each file as it is and as it would be. */
  files: readonly { path: string; before: string | null; after: string | null }[]
  changes: readonly InstallChange[]
  /** What starts them, then `check every minute`, one line each. */
  jobs: readonly string[]
  /** What a person should know, one line each. */
  notes: readonly string[]
  isDry: boolean
  /** What to do next, in the end. */
  next: string | null
}

const done: Record<InstallChangeKind, string> = {
  'made-folder': 'made',
  config: 'wrote',
  file: 'wrote',
  removal: 'removed',
  crontab: 'wrote the crontab',
  'timers-on': 'the timers run',
  'timers-off': 'the timers are off',
  'timers-ended': 'nothing that they have started runs any more',
  'units-read': 'systemd has read its units again',
  folder: 'removed',
  journal: 'journald limits',
}

export const installText = (words: InstallWords, view: View): string => {
  const cells = lineCells(view.columns)
  const told = words.changes.filter(({ outcome }) => outcome !== 'skipped')
  const diff = words.isDry
    ? words.files.flatMap(({ path, before, after }) => unifiedDiff(path, before, after).map(diffLine))
    : []
  const text = [
    ...(told.length === 0 ? ['nothing to do'] : told.map(changeWords)),
    ...words.jobs,
    ...words.notes,
    ...(words.next === null || words.isDry ? [] : [words.next]),
  ].flatMap((line) => hanging(escapeControl(line), cells))
  return [...diff, ...text].map((line) => `${line}\n`).join('')
}

/** Of a crontab of others, too: a control character in it must not reach the terminal. */
const diffLine = (line: string): string => escapeControl(line).replaceAll('\\t', '\t')

export const changeWords = ({ change, path, outcome, detail }: InstallChange): string => {
  const thing = path === null ? '' : ` ${path}`
  if (outcome === 'failed') return `${failed[change]}${thing}: ${clip(detail, 300)}`
  if (outcome === 'dry-run') return detail
  return `${done[change]}${thing}${detail === '' ? '' : `: ${detail}`}`
}

const failed: Record<InstallChangeKind, string> = {
  'made-folder': 'could not make',
  config: 'could not write',
  file: 'could not write',
  removal: 'could not remove',
  crontab: 'could not write the crontab',
  'timers-on': 'systemd did not take the timers up',
  'timers-off': 'systemd did not switch the timers off',
  'timers-ended': 'systemd did not stop what the timers have started',
  'units-read': 'systemd did not read its units again',
  folder: 'could not remove',
  journal: 'journald limits',
}

const hanging = (line: string, cells: number): string[] => {
  const indent = /^ */.exec(line)?.[0] ?? ''
  return wrapText(line.slice(indent.length), cells - indent.length - 2).map((part, i) =>
    i === 0 ? indent + part : `${indent}  ${part}`,
  )
}
