/**
 * Regular expressions of the config run against command lines and log lines of strangers, by a backtracking engine
 * that nothing can interrupt. So those that can take exponential time are refused: a repeat of what itself repeats,
 * `(a+)+`, varies, `(a?b?)*`, or branches into alternatives that begin alike, `(a|ab)*`. That refuses some harmless
 * ones too; the price is a rewrite. What takes polynomial time at worst (`.*.*x`, `(\d+\.){3}`) is let through: who
 * reads lines bounds their length.
 */

const longest = 1000

/** Why the expression cannot be used, as words to be put after its path; null when it can. Never throws. */
export const regexProblem = (source: string): string | null => {
  if (source.length > longest) return `is longer than the ${longest} characters a regular expression may have`
  try {
    new RegExp(source)
  } catch (error) {
    // `Invalid regular expression: /(a/: Unterminated group`: the text itself may be long, the reason comes last.
    const reason = error instanceof Error ? (error.message.split(': ').at(-1) ?? '') : ''
    return `is not a regular expression: ${reason.toLowerCase()}`
  }
  return canExplode(source)
    ? 'repeats a group that repeats or branches inside, as (a+)+ does; such an expression can run for hours'
    : null
}

interface Group {
  /** Holds `*`, `+` or `{n,}`. */
  repeats: boolean
  /** Holds `?` or `{n,m}`: fits in more than one way. */
  varies: boolean
  /** First characters of its alternatives; null for anything but a plain letter, digit or underscore. */
  firsts: (string | null)[]
  expectsFirst: boolean
}

const openGroup = (): Group => ({ repeats: false, varies: false, firsts: [], expectsFirst: true })

const canExplode = (source: string): boolean => {
  const open: Group[] = [openGroup()]
  for (let at = 0; at < source.length; ) {
    const group = open.at(-1) ?? openGroup()
    const token = tokenAt(source, at)
    const quantifier = quantifierAt(source, at + token.length)
    at += token.length + quantifier.length
    if (token.startsWith('(')) {
      noteFirst(group, null)
      open.push(openGroup())
    } else if (token === ')' && open.length > 1) {
      if (explodes(group, quantifier.most)) return true
      open.pop()
      noteInside(open.at(-1), quantifier, group)
    } else if (token === '|') group.expectsFirst = true
    else {
      noteFirst(group, /^\w$/.test(token) ? token : null)
      noteInside(group, quantifier, null)
    }
  }
  return false
}

/** Up to 4 repeats of something unbounded are polynomial; up to 10 of something bounded are few ways. */
const explodes = (inside: Group, most: number): boolean =>
  (most > 4 && inside.repeats) || (most > 10 && (inside.varies || canBeginAlike(inside.firsts)))

const canBeginAlike = (firsts: readonly (string | null)[]): boolean =>
  firsts.length > 1 && (firsts.includes(null) || new Set(firsts).size < firsts.length)

const noteFirst = (group: Group, first: string | null): void => {
  if (group.expectsFirst) group.firsts.push(first)
  group.expectsFirst = false
}

const noteInside = (group: Group | undefined, { least, most }: Quantifier, inside: Group | null): void => {
  if (!group) return
  group.repeats ||= most === Number.POSITIVE_INFINITY || inside?.repeats === true
  group.varies ||= most !== least || inside?.varies === true || canBeginAlike(inside?.firsts ?? [])
}

interface Quantifier {
  least: number
  most: number
  length: number
}

const quantifierAt = (source: string, at: number): Quantifier => {
  const [whole, sign, least, comma, most] =
    /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 40)) ?? []
  if (whole === undefined) return { least: 1, most: 1, length: 0 }
  const length = whole.length
  if (sign === '?') return { least: 0, most: 1, length }
  if (sign !== undefined) return { least: 0, most: Number.POSITIVE_INFINITY, length }
  const open = comma === ',' ? Number.POSITIVE_INFINITY : Number(least)
  return { least: Number(least), most: most === '' ? open : Number(most), length }
}

/** An escape, a class, the opening of a group with its `?:` or name, or one character. */
const tokenAt = (source: string, at: number): string =>
  /^(?:\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?)/s.exec(source.slice(at))?.[0] ??
  source.charAt(at)
