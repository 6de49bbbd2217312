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
}

/** The same text with our own signs in ASCII, cell for cell; names of others stay as they are. */
export const inAscii = (text: string): string => text.replace(/[█░▄…–—←→×·]/g, (sign) => plain[sign] ?? sign)
