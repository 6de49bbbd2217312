import type { Ink, Style } from './color.ts'
import { fitMiddle, fitText, padText, textWidth } from './width.ts'

export interface Column {
  title: string
  align: 'left' | 'right'
  /** The higher, the longer it stays on a narrow terminal; columns of 0 are never dropped. */
  rank: number
  /** Cells it is cut down to: first, before columns are dropped; last, when nothing else helps. Default: never cut. */
  shrinksTo?: { first: number; last: number }
  /** Where it is cut: of names the end matters too, of sentences the beginning alone. Default: in the middle. */
  cutAt?: 'end'
}

export interface Cell {
  text: string
  style?: Style | null
}

const gap = 2

/**
 * Lines of a table at most `width` cells wide, titles first. When it does not fit, long columns are cut a little (with
 * `…`), then columns are dropped by rank, then the long ones are cut down further.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  ink: Ink,
): string[] => {
  const all = columns.map((column, index) => ({ column, index, cells: naturalWidth(column, index, rows) }))
  const shown = layout(all, width)
  const line = (cellOf: (index: number) => Cell, isTitle: boolean): string => {
    const parts = shown.map(({ column, index, cells }, position) => {
      const { text, style } = cellOf(index)
      const fitted = (column.shrinksTo && column.cutAt !== 'end' ? fitMiddle : fitText)(text, cells)
      // Nothing follows the last column, so a left-aligned one there needs no filling.
      const isLast = position === shown.length - 1 && column.align === 'left'
      const fill = padText('', isLast ? 0 : cells - textWidth(fitted))
      const inked = isTitle ? ink('dim', fitted) : style ? ink(style, fitted) : fitted
      return column.align === 'left' ? inked + fill : fill + inked
    })
    return parts.join(' '.repeat(gap)).trimEnd()
  }
  return [
    line((index) => ({ text: columns[index]?.title ?? '' }), true),
    ...rows.map((row) => line((index) => row[index] ?? { text: '' }, false)),
  ]
}

interface Placed {
  column: Column
  index: number
  cells: number
}

const naturalWidth = (column: Column, index: number, rows: readonly (readonly Cell[])[]): number =>
  // An escaped control character is longer than what is measured here, so it is measured as it will be shown.
  rows.reduce(
    (widest, row) => Math.max(widest, textWidth(fitText(row[index]?.text ?? '', Number.POSITIVE_INFINITY))),
    textWidth(column.title),
  )

const total = (placed: readonly Placed[]): number =>
  placed.reduce((sum, { cells }) => sum + cells, Math.max(0, placed.length - 1) * gap)

const layout = (all: readonly Placed[], width: number): Placed[] => {
  const cut = shrink(all, width, 'first')
  if (total(cut) <= width) return cut
  const lowest = all.reduce<Placed | null>(
    (low, one) => (one.column.rank > 0 && (low === null || one.column.rank < low.column.rank) ? one : low),
    null,
  )
  return lowest === null
    ? shrink(all, width, 'last')
    : layout(
        all.filter((one) => one !== lowest),
        width,
      )
}

/** Takes what is missing from the widest column that may be cut, cell by cell. */
const shrink = (all: readonly Placed[], width: number, step: 'first' | 'last'): Placed[] => {
  const placed = all.map((one) => ({ ...one }))
  for (let missing = total(placed) - width; missing > 0; missing--) {
    const widest = placed.reduce<Placed | null>((most, one) => {
      const mayShrink = one.cells > (one.column.shrinksTo?.[step] ?? one.cells)
      return mayShrink && (most === null || one.cells > most.cells) ? one : most
    }, null)
    if (widest === null) break
    widest.cells--
  }
  return placed
}
