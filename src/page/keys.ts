import type { Chart } from './chart.ts'
import type { Series } from './unpack.ts'

/** Moves along the values and zooms, by keys and by buttons alike. */
export interface Steering {
  /** By that many values; from the newest one in view when none is chosen. */
  move(values: number): void
  end(which: 'first' | 'last'): void
  zoom(factor: number): void
  whole(): void
}

export const makeSteering = (chart: Chart, { times, rows, floors }: Series): Steering => {
  const { plot } = chart
  const go = (place: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, place))]
    if (row === undefined) return
    const at = times[row] as number
    const { from, to } = chart.view()
    const half = (to - from) / 2
    if (at < from || at > to) chart.zoom(at - half, at + half)
    plot.setCursor({ left: plot.valToPos(at, 'x'), top: plot.valToPos(floors[row] ?? 0, 'y') })
  }
  const chosen = (): number | null => {
    const { idx } = plot.cursor
    const place = idx == null ? -1 : rows.indexOf(idx)
    return place < 0 ? null : place
  }
  const newestInView = (): number => {
    const { to } = chart.view()
    return rows.findLastIndex((row) => (times[row] as number) <= to)
  }
  return {
    move: (values) => {
      const place = chosen()
      go(place === null ? newestInView() : place + values)
    },
    end: (which) => go(which === 'first' ? 0 : rows.length - 1),
    zoom(factor) {
      const { from, to } = chart.view()
      const place = chosen()
      const at = place === null ? (from + to) / 2 : (times[rows[place] as number] as number)
      // What is looked at stays where it is.
      chart.zoom(at - (at - from) * factor, at + (to - at) * factor)
      if (place !== null) go(place)
    },
    whole() {
      chart.whole()
      const place = chosen()
      if (place !== null) go(place)
    },
  }
}

/** Whether the key was one of ours. */
export const steerByKey = (steering: Steering, { key, shiftKey }: KeyboardEvent): boolean => {
  switch (key) {
    case 'ArrowLeft':
      steering.move(shiftKey ? -10 : -1)
      return true
    case 'ArrowRight':
      steering.move(shiftKey ? 10 : 1)
      return true
    case 'Home':
      steering.end('first')
      return true
    case 'End':
      steering.end('last')
      return true
    case '+':
    case '=':
      steering.zoom(0.5)
      return true
    case '-':
      steering.zoom(2)
      return true
    case 'Escape':
    case '0':
      steering.whole()
      return true
    default:
      return false
  }
}
