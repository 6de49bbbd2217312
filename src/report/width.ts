import { escapeControl } from '../core/escape.ts'

// Own code rather than `Intl.Segmenter` (13 ms at the start) or a package: it is only asked for names and messages.
// Wide: East Asian Width W and F (Unicode UAX #11) and emoji that are shown as pictures.
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f100}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
// Combining marks, joiners and tags take no cell of their own. Other format characters (a soft hyphen, Arabic
// number signs) do on some terminals, so they count.
const zero = /[\p{Mn}\p{Me}\u200b-\u200f\u2060-\u2064\u{e0000}-\u{e0fff}]/u
// U+FE0F asks for the picture form of the character before it, which most terminals draw over two cells.
const pictureSelector = '\ufe0f'
const narrowOnly = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2013-\u2026\u2190-\u21ff\u2500-\u25ff]*$/

const cellsOf = (character: string): number => {
  if (character === pictureSelector) return 1
  if (zero.test(character)) return 0
  return wide.test(character) ? 2 : 1
}

/**
 * Cells a text takes on a terminal. Where terminals differ (joined emoji) it counts high, so that a line never
 * becomes longer than promised.
 */
export const textWidth = (text: string): number => {
  if (narrowOnly.test(text)) return text.length
  let cells = 0
  for (const character of text) cells += cellsOf(character)
  return cells
}

/** Escaped, and cut to `cells` with `…` where something is missing. */
export const fitText = (text: string, cells: number): string => {
  const safe = escapeControl(text)
  if (textWidth(safe) <= cells) return safe
  return cells > 0 ? `${start(safe, cells - 1)}…` : ''
}

/** The same with the end kept, too: of paths and of replicas of one name the end is what tells them apart. */
export const fitMiddle = (text: string, cells: number): string => {
  const safe = escapeControl(text)
  if (textWidth(safe) <= cells) return safe
  if (cells < 8) return fitText(safe, cells)
  const end = start([...safe].reverse().join(''), Math.floor((cells - 1) * 0.4))
  return `${start(safe, cells - 1 - textWidth(end))}…${[...end].reverse().join('')}`
}

/** As much of the beginning as fits into so many cells. */
const start = (text: string, cells: number): string => {
  let fitted = ''
  let used = 0
  for (const character of text) {
    used += cellsOf(character)
    if (used > cells) break
    fitted += character
  }
  return fitted
}

/** Filled with spaces to `cells`; longer text is left as it is. */
export const padText = (text: string, cells: number, align: 'left' | 'right' = 'left'): string => {
  const fill = ' '.repeat(Math.max(0, cells - textWidth(text)))
  return align === 'left' ? text + fill : fill + text
}

/**
 * Words in lines of at most `cells`; a word that is longer than a line is broken. `used`: cells that are taken already
 * on the first line, which is then empty when no word fits behind them.
 */
export const wrapText = (text: string, cells: number, used = 0): string[] => {
  const lines: string[] = []
  let line = ''
  let room = cells - used
  const end = (): void => {
    lines.push(line)
    line = ''
    room = cells
  }
  for (const word of escapeControl(text).split(' ')) {
    const gap = line === '' ? '' : ' '
    if (textWidth(line + gap + word) <= room) {
      line += gap + word
      continue
    }
    if (line !== '' || room < cells) end()
    for (const piece of pieces(word, cells)) {
      if (line !== '') end()
      line = piece
    }
  }
  lines.push(line)
  return lines
}

const pieces = (word: string, cells: number): string[] => {
  const all: string[] = []
  let piece = ''
  let used = 0
  for (const character of word) {
    const more = cellsOf(character)
    if (piece !== '' && used + more > cells) {
      all.push(piece)
      piece = ''
      used = 0
    }
    piece += character
    used += more
  }
  return [...all, piece]
}
