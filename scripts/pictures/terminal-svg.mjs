// What a program has printed on a terminal, as an SVG picture: still, or as it came.

const cell = { width: 8.4, height: 18, size: 14 }
const margin = { side: 16, top: 44, bottom: 14 }
const ink = { ground: '#16181d', text: '#d8dbe2', dim: '#8b92a0', prompt: '#7fb77e' }
const colors = {
  31: '#f2777a',
  32: '#8fce8b',
  33: '#f0c674',
  34: '#81a2be',
  35: '#b294bb',
  36: '#8abeb7',
  90: '#8b92a0',
}

/**
 * The lines that stay on the screen; what `\r` writes over is gone.
 *
 * @param chunks in the order they came: [milliseconds since the start, text]
 * @returns {{ atMs: number, cells: { char: string, style: string }[] }[]}
 */
export const screenLines = (chunks) => {
  const lines = []
  let style = { color: null, bold: false, dim: false }
  let column = 0
  const lineNow = (atMs) => {
    if (lines.length === 0) lines.push({ atMs, cells: [] })
    return lines[lines.length - 1]
  }
  for (const [atMs, text] of chunks)
    for (const [, csi, verb, char] of text.matchAll(/\x1b\[([\d;?]*)([A-Za-z])|([^\x1b])/gsu)) {
      const line = lineNow(atMs)
      if (verb === 'm') style = restyled(style, csi)
      else if (verb === 'K') line.cells.length = csi === '2' ? 0 : column
      else if (char === '\r') column = 0
      else if (char === '\n') {
        lines.push({ atMs, cells: [] })
        column = 0
      } else if (char !== undefined) {
        while (line.cells.length < column) line.cells.push({ char: ' ', style: '' })
        line.cells[column++] = { char, style: styleOf(style) }
        line.atMs = atMs
      }
    }
  while (lines.length > 0 && lines.at(-1).cells.length === 0) lines.pop()
  return lines
}

const restyled = (style, codes) => {
  let next = style
  for (const code of (codes || '0').split(';').map(Number)) {
    if (code === 0) next = { color: null, bold: false, dim: false }
    else if (code === 1) next = { ...next, bold: true }
    else if (code === 2) next = { ...next, dim: true }
    else if (code === 22) next = { ...next, bold: false, dim: false }
    else if (code === 39) next = { ...next, color: null }
    else if (code in colors) next = { ...next, color: colors[code] }
  }
  return next
}

const styleOf = ({ color, bold, dim }) =>
  [
    ...(color !== null || dim ? [`fill="${color ?? ink.dim}"`] : []),
    ...(bold ? ['font-weight="bold"'] : []),
  ].join(' ')

const escaped = (text) =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one])

/** A run of one style is one text; its width is given, so that any monospaced font keeps the columns. */
const lineSvg = (cells, row) => {
  const runs = []
  cells.forEach(({ char, style }, column) => {
    const last = runs.at(-1)
    if (last?.style === style && last.column + [...last.text].length === column) last.text += char
    else runs.push({ style, column, text: char })
  })
  return runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ style, column, text }) => {
      const x = (margin.side + column * cell.width).toFixed(1)
      const length = ([...text].length * cell.width).toFixed(1)
      const y = margin.top + row * cell.height + cell.size
      return `<text x="${x}" y="${y}" textLength="${length}"${style && ` ${style}`} xml:space="preserve">${escaped(text)}</text>`
    })
    .join('')
}

/**
 * @param command what was typed
 * @param lines of screenLines
 * @param options columns and rows of the window; fewer rows than lines: it scrolls, and `seconds` is how long all of it takes
 */
export const terminalSvg = (command, lines, { columns = 80, rows = null, seconds = 0 } = {}) => {
  const shown = [{ atMs: 0, cells: promptCells(command) }, ...lines]
  const height = rows ?? shown.length
  const size = {
    width: Math.ceil(columns * cell.width + 2 * margin.side),
    height: margin.top + height * cell.height + margin.bottom,
  }
  const isMoving = rows !== null
  const body = shown
    .map(({ cells }, row) =>
      isMoving ? `<g class="l${row}">${lineSvg(cells, row)}</g>` : lineSvg(cells, row),
    )
    .join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(command)}">
<title>${escaped(command)}</title>
<style>text{font:${cell.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}${isMoving ? motion(shown, rows, seconds) : ''}</style>
<rect width="100%" height="100%" rx="9" fill="${ink.ground}"/>
<g fill="#3b404b"><circle cx="20" cy="20" r="6"/><circle cx="40" cy="20" r="6"/><circle cx="60" cy="20" r="6"/></g>
<clipPath id="window"><rect y="${margin.top}" width="${size.width}" height="${height * cell.height + 4}"/></clipPath>
<g clip-path="url(#window)"><g fill="${ink.text}" class="all">
${body}
</g></g>
</svg>
`
}

const promptCells = (command) => [
  ...[...'$ '].map((char) => ({ char, style: `fill="${ink.prompt}"` })),
  ...[...command].map((char) => ({ char, style: 'font-weight="bold"' })),
]

/** Each line when it came, in proportion; the window follows the last one, and a fifth of the time all stands still. */
const motion = (lines, rows, seconds) => {
  const endMs = lines.at(-1).atMs || 1
  const share = (atMs) => (2 + (atMs / endMs) * 78).toFixed(2)
  const appear = lines.map(
    ({ atMs }, row) =>
      `@keyframes a${row}{0%{opacity:0}${share(atMs)}%{opacity:1}100%{opacity:1}}.l${row}{animation:a${row} ${seconds}s step-end infinite}`,
  )
  const steps = new Map()
  for (const [row, { atMs }] of lines.entries())
    steps.set(share(atMs), Math.max(0, row + 1 - rows) * cell.height)
  const scroll = [...steps].map(([at, by]) => `${at}%{transform:translateY(-${by}px)}`)
  const last = Math.max(0, lines.length - rows) * cell.height
  return `${appear.join('')}@keyframes s{0%{transform:none}${scroll.join('')}100%{transform:translateY(-${last}px)}}.all{animation:s ${seconds}s step-end infinite}`
}
