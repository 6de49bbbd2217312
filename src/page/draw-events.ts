import type uPlot from 'uplot'
import type { AlertLevel, PageEvent, PageSeries } from '../core/page-data.ts'
import { colorOf } from './colors.ts'

const alertColors: Readonly<Record<AlertLevel, string>> = {
  warning: '--warning',
  critical: '--critical',
  unknown: '--unknown',
}

/** Draws within the picture alone. */
const inside = (u: uPlot, draw: (context: CanvasRenderingContext2D, pixel: number) => void): void => {
  const { ctx, bbox } = u
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  // The last series may have left its dashes.
  ctx.setLineDash([])
  draw(ctx, devicePixelRatio)
  ctx.restore()
}

/** From now to the limit: soonest and latest are its edges. */
export const drawCone = (u: uPlot, { cone }: PageSeries): void => {
  if (cone === null) return
  const x = (at: number): number => u.valToPos(at, 'x', true)
  const y = (bytes: number): number => u.valToPos(bytes, 'y', true)
  inside(u, (ctx, pixel) => {
    const { from, bytes, limit, low, best, high } = cone
    ctx.beginPath()
    ctx.moveTo(x(from), y(bytes))
    ctx.lineTo(x(from + low), y(limit))
    if (high === null) {
      // Maybe never: then its lower edge stays where it is.
      const far = x(Math.max(from + low, u.scales.x?.max ?? 0)) + 10
      ctx.lineTo(far, y(limit))
      ctx.lineTo(far, y(bytes))
    } else ctx.lineTo(x(from + high), y(limit))
    ctx.closePath()
    ctx.fillStyle = colorOf('--critical', 0.16)
    ctx.fill()
    ctx.beginPath()
    ctx.setLineDash([2 * pixel, 3 * pixel])
    ctx.strokeStyle = colorOf('--critical')
    ctx.lineWidth = 1.5 * pixel
    ctx.moveTo(x(from), y(bytes))
    ctx.lineTo(x(from + best), y(limit))
    ctx.stroke()
  })
}

/** Restarts and marks as lines from top to bottom, alerts as bars along the top. */
export const drawEvents = (u: uPlot, { restarts, alerts }: PageSeries, marks: readonly PageEvent[]): void => {
  const x = (at: number): number => u.valToPos(at, 'x', true)
  const { top, height } = u.bbox
  inside(u, (ctx, pixel) => {
    const uprights = (events: readonly PageEvent[], color: string, width: number): void => {
      ctx.strokeStyle = ctx.fillStyle = color
      ctx.lineWidth = width * pixel
      for (const [at] of events) {
        ctx.beginPath()
        ctx.moveTo(x(at), top)
        ctx.lineTo(x(at), top + height)
        ctx.stroke()
        ctx.beginPath()
        ctx.moveTo(x(at) - 4 * pixel, top + height)
        ctx.lineTo(x(at) + 4 * pixel, top + height)
        ctx.lineTo(x(at), top + height - 7 * pixel)
        ctx.fill()
      }
    }
    uprights(marks, colorOf('--good'), 2)
    uprights(restarts, colorOf('--plan'), 1.5)
    for (const [from, to, level] of alerts) {
      ctx.fillStyle = colorOf(alertColors[level])
      ctx.fillRect(x(from), top, Math.max(3 * pixel, x(to) - x(from)), 8 * pixel)
    }
  })
}
