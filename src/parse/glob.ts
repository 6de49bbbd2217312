/**
 * Globs of file names as a shell has them: `*`, `?`, `[a-z]`, `[!a]`, `{a,b}`, and a backslash before any of these. A
 * leading dot needs none of its own, as for find -name. Matching takes time by length of name × length of glob at most,
 * whatever stands in either: the names are other people's.
 */
export type NameMatch = (name: string) => boolean

type Token =
  | { kind: 'text'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; set: CharSet }
interface CharSet {
  negated: boolean
  ranges: [number, number][]
}

const maxAlternatives = 256

/** What is wrong with it, in words, or how it matches. */
export const parseGlob = (glob: string): NameMatch | string => {
  if (glob === '') return 'is empty'
  if (glob.includes('/')) return 'has a slash; it is of names, not of paths'
  const alternatives = expandBraces(glob)
  if (alternatives === null) return `has more than ${maxAlternatives} alternatives`
  const tokens = alternatives.map(tokensOf)
  return (name) => tokens.some((one) => matches(one, [...name]))
}

/** `a{b,c}d` → `abd`, `acd`; null when there are too many. A brace without its end is a character. */
const expandBraces = (glob: string): string[] | null => {
  const finished: string[] = []
  const open = [glob]
  while (open.length > 0) {
    const one = open.pop() ?? ''
    const brace = firstBrace(one)
    if (brace === null) finished.push(one)
    else
      for (const part of brace.parts.reverse())
        open.push(one.slice(0, brace.start) + part + one.slice(brace.end + 1))
    if (finished.length + open.length > maxAlternatives) return null
  }
  return finished
}

const firstBrace = (text: string): { start: number; end: number; parts: string[] } | null => {
  for (let start = 0; start < text.length; start++) {
    if (text[start] === '\\') start++
    else if (text[start] === '{') {
      const brace = partsFrom(text, start)
      if (brace !== null) return { start, ...brace }
    }
  }
  return null
}

const partsFrom = (text: string, start: number): { end: number; parts: string[] } | null => {
  const parts: string[] = []
  let depth = 0
  let from = start + 1
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '{') depth++
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    } else if (char === '}' && depth-- === 0) {
      // `{}` and `{a}` are no choice.
      return parts.length === 0 ? null : { end: at, parts: [...parts, text.slice(from, at)] }
    }
  }
  return null
}

const tokensOf = (glob: string): Token[] => {
  const chars = [...glob]
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    const set = char === '[' ? setFrom(chars, at) : null
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (char === '?') tokens.push({ kind: 'any' })
    else if (set !== null) {
      tokens.push({ kind: 'set', set: set.set })
      at = set.end
    } else if (char === '\\' && at + 1 < chars.length) {
      at++
      tokens.push({ kind: 'text', char: chars[at] ?? '' })
    } else tokens.push({ kind: 'text', char })
  }
  return tokens
}

const setFrom = (chars: readonly string[], open: number): { end: number; set: CharSet } | null => {
  const negated = chars[open + 1] === '!' || chars[open + 1] === '^'
  const first = open + (negated ? 2 : 1)
  // A `]` right at the beginning is one of the characters.
  const end = chars.indexOf(']', first + 1)
  if (end === -1) return null
  const code = (at: number): number => chars[at]?.codePointAt(0) ?? 0
  const ranges: [number, number][] = []
  for (let at = first; at < end; at++)
    if (chars[at + 1] === '-' && at + 2 < end) {
      ranges.push([code(at), code(at + 2)])
      at += 2
    } else ranges.push([code(at), code(at)])
  return { end, set: { negated, ranges } }
}

/** One star is gone back to at most: what an earlier one takes never has to be looked at again. */
const matches = (tokens: readonly Token[], name: readonly string[]): boolean => {
  let [at, token, star, starAt] = [0, 0, -1, 0]
  while (at < name.length) {
    const now = tokens[token]
    if (now?.kind === 'star') {
      star = token++
      starAt = at
    } else if (now !== undefined && fits(now, name[at] ?? '')) {
      at++
      token++
    } else if (star >= 0) {
      token = star + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token]?.kind === 'star') token++
  return token === tokens.length
}

const fits = (token: Token, char: string): boolean => {
  if (token.kind === 'text') return token.char === char
  if (token.kind !== 'set') return token.kind === 'any'
  const code = char.codePointAt(0) ?? 0
  return token.set.ranges.some(([from, to]) => code >= from && code <= to) !== token.set.negated
}
