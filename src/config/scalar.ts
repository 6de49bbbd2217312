import { clip } from '../core/escape.ts'
import type { ScalarField } from '../core/field.ts'
import { expandVariables } from './expand.ts'
import { regexProblem } from './regex.ts'
import { expectedOf, isOff, regexInside, scalarKinds } from './scalar-kinds.ts'
import { hideCredentials } from './secrets.ts'

/** What a plain value comes to: its parsed form, or the sentence on what is wrong with it. */
export type ScalarResult = { value: unknown; literal: boolean } | { problem: string }

/**
 * Reads the text of one value as its field wants it. `literal`: all of it stands in the file, nothing came from the
 * environment. Problems quote the text as written, so what `${VAR}` brought in is never shown, and of secrets nothing.
 */
export const readScalar = (
  field: ScalarField<unknown>,
  written: string,
  env: Readonly<Record<string, string | undefined>>,
): ScalarResult => {
  const expanded = field.verbatim ? { text: written, usesVariables: false } : expandVariables(written, env)
  if ('problem' in expanded) return expanded
  const { text, usesVariables } = expanded
  if (field.canBeOff && isOff(text)) return { value: null, literal: true }
  const found = quoted(field, written)
  const problem = textProblem(field, text, found)
  if (problem !== null) return { problem }
  const value = scalarKinds[field.kind].parse(text)
  if (value === null)
    return { problem: `expected ${expectedOf(field)}, found ${found}${mendOf(field, text)}` }
  const range = typeof value === 'number' ? rangeProblem(field, value) : null
  return range === null ? { value, literal: !usesVariables } : { problem: `${range}, found ${found}` }
}

/** The value as an error shows it: `"lots"`, short, without what is secret. */
const quoted = (field: ScalarField<unknown>, written: string): string => {
  if (field.kind === 'secret') return 'text that is not shown here'
  const shown = clip(hideCredentials(written), 60)
  return /^-?[\d.]+$/.test(shown) ? shown : `"${shown}"`
}

const textProblem = (field: ScalarField<unknown>, text: string, found: string): string | null => {
  if (text.includes('\0')) return 'holds a NUL character, which no program takes'
  if (text.trim() === '')
    return field.canBeEmpty ? null : `expected ${expectedOf(field)}, found an empty text`
  const source = field.kind === 'regex' ? text : field.kind === 'text-or-regex' ? regexInside(text) : null
  const flaw = source === null ? null : regexProblem(source)
  if (flaw !== null) return `${found} ${flaw}`
  if (source !== null && field.selective && new RegExp(source).test(''))
    return `${found} fits every text; name what it should select`
  return field.pattern && !field.pattern.test(text) ? `expected ${expectedOf(field)}, found ${found}` : null
}

const rangeProblem = (field: ScalarField<unknown>, value: number): string | null => {
  const { write } = scalarKinds[field.kind]
  const min = field.min ?? 0
  if (value < min) return `expected at least ${write(min)}`
  return field.max !== undefined && value > field.max ? `expected at most ${write(field.max)}` : null
}

/** A mend for the slips that are seen most. */
const mendOf = ({ kind }: ScalarField<unknown>, text: string): string => {
  if (/^-\s*\d/.test(text)) return '; it cannot be negative'
  const bare = /^\d+(\.\d+)?$/.test(text)
  if (kind === 'duration' && bare) return `; name the unit: ${text}s, ${text}m or ${text}h`
  if (kind === 'duration' && /^\d+M$/.test(text))
    return '; M could be minutes, months or megabytes: write 1m or 30d'
  if (kind === 'level' && bare) return `; name the unit: ${text}% or ${text}M`
  if (kind === 'rate' && !text.includes('/')) return '; name the time: per /min, /h or /day'
  return ''
}
