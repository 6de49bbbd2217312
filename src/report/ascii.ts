const bars: Readonly<Record<string, string>> = { '█': '#', '░': '.', '▄': '=' }

const signs: Readonly<Record<string, string>> = {
  '…': '~',
  '–': '-',
  '—': '-',
  '←': '<',
  '→': '>',
  '×': 'x',
  '≤ ': '<=',
  '≥ ': '>=',
}

/** A file of that name must be found by it: nothing is told of where a name ends, so it may be up to the last `: `. */
const path = /\/(?!(?:min|h|d|s)\b)(?:.*: |.*)/

/** As our own texts have them: between blanks or colours, a dash for want of a figure in a column of its own. */
const own =
  /…|(?<=\s\s|\u001b\[\d+m)–(?=\s|\u001b|$)|(?<=^|\s|\u001b\[\d+m)(?:[—←→×](?=\s)|[≤≥] (?=\d))|(?<=\d)×(?=,)/

const pathOrOwn = new RegExp(`(${path.source})|${own.source}`, 'gm')

/** The same text with our own signs in ASCII, cell for cell; names of others stay as they are. */
export const inAscii = (text: string): string =>
  text
    .replace(pathOrOwn, (found, named?: string) => named ?? signs[found] ?? found)
    .replace(/[█░▄]/g, (bar) => bars[bar] ?? bar)
