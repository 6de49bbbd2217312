import type { Status } from '../core/finding.ts'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Wraps text in a style, or leaves it alone; to be used after the text has been measured. */
export type Ink = (style: Style, text: string) => string

// ECMA-48 SGR; each style closes itself alone, so that styles nest.
const codes: Record<Style, readonly [open: number, close: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
}

/** The one place that writes styles. */
export const inkFor = (color: boolean): Ink => {
  if (!color) return (_style, text) => text
  return (style, text) => {
    const [open, close] = codes[style]
    return text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`
  }
}

/** What a status looks like: null where it needs no attention. */
export const styleOf = (status: Status): Style | null =>
  (({ ok: null, warning: 'yellow', critical: 'red', unknown: 'cyan' }) as const)[status]
