import { formatBytes } from '../core/units.ts'
import type { SeriesPoint } from '../leak/series.ts'
import { padText } from './width.ts'

const rows = 6
const axisCells = 11

/**
 * A picture of a series, six lines high: the highest and lowest of each column. Drawn with `█` and `▄`, which the Linux
 * console has (eighth blocks it has not). Empty for less than two points.
 */
export const chart = (points: readonly SeriesPoint[], cells: number): string[] => {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return []
  const width = Math.max(10, cells - axisCells)
  const columns: ({ low: number; high: number } | null)[] = new Array(width).fill(null)
  for (const { atMs, bytes } of points) {
    const at = Math.min(width - 1, Math.floor(((atMs - first.atMs) / (last.atMs - first.atMs)) * width))
    const column = columns[at]
    columns[at] = column
      ? { low: Math.min(column.low, bytes), high: Math.max(column.high, bytes) }
      : { low: bytes, high: bytes }
  }
  // Columns between two samples belong to the earlier one; a gap wider than that stays one.
  const reach = Math.ceil((width / points.length) * 2)
  let held = 0
  for (let i = 1; i < width; i++) {
    held = columns[i] === null ? held + 1 : 0
    if (held > 0 && held <= reach) columns[i] = columns[i - 1] ?? null
  }
  const drawn = columns.filter((column) => column !== null)
  const [lowest, highest] = [least(drawn.map(({ low }) => low)), -least(drawn.map(({ high }) => -high))]
  // A flat line is drawn in the middle, and noise of a thousandth as flat.
  const range = Math.max(highest - lowest, highest * 0.02, 1)
  const base = Math.max(0, (highest + lowest - range) / 2)
  const levelOf = (bytes: number): number =>
    Math.min(rows * 2 - 1, Math.max(0, Math.floor(((bytes - base) / range) * rows * 2)))
  return Array.from({ length: rows }, (_, row) => {
    const upper = (rows - row) * 2 - 1
    const line = columns.map((column) => {
      if (column === null) return ' '
      if (levelOf(column.high) < upper - 1) return ' '
      // Below the curve it is filled, so that one glance tells the height.
      return levelOf(column.high) >= upper ? '█' : '▄'
    })
    const label = row === 0 ? formatBytes(base + range) : row === rows - 1 ? formatBytes(base) : ''
    return `${padText(label, axisCells - 1, 'right')} ${line.join('')}`.trimEnd()
  })
}

const least = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
