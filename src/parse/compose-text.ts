export type ComposeEnv = ReadonlyMap<string, string>

export interface Interpolated {
  text: string
  /** Variables that are not set and have no default: compose takes them for empty, with a warning. */
  missing: string[]
  /** Of `${VAR:?message}`. */
  errors: string[]
}

const nameAt = /[A-Za-z_]\w*/y

/**
 * Fills in `$VAR`, `${VAR}` and its forms with `:-`, `-`, `:?`, `?`, `:+` and `+`, nested too; `$$` is a `$`. As the
 * compose specification has it (12-interpolation.md).
 */
export const interpolate = (text: string, env: ComposeEnv): Interpolated => {
  const found: Interpolated = { text: '', missing: [], errors: [] }
  found.text = fill(text, env, found, 0)
  return found
}

const maxDepth = 20

const fill = (text: string, env: ComposeEnv, found: Interpolated, depth: number): string => {
  let result = ''
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    if (dollar === -1 || depth > maxDepth) return result + text.slice(at)
    result += text.slice(at, dollar)
    const next = text[dollar + 1]
    if (next === '$') {
      result += '$'
      at = dollar + 2
      continue
    }
    const start = next === '{' ? dollar + 2 : dollar + 1
    nameAt.lastIndex = start
    const name = nameAt.exec(text)?.[0]
    const end = next === '{' ? closingBrace(text, dollar + 1) : start + (name?.length ?? 0)
    if (name === undefined || end === -1) {
      found.errors.push(`"${text.slice(dollar, dollar + 20)}" is no variable; write $$ for a dollar`)
      return result + text.slice(dollar)
    }
    result +=
      next === '{'
        ? expand(name, text.slice(start + name.length, end), env, found, depth)
        : plain(name, env, found)
    at = next === '{' ? end + 1 : end
  }
  return result
}

const plain = (name: string, env: ComposeEnv, found: Interpolated): string => {
  const value = env.get(name)
  if (value === undefined) found.missing.push(name)
  return value ?? ''
}

const expand = (name: string, rest: string, env: ComposeEnv, found: Interpolated, depth: number): string => {
  if (rest === '') return plain(name, env, found)
  const [, colon, operator, word = ''] = /^(:?)([-?+])(.*)$/s.exec(rest) ?? []
  const value = env.get(name)
  const isSet = value !== undefined && !(colon === ':' && value === '')
  switch (operator) {
    case '-':
      return isSet ? (value ?? '') : fill(word, env, found, depth + 1)
    case '+':
      return isSet ? fill(word, env, found, depth + 1) : ''
    case '?':
      if (!isSet) found.errors.push(`${name} is not set${word === '' ? '' : `: ${word}`}`)
      return value ?? ''
    default:
      found.errors.push(`"\${${name}${rest.slice(0, 20)}}" is no form of a variable`)
      return ''
  }
}

/** Of the brace at `open`; -1 when there is none. */
const closingBrace = (text: string, open: number): number => {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

/** A `.env` file: `KEY=value`, `export KEY="value"`, comments; single quotes keep what is in them as it is. */
export const parseDotEnv = (text: string): Map<string, string> => {
  const env = new Map<string, string>()
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const [, name, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const quoted = /^'([^']*)'|^"((?:[^"\\]|\\.)*)"/.exec(raw)
    const value = quoted
      ? (quoted[1] ??
        (quoted[2] ?? '').replace(
          /\\([nrt"\\$])/g,
          (_, c: string) => ({ n: '\n', r: '\r', t: '\t', $: '$$' })[c] ?? c,
        ))
      : raw.replace(/\s+#.*$/, '').trim()
    env.set(name, quoted?.[1] === undefined ? interpolate(value, env).text : value)
  }
  return env
}

const factors = { b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 } as const

/** Docker's sizes: `2g`, `512MB`, `1.5GiB`, or a number of bytes, steps of 1024; null for what is none. */
export const parseComposeSize = (raw: unknown): number | null => {
  if (typeof raw === 'number') return Number.isSafeInteger(raw) && raw >= 0 ? raw : null
  if (typeof raw !== 'string') return null
  const [whole, amount, letter = 'b'] = /^\s*(\d+(?:\.\d+)?)\s*(?:([bkmgtp])(?:i?b)?)?\s*$/i.exec(raw) ?? []
  if (whole === undefined) return null
  const bytes = Math.round(Number(amount) * 1024 ** factors[letter.toLowerCase() as keyof typeof factors])
  return Number.isSafeInteger(bytes) ? bytes : null
}
