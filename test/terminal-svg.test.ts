import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Line {
  atMs: number
  cells: { char: string; style: string }[]
}
const { screenLines, terminalSvg } = (await import(
  join(import.meta.dirname, '../scripts/pictures/terminal-svg.mjs')
)) as {
  screenLines(chunks: [number, string][]): Line[]
  terminalSvg(command: string, lines: Line[], options?: object): string
}

const textOf = (lines: Line[]): string[] => lines.map(({ cells }) => cells.map(({ char }) => char).join(''))

describe('a picture of a terminal', () => {
  it('has what stays on the screen, at the time it came', () => {
    const lines = screenLines([
      [10, '1 MiB \r200 MiB\r\n'],
      [20, 'wait…\r\u001b[K  LEAK\r\n\r\n'],
    ])
    expect(textOf(lines)).toEqual(['200 MiB', '  LEAK'])
    expect(lines.map(({ atMs }) => atMs)).toEqual([10, 20])
  })

  it('keeps colours, escapes what is no text to XML, and gives each run its column and width', () => {
    const lines = screenLines([[0, 'a\u001b[31m<b>\u001b[0m \u001b[1mc\u001b[22m&']])
    const svg = terminalSvg('x --y "z"', lines)
    expect(svg).toContain('<title>x --y &quot;z&quot;</title>')
    expect(svg).toMatch(/<text x="24\.4" [^>]*textLength="25\.2" fill="#f2777a"[^>]*>&lt;b&gt;<\/text>/)
    expect(svg).toMatch(/font-weight="bold"[^>]*>c<\/text>/)
    expect(svg).toMatch(/>&amp;<\/text>/)
    expect(svg).not.toContain('@keyframes')
  })

  it('scrolls where the window is lower than the text', () => {
    const lines = screenLines([[5, 'a\nb\nc\nd']])
    const svg = terminalSvg('x', lines, { rows: 2, seconds: 4 })
    expect(svg).toContain('100%{transform:translateY(-54px)}')
  })
})
