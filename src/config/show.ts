import type { AnyField } from '../core/field.ts'
import type { Config } from './config.ts'
import { configField, toSections } from './schema.ts'
import { type Written, written } from './written.ts'

/** The effective config as one would write it, with every default; secrets are hidden. For `--json`. */
export const writtenConfig = (config: Config): Written => written(configField, toSections(config))

/** The same as YAML, a line for each value; what is as without a config is marked. */
export const showConfig = (config: Config): string => {
  const sections = toSections(config) as Record<string, unknown>
  return Object.entries(configField.keys)
    .flatMap(([name, field]) => keyLines(name, field, sections[name], ''))
    .map((line) => `${line}\n`)
    .join('')
}

const keyLines = (key: string, field: AnyField, value: unknown, indent: string): string[] => {
  const plain = written(field, value)
  if (plain === undefined && field.kind === 'record' && field.standsUnnamed !== undefined)
    return [unnamedLine(key, field.keys, field.standsUnnamed, indent)]
  if (plain === undefined || isBare(field, plain)) return []
  const head = `${indent}${quotedIfNeeded(key)}:`
  const mark = same(plain, written(field, field.default)) ? '  # default' : ''
  const below = childLines(field, value, `${indent}  `)
  if (below === null || below.length === 0) return [`${head} ${flow(plain)}${mark}`]
  // The values below a record each have their own.
  return [field.kind === 'record' ? head : `${head}${mark}`, ...below]
}

/** As a comment, since to name it is another thing. */
const unnamedLine = (key: string, keys: Record<string, AnyField>, what: string, indent: string): string => {
  const usual = Object.entries(keys).map(([name, { default: value }]) => {
    const plain = written(keys[name] as AnyField, value)
    return plain === undefined ? '' : `${name}: ${flow(plain)}`
  })
  return `${indent}# ${key}: { ${usual.join(', ')} }  # default; not named: ${what}`
}

/** A record of thresholds, none of which is set, says as much when it is left out. */
const isBare = (field: AnyField, plain: Written): boolean =>
  field.kind === 'record' && field.default !== null && same(plain, {})

/** Null for what fits behind its key. */
const childLines = (field: AnyField, value: unknown, indent: string): string[] | null => {
  switch (field.kind) {
    case 'record':
      return recordLines(field.keys, value as Record<string, unknown>, indent)
    case 'variants': {
      const { type } = value as { type: string }
      return recordLines(
        field.variants[type]?.keys ?? {},
        value as unknown as Record<string, unknown>,
        indent,
      )
    }
    case 'map':
      return Object.entries(value as Record<string, unknown>).flatMap(([key, one]) =>
        keyLines(key, field.of, one, indent),
      )
    case 'list':
      return field.of.kind === 'record' || field.of.kind === 'variants'
        ? (value as unknown[]).flatMap((item) => itemLines(field.of, item, indent))
        : null
    default:
      return null
  }
}

const recordLines = (
  keys: Record<string, AnyField>,
  values: Record<string, unknown>,
  indent: string,
): string[] => Object.entries(keys).flatMap(([key, child]) => keyLines(key, child, values[key], indent))

const itemLines = (field: AnyField, item: unknown, indent: string): string[] => {
  const [first = '', ...rest] = childLines(field, item, `${indent}  `) ?? []
  return [`${indent}- ${first.trimStart()}`, ...rest]
}

const flow = (value: Written): string => {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'object') return '{}'
  return typeof value === 'string' ? quotedIfNeeded(value) : String(value)
}

/** Double quotes as in JSON, which YAML 1.2 reads the same; what a terminal would obey is escaped, too. */
const quotedIfNeeded = (text: string): string =>
  /^(?!null$|Null$|NULL$)[A-Za-z0-9/][\w./%+@-]*( [\w./%+@-]+)*$/.test(text)
    ? text
    : JSON.stringify(text).replaceAll(
        /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
        escapeForYaml,
      )

const escapeForYaml = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`

const same = (a: Written, b: Written): boolean => JSON.stringify(a) === JSON.stringify(b)
