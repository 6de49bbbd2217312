import type { Glyphs } from './status-report.ts'

export interface SparkPoint {
  atMs: number
  bytes: number
}

/** From low to high. The Linux console has half blocks, but no eighths. */
const levels: Record<Glyphs, readonly string[]> = {
  unicode: [...'▁▂▃▄▅▆▇█'],
  console: [...'_▄█'],
  ascii: [...'_.-=*#'],
}

/**
 * A series over a span of time in so many cells, each as high as the mean of what lies in it. Between two samples no
 * further apart than usual the earlier one holds; where nothing was recorded for longer there is a blank. What moves
 * within a tenth is drawn as level, so that noise does not look like a mountain.
 */
export const sparkline = (
  points: readonly SparkPoint[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  cells: number,
  glyphs: Glyphs,
): string => {
  const means = filled(points, fromMs, (toMs - fromMs) / cells, cells)
  const drawn = means.filter((mean) => mean !== null)
  if (drawn.length === 0) return ''
  const [lowest, highest] = [Math.min(...drawn), Math.max(...drawn)]
  const range = Math.max(highest - lowest, highest * 0.1, 1)
  const base = Math.max(0, (highest + lowest - range) / 2)
  const marks = levels[glyphs]
  // What is level lies within one of the marks, not between two.
  const shift = range > highest - lowest ? 0.4 : 0
  return means
    .map((mean) => {
      if (mean === null) return ' '
      const level = Math.round(((mean - base) / range) * (marks.length - 1) + shift)
      return marks[Math.min(marks.length - 1, Math.max(0, level))]
    })
    .join('')
}

const filled = (
  points: readonly SparkPoint[],
  fromMs: number,
  cellMs: number,
  cells: number,
): (number | null)[] => {
  const sums: ({ sum: number; count: number } | null)[] = new Array(cells).fill(null)
  const cellOf = (atMs: number): number => Math.floor((atMs - fromMs) / cellMs)
  const inside = points.filter(({ atMs }) => cellOf(atMs) >= 0 && cellOf(atMs) <= cells)
  for (const { atMs, bytes } of inside) {
    // The end of the span belongs to the last cell.
    const cell = Math.min(cells - 1, cellOf(atMs))
    const before = sums[cell]
    sums[cell] = { sum: (before?.sum ?? 0) + bytes, count: (before?.count ?? 0) + 1 }
  }
  const means = sums.map((cell) => cell && cell.sum / cell.count)
  const reachMs = usualGapMs(inside) * 2.5
  for (const [i, point] of inside.entries()) {
    const next = inside[i + 1]
    if (next === undefined || next.atMs - point.atMs > reachMs) continue
    for (let cell = cellOf(point.atMs) + 1; cell < Math.min(cells, cellOf(next.atMs)); cell++)
      means[cell] ??= point.bytes
  }
  return means
}

const usualGapMs = (points: readonly SparkPoint[]): number => {
  const gaps = points
    .slice(1)
    .map(({ atMs }, i) => atMs - (points[i]?.atMs ?? 0))
    .sort((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)] ?? 0
}
