import type { Budget, Level, Scalar, ScalarField } from '../core/field.ts'
import { parseDuration, parsePercent, parseRate, parseSize } from '../core/units.ts'
import { regexProblem } from './regex.ts'
import { writeBudget, writeDuration, writeLevel, writePercent, writeRate, writeSize } from './write-value.ts'

/** One kind of plain value: how it is read, called in an error, written back, and described to an editor. */
export interface ScalarKind {
  /** The parsed value, or null where the text is none; never throws. */
  parse(text: string): unknown
  /** Completes "expected …". */
  expects: string
  /** A value of this kind as the config would have it. */
  write(value: unknown): string
  /** What the YAML value may be for a JSON Schema; `pattern` (without anchors) is for those written as text. */
  types: readonly ('string' | 'number' | 'integer' | 'boolean')[]
  pattern?: string
}

const size = '\\d+(\\.\\d+)?\\s*([KMGTPkmgtp]([Ii]?[Bb])?|[Bb])?'
const sizeWithUnit = '\\d+(\\.\\d+)?\\s*([KMGTPkmgtp]([Ii]?[Bb])?|[Bb])'
const share = '\\d+(\\.\\d+)?\\s*%'
const timeUnit = '(ms|s|sec|seconds?|m|min|minutes?|h|hr|hours?|d|days?|w|weeks?)'
const span = `(\\d+(\\.\\d+)?\\s*${timeUnit}\\s*)+`

const asIs = (text: string): string => text

export const scalarKinds: Record<Scalar, ScalarKind> = {
  size: {
    parse: parseSize,
    expects: 'a size such as 500M',
    write: (value) => writeSize(value as number),
    types: ['string', 'number'],
    pattern: size,
  },
  percent: {
    parse: (text) => parsePercent(text) ?? (/^\d{1,3}$/.test(text) ? Number(text) : null),
    expects: 'a percentage such as 85%',
    write: (value) => writePercent(value as number),
    types: ['string', 'number'],
    pattern: `${share}|\\d{1,3}`,
  },
  level: {
    parse: (text) => parseLevel(text),
    expects: 'a size such as 500M or a share such as 85%',
    write: (value) => writeLevel(value as Level),
    types: ['string'],
    pattern: `${sizeWithUnit}|${share}`,
  },
  duration: {
    parse: parseDuration,
    expects: 'a duration such as 30s, 5m or 1h',
    write: (value) => writeDuration(value as number),
    types: ['string'],
    pattern: span,
  },
  rate: {
    parse: parseRate,
    expects: 'a rate such as 20M/min',
    write: (value) => writeRate(value as number),
    types: ['string'],
    pattern: `${size}\\s*/\\s*${timeUnit}`,
  },
  count: {
    parse: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : null),
    expects: 'a whole number',
    write: String,
    types: ['integer', 'string'],
    pattern: '\\d{1,15}',
  },
  number: {
    parse: (text) => parseNumber(text),
    expects: 'a number',
    write: String,
    types: ['number', 'string'],
    pattern: '-?\\d{1,15}(\\.\\d{1,15})?',
  },
  flag: {
    parse: (text) => parseFlag(text),
    expects: 'true or false',
    write: String,
    types: ['boolean', 'string'],
    pattern: 'true|false|yes|no|on|off',
  },
  text: { parse: asIs, expects: 'text', write: String, types: ['string', 'number', 'boolean'] },
  secret: { parse: asIs, expects: 'text', write: String, types: ['string', 'number', 'boolean'] },
  path: {
    // A relative path means another file for cron than for a person.
    parse: (text) => (/^\/[^\0]*$/.test(text) && text.length <= 4096 ? text : null),
    expects: 'an absolute path such as /tmp',
    write: String,
    types: ['string'],
    pattern: '/[^\\u0000]*',
  },
  regex: {
    parse: (text) => (regexProblem(text) === null ? text : null),
    expects: 'a regular expression',
    write: String,
    types: ['string', 'number', 'boolean'],
  },
  'text-or-regex': {
    parse: (text) => (regexProblem(regexInside(text) ?? '') === null ? text : null),
    expects: 'text, or a /regular expression/',
    write: String,
    types: ['string', 'number', 'boolean'],
  },
  budget: {
    parse: (text) => parseBudget(text),
    expects: 'a budget such as 5 per 24h',
    write: (value) => writeBudget(value as Budget),
    types: ['string'],
    pattern: `\\d{1,9}\\s+per\\s+${span}`,
  },
}

/** As YAML 1.1, systemd and people write them; anything else is no flag. */
export const parseFlag = (text: string): boolean | null =>
  /^(true|yes|on)$/i.test(text) ? true : /^(false|no|off)$/i.test(text) ? false : null

export const isOff = (text: string): boolean => parseFlag(text) === false

/** What stands between the slashes of `/regular expression/`; null for plain text. */
export const regexInside = (text: string): string | null => /^\/(.+)\/$/s.exec(text)?.[1] ?? null

/** Completes "expected …" for this very field. */
export const expectedOf = (field: ScalarField<unknown>): string =>
  `${field.expects ?? scalarKinds[field.kind].expects}${field.canBeOff ? ', or off' : ''}`

const parseNumber = (text: string): number | null =>
  /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null

/** A bare number is refused: `memory: { warn: 85 }` would be 85 bytes to us and 85 % to its writer. */
const parseLevel = (text: string): Level | null => {
  const percent = parsePercent(text)
  if (percent !== null) return { percent }
  const bytes = /^[\d.]+$/.test(text.trim()) ? null : parseSize(text)
  return bytes === null ? null : { bytes }
}

const parseBudget = (text: string): Budget | null => {
  const [, count, span] = /^(\d{1,9})\s+per\s+(.+)$/.exec(text.trim()) ?? []
  const perSeconds = parseDuration(span ?? '')
  return count === undefined || perSeconds === null || perSeconds === 0
    ? null
    : { count: Number(count), perSeconds }
}
