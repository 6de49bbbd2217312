import type { Ink, Style } from './color.ts'

// Both characters are in the font of the Linux console (CP437), unlike eighth blocks and heavy lines.
const full = '█'
const empty = '░'

// What is printed as 0% is drawn as nothing.
const drawnFrom = 0.005

/** A bar of `cells` for 0–100 %: something is never drawn as nothing, and nearly all is never drawn as all. */
export const bar = (percent: number, cells: number, style: Style | null, ink: Ink): string => {
  const share = Number.isNaN(percent) ? 0 : Math.min(100, Math.max(0, percent)) / 100
  const rounded = Math.round(share * cells)
  const filled = share < drawnFrom ? 0 : share === 1 ? cells : Math.min(cells - 1, Math.max(1, rounded))
  const used = full.repeat(filled)
  return (style === null ? used : ink(style, used)) + ink('dim', empty.repeat(cells - filled))
}
