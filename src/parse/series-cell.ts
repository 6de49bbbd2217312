import { localTimeMs } from '../core/stamp.ts'
import { parseSize } from '../core/units.ts'
import { parseRfc3339 } from './rfc3339.ts'

/** How the numbers of a time column are meant; decided once for a file. */
export type TimeUnit = 'since-start' | 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds'

const perUnit: Record<TimeUnit, number> = {
  'since-start': 1000,
  seconds: 1000,
  milliseconds: 1,
  microseconds: 1e-3,
  nanoseconds: 1e-6,
}

/** By size, for the years 1973 to 5138: smaller numbers are seconds since a start, larger ones finer parts. */
export const timeUnitOf = (time: number): TimeUnit => {
  if (time < 1e8) return 'since-start'
  if (time < 1e11) return 'seconds'
  if (time < 1e14) return 'milliseconds'
  return time < 1e17 ? 'microseconds' : 'nanoseconds'
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

/** A plain number, or null; `NaN`, `inf` and the empty cell are none. */
export const numberCell = (cell: string): number | null => {
  const value = number.test(cell) ? Number(cell) : Number.NaN
  return Number.isFinite(value) ? value : null
}

export const numberToMs = (time: number, unit: TimeUnit): number => time * perUnit[unit]

/** `2026-01-31T03:00:00+02:00`, with a blank for the T, without a zone (local time) or without a time (midnight). */
export const dateToMs = (cell: string): number | null => {
  const zoned = parseRfc3339(
    cell.replace(/ ?([+-]\d\d:?\d\d|Z|UTC)$/, (_, zone) => (zone === 'UTC' ? 'Z' : zone)),
  )
  if (zoned !== null) return zoned
  const local = /^(\d{4}-\d\d-\d\d)(?:[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:[.,]\d{1,9})?)?)?$/.exec(
    cell,
  )
  if (!local) return null
  return localTimeMs(`${local[1]}T${local[2] ?? '00:00'}${local[3]?.replace(',', '.') ?? ':00'}`)
}

// 8 PiB: no process has that, and it is where whole bytes end in a double.
const mostBytes = 2 ** 53

/**
 * `52428800`, or a size with its unit, also as docker stats has it: `52.3MiB / 1.9GiB`. Null for what is no memory:
 * text, NaN, less than nothing, more than any machine has.
 */
export const bytesCell = (cell: string, factor: number): number | null => {
  const plain = numberCell(cell)
  const bytes = plain === null ? parseSize(cell.split(' / ')[0] ?? '') : plain * factor
  return bytes !== null && bytes >= 0 && bytes < mostBytes ? bytes : null
}
