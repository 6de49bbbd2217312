/** A line of Prometheus' text format: a figure, with its labels. */
export interface MetricSample {
  name: string
  labels: ReadonlyMap<string, string>
  value: number
}

const nameForm = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const labelForm = /[a-zA-Z_][a-zA-Z0-9_]*/y

/**
 * The figures whose names begin with `prefix`, of a text in Prometheus' format 0.0.4 (prometheus.io, exposition
 * formats). Answers with the number of the first line of them that is none, or null. Takes time in proportion to the text.
 */
export const readSamples = (
  text: string,
  prefix: string,
  take: (sample: MetricSample) => void,
): number | null => {
  let number = 0
  for (let start = 0; start < text.length; ) {
    number++
    const end = text.indexOf('\n', start)
    const next = end < 0 ? text.length : end
    if (text.startsWith(prefix, start)) {
      const sample = parseSample(text.slice(start, next))
      if (sample === null) return number
      take(sample)
    }
    start = next + 1
  }
  return null
}

/** `name{label="value"} 1.5`, with or without labels and a stamp; null: it is none. */
export const parseSample = (line: string): MetricSample | null => {
  const name = nameForm.exec(line)?.[0]
  if (name === undefined) return null
  const labels = new Map<string, string>()
  const rest = line[name.length] === '{' ? readLabels(line, name.length + 1, labels) : name.length
  if (rest === null || !/[ \t]/.test(line[rest] ?? '')) return null
  const [value = '', stamp = '0', ...more] = line
    .slice(rest)
    .trim()
    .split(/[ \t]+/)
  const number = numberOf(value)
  return number === null || !/^-?\d+$/.test(stamp) || more.length > 0 ? null : { name, labels, value: number }
}

/** Where the text goes on behind `}`; null: they are not whole. */
const readLabels = (line: string, from: number, into: Map<string, string>): number | null => {
  let at = from
  for (;;) {
    at = skipBlanks(line, at)
    if (line[at] === '}') return at + 1
    labelForm.lastIndex = at
    const name = labelForm.exec(line)?.[0]
    if (name === undefined) return null
    at = skipBlanks(line, at + name.length)
    if (line[at] !== '=') return null
    at = skipBlanks(line, at + 1)
    const quoted = line[at] === '"' ? readQuoted(line, at + 1) : null
    if (quoted === null) return null
    into.set(name, quoted.text)
    at = skipBlanks(line, quoted.end)
    if (line[at] === ',') at++
    else if (line[at] !== '}') return null
  }
}

const skipBlanks = (line: string, from: number): number => {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

/** Backslash, quote and line end are written with a backslash. */
const readQuoted = (line: string, from: number): { text: string; end: number } | null => {
  let text = ''
  let plainFrom = from
  for (let at = from; at < line.length; at++) {
    if (line[at] === '"') return { text: text + line.slice(plainFrom, at), end: at + 1 }
    if (line[at] !== '\\') continue
    const escaped = line[at + 1] ?? ''
    text += line.slice(plainFrom, at) + (escaped === 'n' ? '\n' : escaped)
    at++
    plainFrom = at + 1
  }
  return null
}

const numberOf = (text: string): number | null => {
  if (/^[+-]?Inf$/i.test(text))
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null
}
