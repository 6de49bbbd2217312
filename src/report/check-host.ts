import type { Finding } from '../core/finding.ts'
import { bar } from './bar.ts'
import { type Ink, styleOf } from './color.ts'
import { formatValue } from './figure.ts'
import { sentenceOf } from './sentence.ts'
import { fitText, padText, textWidth } from './width.ts'

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
  const shown = verbose ? rows : rows.filter((row, i) => i < mostRows || row.finding.status !== 'ok')
  const labelCells = Math.min(
    Math.floor(cells * 0.3),
    shown.reduce((most, { label }) => Math.max(most, textWidth(label)), 0),
  )
  const barCells = cells < 60 ? 6 : cells < 100 ? 16 : 30
  const lines = shown.map((row) => rowLine(row, labelCells, barCells, cells, ink))
  const hidden = rows.length - shown.length
  return hidden === 0 ? lines : [...lines, ink('dim', `  … and ${hidden} more, all well; -v shows them`)]
}

/** Findings with a figure, or that there is none; of several on one thing only the first, unless it is bad. */
export const hostFigures = (findings: readonly Finding[], verbose: boolean): HostFigure[] =>
  withAbsent(findings)
    .filter(belongs(verbose))
    .map((finding) => {
      const { subject, fact } = sentenceOf({ ...finding, status: 'ok', warn: null, crit: null }, 'host')
      return { label: subject, finding, text: fact }
    })

// What a host may do without: its check then finds nothing at all, and that is told as a fact after the check named.
const optional = [
  { check: 'swap', after: 'memory' },
  { check: 'pressure', after: 'cpu' },
]

const withAbsent = (findings: readonly Finding[]): Finding[] =>
  optional.reduce<Finding[]>(
    (all, { check, after }) => {
      const at = all.findLastIndex((finding) => finding.check === after)
      if (at < 0 || all.some((finding) => finding.check === check)) return all
      const none: Finding = {
        check,
        code: 'absent',
        status: 'ok',
        value: null,
        unit: null,
        warn: null,
        crit: null,
      }
      return all.toSpliced(at + 1, 0, none)
    },
    [...findings],
  )

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

const rowLine = (
  { label, finding, text }: HostFigure,
  labelCells: number,
  barCells: number,
  cells: number,
  ink: Ink,
): string => {
  const style = styleOf(finding.status)
  const name = padText(fitText(label, labelCells), labelCells)
  const hasBar = finding.unit === 'percent' && finding.value !== null
  const taken = 2 + labelCells + 2 + (hasBar ? barCells + 1 : 0)
  const said = fitText(hasBar ? percentAligned(text, finding) : text, cells - taken)
  const drawn = hasBar ? `${bar(finding.value ?? 0, barCells, style, ink)} ` : ''
  return `  ${name}  ${drawn}${style === null ? said : ink(style, said)}`
}

/** `9% of …` below `74% of …`: the figures stand under each other. */
const percentAligned = (text: string, { value, unit }: Finding): string => {
  const figure = formatValue(value ?? 0, unit)
  return text.startsWith(figure) ? figure.padStart(4) + text.slice(figure.length) : text
}
