import type { Finding } from '../core/finding.ts'
import { bar } from './bar.ts'
import { type Ink, styleOf } from './color.ts'
import { formatValue } from './figure.ts'
import { sentenceOf } from './sentence.ts'
import { wrapFigures } from './view.ts'
import { fitMiddle, fitText, padText, textWidth } from './width.ts'

export interface HostFigure {
  label: string
  finding: Finding
  /** The figure without the threshold: that is said where the problems are. */
  text: string
}

// More mounts than this are rather a list than a picture.
const mostRows = 16

/**
 * The host as figures, one line each: `memory  ████████░░░░  74% of 91.0 GiB`. What has no figure and is well (no
 * swap) is told in words; of several figures on one thing only the first is shown while all is well.
 */
export const hostLines = (
  findings: readonly Finding[],
  cells: number,
  verbose: boolean,
  ink: Ink,
): string[] => {
  const rows = hostFigures(findings, verbose)
  const shown = verbose ? rows : mostTelling(rows, mostRows)
  const labelCells = Math.min(
    Math.floor(cells * (isNarrow(cells) ? 0.4 : 0.3)),
    shown.reduce((most, { label }) => Math.max(most, textWidth(label)), 0),
  )
  const barCells = isNarrow(cells) ? 0 : cells < 60 ? 6 : cells < 100 ? 16 : 30
  const lines = shown.flatMap((row) => rowLines(row, labelCells, barCells, cells, ink))
  const hidden = rows.length - shown.length
  return hidden === 0 ? lines : [...lines, ink('dim', `  … and ${hidden} more, all well; -v shows them`)]
}

/** There the figures need the room of the bars, and a second line. */
const isNarrow = (cells: number): boolean => cells < 56

/** Findings with a figure, or that there is none; of several on one thing only the first, unless it is bad. */
export const hostFigures = (findings: readonly Finding[], verbose: boolean): HostFigure[] =>
  findings.filter(belongs(verbose)).map((finding) => {
    const { subject, fact } = sentenceOf({ ...finding, status: 'ok', warn: null, crit: null }, 'host')
    return { label: subject, finding, text: fact }
  })

const belongs = (verbose: boolean): ((finding: Finding) => boolean) => {
  const seen = new Set<string>()
  return (finding) => {
    if (finding.value === null) return finding.code === 'absent'
    const thing = JSON.stringify([finding.check, finding.item])
    const isFirst = !seen.has(thing)
    seen.add(thing)
    return isFirst || verbose || finding.status !== 'ok'
  }
}

/**
 * At most so many, in their order, of figures that are well; figures that are bad always stay. Of several things of one
 * check (the mounts of 50 containers) the least used are left out.
 */
export const mostTelling = (figures: readonly HostFigure[], most: number): HostFigure[] => {
  const weight = ({ finding: { status, item, value } }: HostFigure): number =>
    status !== 'ok' || item === undefined ? Number.POSITIVE_INFINITY : (value ?? 0)
  const kept = new Set([...figures].sort((a, b) => weight(b) - weight(a)).slice(0, most))
  return figures.filter((figure) => kept.has(figure) || figure.finding.status !== 'ok')
}

const rowLines = (
  { label, finding, text }: HostFigure,
  labelCells: number,
  barCells: number,
  cells: number,
  ink: Ink,
): string[] => {
  const style = styleOf(finding.status)
  const painted = (text: string): string => (style === null ? text : ink(style, text))
  const name = padText(fitMiddle(label, labelCells), labelCells)
  if (barCells === 0)
    return wrapFigures(text, cells - 4 - labelCells).map(
      (line, i) => `  ${i === 0 ? name : ' '.repeat(labelCells)}  ${painted(line)}`,
    )
  const hasBar = finding.unit === 'percent' && finding.value !== null
  const taken = 2 + labelCells + 2 + (hasBar ? barCells + 1 : 0)
  const said = fitText(hasBar ? percentAligned(text, finding) : text, cells - taken)
  const drawn = hasBar ? `${bar(finding.value ?? 0, barCells, style, ink)} ` : ''
  return [`  ${name}  ${drawn}${painted(said)}`]
}

/** `9% of …` below `74% of …`: the figures stand under each other. */
const percentAligned = (text: string, { value, unit }: Finding): string => {
  const figure = formatValue(value ?? 0, unit)
  return text.startsWith(figure) ? figure.padStart(4) + text.slice(figure.length) : text
}
