import type { Status } from '../core/finding.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import type { LeakVerdict, SeriesPoint } from '../leak/series.ts'
import { chart } from './chart.ts'
import { type Ink, inkFor, styleOf } from './color.ts'
import { leakSentence } from './sentence-leak.ts'
import { lineCells, statusTag, type View } from './view.ts'
import { fitMiddle, wrapText } from './width.ts'

export interface TrendResult {
  /** The file or service. */
  name: string
  status: Status
  /** Null where the series could not be read: `error` then says why. */
  judged: {
    verdict: LeakVerdict
    points: readonly SeriesPoint[]
    limitBytes: number | null
    /** What counts against the limit, by the last sample. */
    usedBytes: number
  } | null
  error: string | null
  /** What was left out or guessed, in words. */
  notes: readonly string[]
  /** True where times count from a start and not from 1970. */
  isSinceStart: boolean
}

/** Each series with its verdict, a picture and the forecast. */
export const trendText = (results: readonly TrendResult[], view: View): string => {
  const ink = inkFor(view.color)
  return `${results.map((result) => resultLines(result, view, ink).join('\n')).join('\n\n')}\n`
}

const resultLines = (result: TrendResult, view: View, ink: Ink): string[] => {
  const cells = lineCells(view.columns)
  const name = fitMiddle(result.name, Math.floor(cells / 2))
  if (result.judged === null) return headed('ERROR', 'red', `${name}: ${result.error}`, cells, ink)
  const { verdict, points } = result.judged
  const word = verdict.verdict.toUpperCase()
  const lines = headed(
    word,
    styleOf(result.status) ?? 'green',
    `${name}: ${leakSentence(verdict)}`,
    cells,
    ink,
  )
  const picture = chart(points, cells)
  if (picture.length > 0) lines.push('', ...picture, '')
  for (const line of [...facts(result), ...result.notes.map((note) => `note: ${note}`)])
    lines.push(...wrapText(line, cells - 2).map((part, i) => (i === 0 ? `  ${part}` : `    ${part}`)))
  return lines
}

const headed = (word: string, style: Parameters<Ink>[0], text: string, cells: number, ink: Ink): string[] => {
  const [first = '', ...more] = wrapText(`${word}  ${text}`, cells)
  return [ink('bold', ink(style, word)) + first.slice(word.length), ...more]
}

const facts = ({ judged, isSinceStart }: TrendResult): string[] => {
  if (judged === null) return []
  const { verdict, points, limitBytes, usedBytes } = judged
  const first = points[0]?.atMs ?? 0
  const { slopeBytesPerMinute: slope, slopeLow, slopeHigh, onsetAtMs, secondsToLimit } = verdict
  const lines: string[] = []
  if (slope !== null && slopeLow !== null && slopeHigh !== null && verdict.verdict !== 'stable')
    lines.push(`growth  ${formatRate(slope)} (${formatRate(slopeLow)} to ${formatRate(slopeHigh)})`)
  if (onsetAtMs !== null) {
    const after = `${formatDuration((onsetAtMs - first) / 1000)} after the first sample`
    lines.push(`since   ${isSinceStart ? after : `${localStamp(onsetAtMs)}, ${after}`}`)
  }
  if (limitBytes !== null && usedBytes >= limitBytes)
    lines.push(`limit   ${formatBytes(limitBytes)} is passed: ${formatBytes(usedBytes)} by now`)
  else if (secondsToLimit !== null && limitBytes !== null)
    lines.push(`limit   ${formatBytes(limitBytes)} ${timeLeft(secondsToLimit)}`)
  return lines
}

type TimeLeft = NonNullable<LeakVerdict['secondsToLimit']>

/** `in 2h (1h 50m to 2h 20m)`. */
const timeLeft = ({ best, low, high }: TimeLeft): string => {
  if (best < 1) return 'is within reach: its peaks come to it by now'
  return `in ${formatDuration(best)} (${formatDuration(low)} to ${high === null ? 'never' : formatDuration(high)})`
}

/** One line for each series that is not fine, for stderr. */
export const trendProblems = (results: readonly TrendResult[]): string[] =>
  results
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status, judged, error }) => {
      const said = judged === null ? error : `${judged.verdict.verdict}: ${leakSentence(judged.verdict)}`
      return `${statusTag(status)} ${fitMiddle(name, 80)}: ${said}`
    })
