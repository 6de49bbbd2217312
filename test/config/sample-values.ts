// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the config has such placeholders of its own
import fc from 'fast-check'
import type { AnyField, RecordField, Scalar } from '../../src/core/field.ts'

/** Values as somebody would write them, right ones, by kind; `pattern` fields have their own below. */
const rightScalars: Record<Scalar, readonly unknown[]> = {
  size: ['500M', '64MiB', 52_428_800, '1.5G', '20 MB'],
  percent: ['85%', 50, '12.5 %'],
  level: ['500M', '85%', '2GiB'],
  duration: ['90s', '5m', '1h 30m', '1week', '2days'],
  rate: ['20M/min', '50MB/h', '1G/day'],
  count: [5, '7'],
  number: [10, 12.5, '3'],
  flag: [true, false, 'yes', 'off'],
  text: ['abc', 42, true],
  secret: ['s3cret'],
  path: ['/tmp', '/var/log/a b.log'],
  regex: ['foo.*bar', '^a|b$'],
  'text-or-regex': ['ok', '/^ok$/'],
  budget: ['5 per 24h', '1 per 1h 30m'],
}

/** Texts that the patterns of the fields were written for; each field takes the first that fits. */
const patterned = [
  'web-1',
  'nginx.service',
  'http://127.0.0.1:8080/health',
  '127.0.0.1:5432',
  'ops@example.org',
  'Sun 02:00-04:00',
  '/var/lib/x.prom',
  '500M',
  '1week',
  'none',
  'yes',
  '1000',
  'warning',
  '/dev/tty1',
]

/** A right value of a field, small. */
export const rightValue = (field: AnyField): unknown => {
  switch (field.kind) {
    case 'choice':
      return field.options[0]
    case 'list':
      return [rightValue(field.of)]
    case 'map':
      return { one: rightValue(field.of) }
    case 'record':
      return neededKeys(field)
    case 'variants':
      return rightValue(Object.values(field.variants)[0] as AnyField)
    default:
      return rightTexts(field)[0]
  }
}

/** Right values of a plain field, in every way it may be written. */
export const rightTexts = (field: AnyField & { kind: Scalar }): unknown[] => {
  const { pattern, min = 0, max = Number.POSITIVE_INFINITY } = field
  if (pattern) return patterned.filter((text) => pattern.test(text))
  if (field.kind === 'size') return min > 0 ? ['500M'] : [...rightScalars.size]
  // Within the bounds of every count and duration there is.
  if (field.kind === 'duration' && Number.isFinite(max))
    return min >= 10 ? ['30s', '1 min', '10m'] : ['90s', '1 min', '500ms']
  if (field.kind === 'count') return [Math.min(max, Math.max(min, 5))]
  return [...rightScalars[field.kind]]
}

/** What a record cannot be without. */
export const neededKeys = (field: RecordField<unknown>, instead?: string): Record<string, unknown> => {
  const { keys, exactlyOne = [], atLeastOne = [] } = field
  const chosen = (names: readonly string[]): string[] =>
    instead !== undefined && names.includes(instead) ? [instead] : names.slice(0, 1)
  const names = new Set([
    ...Object.keys(keys).filter((key) => keys[key]?.required),
    ...chosen(exactlyOne),
    ...chosen(atLeastOne),
  ])
  return Object.fromEntries([...names].map((name) => [name, rightValue(keys[name] as AnyField)]))
}

/** A field of the schema with a document around it. */
export interface Spot {
  /** As errors name it. */
  path: string
  field: AnyField
  /** A whole config that is right but for what stands at this field. */
  around(value: unknown): unknown
}

/** So that no default is on the wrong side of what is tried. */
const otherThreshold = ({ keys }: RecordField<unknown>, key: string): Record<string, unknown> => {
  const other = { warn: 'crit', crit: 'warn' }[key]
  return other !== undefined && keys[other] ? { [other]: 'off' } : {}
}

/** Every field that a config can name, each once. */
export const spotsOf = (root: AnyField): Spot[] => {
  const spots: Spot[] = []
  const visit = (field: AnyField, path: string, around: Spot['around']): void => {
    spots.push({ path, field, around })
    if (field.kind === 'record') visitKeys(field, path, around)
    if (field.kind === 'list') visit(field.of, `${path}[0]`, (value) => around([value]))
    if (field.kind === 'map')
      visit(field.of, path === '' ? 'one' : `${path}.one`, (value) => around({ one: value }))
    if (field.kind === 'variants')
      for (const variant of Object.values(field.variants)) visitKeys(variant, path, around)
  }
  const visitKeys = (record: RecordField<unknown>, path: string, around: Spot['around']): void => {
    for (const [key, child] of Object.entries(record.keys))
      visit(child, path === '' ? key : `${path}.${key}`, (value) =>
        around({ ...neededKeys(record, key), ...otherThreshold(record, key), [key]: value }),
      )
  }
  visit(root, '', (value) => value)
  return spots
}

/** Values of every shape, most of them wrong for most fields. */
export const anyYamlValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    '',
    'lots',
    '-5',
    '1M',
    '5',
    '-',
    '120%',
    '9999999999999999999',
    'off',
    'yes',
    '(',
    '${X}',
    ' ',
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.string(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 3 }),
)
