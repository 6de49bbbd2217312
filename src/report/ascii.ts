import { glyphsOf } from './glyphs.ts'

const plain: Readonly<Record<string, string>> = {
  '█': '#',
  '░': '.',
  '▄': '=',
  '…': '~',
  '–': '-',
  '—': '-',
  '←': '<',
  '→': '>',
  '×': 'x',
  '·': '.',
  '’': "'",
  '≤ ': '<=',
  '≥ ': '>=',
}

// Of strings: the compiled program is read as Latin-1, and the bundler writes only these in ASCII, not regular expressions.
const signs = new RegExp(Object.keys(plain).join('|'), 'g')

/** The same text with our own signs in ASCII, cell for cell; names of others stay as they are. */
export const inAscii = (text: string): string => text.replace(signs, (sign) => plain[sign] ?? sign)

/** What a person is shown, with what the locale in `env` has. */
export const inLocale = (text: string, env: Parameters<typeof glyphsOf>[0]): string =>
  glyphsOf(env) === 'ascii' ? inAscii(text) : text
