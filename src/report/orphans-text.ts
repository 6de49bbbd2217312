import { escapeControl } from '../core/escape.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import { inkFor } from './color.ts'
import { type Column, table } from './table.ts'
import { lineCells, type View } from './view.ts'

/** As the process was before anything was done. */
export interface SeenFigures {
  ageSeconds: number | null
  memoryBytes: number | null
  parent: number | null
}

export interface OrphansOfRule {
  name: string
  /** Processes that the rule is about. */
  matched: number
  killed: { pid: number; startedAt: string | null; command: string; signal: string }[]
  /** Under --dry-run. */
  wouldKill: {
    pid: number
    startedAt: string | null
    command: string
    memoryBytes: number | null
    parent: number | null
    reason: string
    seen: SeenFigures
  }[]
  spared: { pid: number; command: string; reason: string; seen?: SeenFigures }[]
  survivors: { pid: number; command: string; reason: string }[]
  /** What could not be seen; null: all could. Where `killed` is empty nothing was done for it. */
  blind: string | null
  /** `blind` tells why the rule is none to be followed. */
  refused: boolean
}

/**
 * A heading a rule, and a line a process; what is spared is told with its reason.
 *
 * @param isTerminal elsewhere nothing is cut: what is kept or searched is to be whole
 */
export const orphansText = (rules: readonly OrphansOfRule[], view: View, isTerminal: boolean): string => {
  const cells = isTerminal ? lineCells(view.columns) : Number.POSITIVE_INFINITY
  return rules.map((rule) => `${escapeControl(headOf(rule))}\n${linesOf(rule, view, cells)}`).join('\n')
}

const headOf = ({ name, matched, killed, wouldKill, spared, survivors, blind }: OrphansOfRule): string =>
  blind !== null && killed.length + survivors.length === 0
    ? `${name}: nothing was ended: ${blind}`
    : `${name}: ${matched} match; ${wouldKill.length > 0 ? `would end ${wouldKill.length}` : `ended ${killed.length}`}, spared ${spared.length}` +
      (survivors.length > 0 ? `, STILL THERE ${survivors.length}` : '') +
      (blind === null ? '' : `; ${blind}`)

const linesOf = (rule: OrphansOfRule, view: View, width: number): string => {
  const rows: { pid: number; fate: string; command: string; why: string; seen?: SeenFigures }[] = [
    ...rule.wouldKill.map((one) => ({ ...one, fate: 'would end', why: one.reason })),
    ...rule.killed.map((one) => ({ ...one, fate: one.signal, why: '' })),
    ...rule.survivors.map((one) => ({ ...one, fate: 'STAYS', why: one.reason })),
    ...rule.spared.map((one) => ({ ...one, fate: 'spared', why: one.reason })),
  ]
  if (rows.length === 0) return ''
  const cells = rows.map((row) => [
    { text: String(row.pid) },
    { text: row.fate },
    { text: shown(row.seen?.ageSeconds, formatDuration) },
    { text: shown(row.seen?.memoryBytes, formatBytes) },
    { text: shown(row.seen?.parent, String) },
    { text: escapeControl(row.command) },
    { text: escapeControl(row.why) },
  ])
  // Of those that were ended nothing but the command is told: then there are no such columns.
  const isTold = columns.map((_, at) => cells.some((row) => row[at]?.text !== ''))
  const lines = table(
    columns.filter((_, at) => isTold[at]),
    cells.map((row) => row.filter((_, at) => isTold[at])),
    width,
    inkFor(view.color),
  )
  return `${lines.join('\n')}\n`
}

const columns: readonly Column[] = [
  { title: 'PID', align: 'right', rank: 0 },
  { title: 'FATE', align: 'left', rank: 0 },
  { title: 'AGE', align: 'right', rank: 2 },
  { title: 'MEMORY', align: 'right', rank: 3 },
  { title: 'PARENT', align: 'right', rank: 1 },
  { title: 'COMMAND', align: 'left', rank: 0, shrinksTo: { first: 12, last: 8 } },
  { title: 'WHY', align: 'left', rank: 4, shrinksTo: { first: 16, last: 8 } },
]

const shown = (figure: number | null | undefined, format: (figure: number) => string): string =>
  figure === null || figure === undefined ? '' : format(figure)
