import { journalKeyOf, journalValueForm } from './journal-values.ts'

const size = journalValueForm('SystemMaxUse').pattern
const powers = 'BKMGTPE'

/** Bytes of `1G 500M`; null for what is no size. */
export const journalBytes = (text: string): number | null => {
  if (!size.test(text)) return null
  let bytes = 0
  for (const [, amount, letter] of text.matchAll(/(\d+(?:\.\d+)?)\s*([BKMGTPE]?)/g))
    bytes += Number(amount) * 1024 ** powers.indexOf(letter || 'B')
  return Math.round(bytes)
}

/** systemd.time(7): a month is 30.44 days, a year 365.25. */
const secondsPer: readonly [RegExp, number][] = [
  [/^(?:us|usec|\u00b5s)$/, 1e-6],
  [/^(?:ms|msec)$/, 1e-3],
  [/^(?:|s|sec|seconds?)$/, 1],
  [/^(?:m|min|minutes?)$/, 60],
  [/^(?:h|hr|hours?)$/, 3600],
  [/^(?:d|days?)$/, 86_400],
  [/^(?:w|weeks?)$/, 604_800],
  [/^(?:M|months?)$/, 2_629_800],
  [/^(?:y|years?)$/, 31_557_600],
]

const spanSeconds = (text: string): number => {
  let seconds = 0
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zA-Z\u00b5]*)/g))
    seconds += Number(amount) * (secondsPer.find(([name]) => name.test(unit))?.[1] ?? 1)
  return seconds
}

/** Two spellings of one value are the same: `1week` and `7d`, `yes` and `true`. */
export const isSameJournalValue = (key: string, a: string, b: string): boolean =>
  a === b || (a !== '' && b !== '' && plain(key, a) === plain(key, b))

const plain = (key: string, text: string): string => {
  const kind = journalKeyOf(key)?.kind
  if (kind === 'size') return `${journalBytes(text)}`
  if (kind === 'span') return text === 'infinity' ? text : `${Math.round(spanSeconds(text) * 1e6)}`
  if (kind === 'flag' || kind === 'audit' || kind === 'compress')
    return /^(?:1|yes|y|true|t|on)$/i.test(text)
      ? 'yes'
      : /^(?:0|no|n|false|f|off)$/i.test(text)
        ? 'no'
        : text
  return text
}
