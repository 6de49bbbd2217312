import type { Status } from '../core/finding.ts'
import { type Ink, styleOf } from './color.ts'
import { textWidth, wrapText } from './width.ts'

export interface View {
  columns: number
  color: boolean
  verbose: boolean
}

const narrowest = 40
// Longer lines are hard to read; tables need no more either.
const widest = 140

/** Cells a line may take: 40 to 140, whatever the terminal says it has. */
export const lineCells = (columns: number): number =>
  Number.isFinite(columns) ? Math.min(widest, Math.max(narrowest, Math.floor(columns))) : 80

/** Four letters as in log lines, so that texts line up. */
export const statusTag = (status: Status): string =>
  ({ ok: 'ok  ', warning: 'WARN', critical: 'CRIT', unknown: 'UNKN' })[status]

export interface Entry {
  status: Status | null
  /** What stands out, at the beginning. */
  head: string
  text: string
  /** Quieter, at the end; null: nothing. */
  mend: string | null
}

/** An entry over as many lines as it needs, the later ones indented below the first: `  CRIT  memory: … — mend`. */
export const entryLines = ({ status, head, text, mend }: Entry, cells: number, ink: Ink): string[] => {
  const tag = status === null ? '' : `${statusTag(status)}  `
  const style = status === null ? null : styleOf(status)
  const indent = 2 + tag.length
  const room = cells - indent
  const said = wrapFigures(head === '' ? text : `${head}: ${text}`, room)
  const used = textWidth(said.at(-1) ?? '')
  const [joined = '', ...below] = mend === null ? [] : wrapFigures(`—\u00a0${mend}`, room, used + 1)
  const lines = said.map((line, i) => (i === 0 ? emphasised(line, head, ink) : line))
  if (joined !== '') lines.push(`${lines.pop()} ${ink('dim', joined)}`)
  lines.push(...below.map((line) => ink('dim', line)))
  return lines.map((line, i) => {
    const lead = i > 0 ? ' '.repeat(indent) : `  ${style === null ? tag : ink(style, tag)}`
    return lead + line
  })
}

/** A number and its unit stay on one line; no-break spaces are plain ones once the lines are made. */
export const wrapFigures = (text: string, room: number, used = 0): string[] =>
  wrapText(text.replace(/(\d) (?=(?:[KMGTPE]i)?B\b)/g, '$1\u00a0'), room, used).map((line) =>
    line.replaceAll('\u00a0', ' ').trimEnd(),
  )

/** The head in bold, when all of it is on this line. */
const emphasised = (line: string, head: string, ink: Ink): string =>
  head !== '' && line.startsWith(head) ? ink('bold', head) + line.slice(head.length) : line

/** A headed section, or nothing when there are no lines. */
export const section = (title: string, lines: readonly string[], ink: Ink): string[] =>
  lines.length === 0 ? [] : ['', ink('bold', title), ...lines]

/** Two blocks of lines next to each other where both fit, otherwise one below the other with an empty line between. */
export const beside = (left: readonly string[], right: readonly string[], cells: number): string[] => {
  if (left.length === 0 || right.length === 0) return [...left, ...right]
  const leftCells = widestOf(left)
  if (leftCells + blockGap + widestOf(right) > cells) return [...left, '', ...right]
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [first, second] = [left[i] ?? '', right[i] ?? '']
    return second === '' ? first : first + ' '.repeat(leftCells + blockGap - paintedWidth(first)) + second
  })
}

const blockGap = 6

const widestOf = (lines: readonly string[]): number =>
  lines.reduce((most, line) => Math.max(most, paintedWidth(line)), 0)

/** Width of a line that may hold our own styles. */
const paintedWidth = (line: string): number => textWidth(line.replace(/\u001b\[\d+m/g, ''))
