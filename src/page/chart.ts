import uPlot from 'uplot'
import { sizeTicks, type Tick, timeTicks } from '../core/axis-ticks.ts'
import type { PageData, PageSeries } from '../core/page-data.ts'
import { colorOf } from './colors.ts'
import { drawCone, drawEvents } from './draw-events.ts'
import type { Series } from './unpack.ts'

export interface View {
  from: number
  to: number
}

export interface Chart {
  plot: uPlot
  view(): View
  /** Shows a part of the time; held within the whole, and no narrower than a few values. */
  zoom(from: number, to: number): void
  whole(): void
  secondsPerPixel(): number
}

const font = '12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

export const makeChart = (
  into: HTMLElement,
  series: Series,
  page: PageSeries,
  data: PageData,
  onRow: (row: number | null) => void,
): Chart => {
  const [from, to, top] = page.range
  let view: View = { from, to }
  const isWhole = (): boolean => view.from === from && view.to === to
  const zoom = (wantedFrom: number, wantedTo: number): void => {
    const width = Math.min(to - from, Math.max(4 * page.step, wantedTo - wantedFrom))
    const begin = Math.max(from, Math.min(to - width, (wantedFrom + wantedTo - width) / 2))
    view = { from: begin, to: begin + width }
    plot.setScale('x', { min: view.from, max: view.to })
  }
  // All from 0 where the whole is shown; a part fills the height.
  const heights = (_: uPlot, low: number | null, high: number | null): [number, number] => {
    if (isWhole() || low === null || high === null) return [0, top]
    const room = Math.max((high - low) * 0.12, high * 0.005, 1024)
    return [Math.max(0, low - room), high + room]
  }
  const ticks = (u: uPlot, scale: 'x' | 'y', min: number, max: number): Tick[] =>
    scale === 'x'
      ? timeTicks(min, max, Math.max(2, Math.floor(u.width / 95)), data.offsets)
      : sizeTicks(min, max, Math.max(2, Math.floor(u.height / 42)))
  const axis = (scale: 'x' | 'y', size: number): uPlot.Axis => ({
    scale,
    size,
    font,
    stroke: () => colorOf('--soft'),
    grid: { stroke: () => colorOf('--faint'), width: 1 },
    ticks: { show: false },
    splits: (u, _, min, max) => ticks(u, scale, min, max).map(({ at }) => at),
    values: (u, splits) => {
      const { min = 0, max = 0 } = u.scales[scale] ?? {}
      const labels = new Map(ticks(u, scale, min ?? 0, max ?? 0).map(({ at, label }) => [at, label]))
      return splits.map((at) => labels.get(at) ?? '')
    },
  })
  const secondsPerPixel = (): number => (view.to - view.from) / Math.max(1, plot.over.clientWidth)
  const points = { show: false }
  const plot = new uPlot(
    {
      width: into.clientWidth || 300,
      height: heightFor(into.clientWidth),
      legend: { show: false },
      padding: [8, 12, 0, 0],
      scales: {
        x: { time: false, range: () => [view.from, view.to] },
        y: { range: heights },
      },
      axes: [axis('x', 30), axis('y', into.clientWidth < 500 ? 58 : 72)],
      series: [
        {},
        { label: 'highest', stroke: () => colorOf('--link', 0.35), width: 1, points },
        { label: 'lowest', stroke: () => colorOf('--link'), width: 2, points },
        { label: 'counts', stroke: () => colorOf('--soft'), width: 1.5, dash: [1, 3], points },
        {
          label: 'limit',
          stroke: () => colorOf('--critical'),
          width: 1.5,
          dash: [7, 4],
          auto: false,
          points,
          ...(uPlot.paths.stepped === undefined ? {} : { paths: uPlot.paths.stepped({ align: 1 }) }),
        },
      ],
      bands: [{ series: [1, 2], fill: () => colorOf('--link', 0.22) }],
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            zoom(from, to)
            return null
          },
        },
      },
      hooks: {
        drawAxes: [(u) => drawCone(u, page)],
        draw: [(u) => drawEvents(u, page, data.marks)],
        setSelect: [
          (u) => {
            const { left, width } = u.select
            if (width < 4) return
            zoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'))
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
        setCursor: [(u) => onRow(u.cursor.idx ?? null)],
      },
    },
    [series.times, series.peaks, series.floors, series.used, series.limits],
    into,
  )
  new ResizeObserver(() => {
    if (into.clientWidth > 0 && into.clientWidth !== plot.width)
      plot.setSize({ width: into.clientWidth, height: heightFor(into.clientWidth) })
  }).observe(into)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false))
  return { plot, view: () => view, zoom, whole: () => zoom(from, to), secondsPerPixel }
}

const heightFor = (width: number): number => (width < 500 ? 210 : 245)
