import { bytesCell, dateToMs, numberCell, numberToMs, type TimeUnit, timeUnitOf } from './series-cell.ts'
import { clockReader } from './series-clock.ts'

export interface SeriesRow {
  atMs: number
  bytes: number
}

/** Why a row was left out. */
export type RowFault = 'no-time' | 'no-bytes'

export interface SeriesReader {
  /** A row, why it is none, or null for a line that is no row (a header, a comment, nothing). */
  line(text: string): SeriesRow | RowFault | null
  /** What the file was taken for; null before its first row or header. */
  readonly form: string | null
  /** True where numbers of the time column count from a start, not from 1970. */
  readonly isSinceStart: boolean
  readonly hasHeader: boolean
  /** What is wrong with the header, in words; null: nothing. */
  readonly headerFault: string | null
}

/** Where a known tool's table has its columns. */
interface Layout {
  form: string
  time: number
  bytes: number
  factor: number
  split(line: string): string[]
  toMs(cells: readonly string[]): number | null
}

/**
 * Reads a series line by line: CSV (comma, semicolon or tab) whose first two columns are time and bytes, and the output
 * of psrecord, `pidstat -r` and `sar -r`.
 */
export const seriesReader = (): SeriesReader => {
  let layout: Layout | null = null
  let unit: TimeUnit | null = null
  let headerFault: string | null = null
  let hasHeader = false
  const clock = clockReader()
  const numeric = (cell: string): number | null => {
    const time = numberCell(cell)
    if (time === null || time < 0) return dateToMs(cell)
    unit ??= timeUnitOf(time)
    return numberToMs(time, unit)
  }
  const csv = (separator: string, bytesFactor: number): Layout => ({
    form: 'csv',
    time: 0,
    bytes: 1,
    factor: bytesFactor,
    split: (line) => line.split(separator).map(unquoted),
    toMs: (cells) => numeric(cells[0] ?? ''),
  })
  const start = (text: string): void => {
    const named = toolLayout(text, numeric, clock.toMs)
    if (named) {
      layout = named
      hasHeader = true
      if (named.form === 'psrecord') unit = 'since-start'
      return
    }
    const separator = [',', ';', '\t'].find((one) => text.includes(one)) ?? ','
    const cells = text.split(separator).map(unquoted)
    const isRow = numberCell(cells[0] ?? '') !== null || dateToMs(cells[0] ?? '') !== null
    layout = csv(separator, isRow ? 1 : factorOf(cells[1] ?? ''))
    if (isRow) return
    hasHeader = true
    if (/milli|(?:^|[_ (])ms\b/i.test(cells[0] ?? '')) unit = 'milliseconds'
    if (cells.length < 2) headerFault = `the header has one column, ${cells[0]}`
    else if (/byte|mem|rss/i.test(cells[0] ?? '') && /time|date|epoch/i.test(cells[1] ?? ''))
      headerFault = `the header has ${cells[0]} before ${cells[1]}`
  }
  return {
    line(given) {
      const text = given.replace(/^\ufeff/, '').replace(/\r$/, '')
      if (text.trim() === '') return null
      const fromClock = clock.header(text)
      if (fromClock) return null
      if (layout === null || (layout.form !== 'csv' && toolLayout(text, numeric, clock.toMs))) {
        start(text)
        if (hasHeader) return null
      }
      if (layout === null || (layout.form === 'csv' && text.startsWith('#')) || text.startsWith('Average:'))
        return null
      const cells = layout.split(text)
      const atMs = layout.toMs(cells)
      if (atMs === null || !Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return 'no-time'
      const bytes = bytesCell(cells[layout.bytes] ?? '', layout.factor)
      return bytes === null ? 'no-bytes' : { atMs, bytes }
    },
    get form() {
      return layout?.form ?? null
    },
    get isSinceStart() {
      return unit === 'since-start'
    },
    get hasHeader() {
      return hasHeader
    },
    get headerFault() {
      return headerFault
    },
  }
}

const unquoted = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

/** A header that names a unit (`rss_kb`, `Memory (MiB)`) is believed; sizes are 1024-based, as everywhere here. */
const factorOf = (title: string): number => {
  const power = ['k', 'm', 'g'].indexOf(/(?:^|[_\s(])([kmg])i?b?\)?$/i.exec(title)?.[1]?.toLowerCase() ?? '')
  return 1024 ** (power + 1)
}

const blanks = (line: string): string[] => line.trim().split(/\s+/)

const toolLayout = (
  text: string,
  numeric: (cell: string) => number | null,
  clockToMs: (cells: readonly string[], at: number) => number | null,
): Layout | null => {
  if (/^#\s*Elapsed time\b.*\bReal \(MB\)/.test(text))
    return {
      form: 'psrecord',
      time: 0,
      bytes: 2,
      factor: 1024 ** 2,
      split: blanks,
      toMs: (cells) => numeric(cells[0] ?? ''),
    }
  // `# Time UID PID minflt/s majflt/s VSZ RSS %MEM Command` (-h), or with the time of day in place of the word.
  const titles = blanks(text.replace(/^#\s*/, ''))
  const isPidstat = titles.includes('RSS') && titles.includes('PID') && titles.includes('%MEM')
  const isSar = titles.includes('kbmemused') && titles.includes('kbmemfree')
  if (!isPidstat && !isSar) return null
  return {
    form: isSar ? 'sar' : 'pidstat',
    time: 0,
    bytes: titles.indexOf(isSar ? 'kbmemused' : 'RSS'),
    factor: 1024,
    split: blanks,
    toMs: (cells) => (numberCell(cells[0] ?? '') === null ? clockToMs(cells, 0) : numeric(cells[0] ?? '')),
  }
}
