/**
 * The vocabulary the config schema is written in. A check states its limits with these; config/validate.ts reads
 * them to parse YAML, config/json-schema.ts to print the schema, `defaultsOf` to run without any config.
 * The parsed form holds plain numbers: bytes, seconds, bytes per minute, percent.
 */

/** A threshold of memory or space: absolute, or a share of the limit. */
export type Level = { bytes: number } | { percent: number }

/** `5 per 24h`. */
export interface Budget {
  count: number
  perSeconds: number
}

export type Scalar =
  | 'size'
  | 'percent'
  | 'level'
  | 'duration'
  | 'rate'
  | 'count'
  | 'number'
  | 'flag'
  | 'text'
  | 'secret'
  | 'path'
  | 'regex'
  | 'text-or-regex'
  | 'budget'

interface Common<T> {
  /** One line for the reader of the schema. */
  help: string
  /** What stands when the key is not given. */
  default: T
  required: boolean
}

export interface ScalarField<T> extends Common<T> {
  kind: Scalar
  /** Thresholds can be switched off: `warn: off`. */
  canBeOff?: boolean
  /** Inclusive bounds of the parsed number; without `min` nothing may be negative. */
  min?: number
  max?: number
  /** What text must look like, and how to say that: `expects: 'HOST:PORT such as 127.0.0.1:5432'`. */
  pattern?: RegExp
  expects?: string
  /** `''` is a value, as in journald.conf, where an empty assignment resets. */
  canBeEmpty?: boolean
  /** `${VAR}` stays as it is: shell text, which bash expands itself when it runs. */
  verbatim?: boolean
  /** A regular expression that also fits the empty text fits everything; where it selects processes that is refused. */
  selective?: boolean
}

export interface ChoiceField<T> extends Common<T> {
  kind: 'choice'
  options: readonly string[]
}

export interface ListField<T> extends Common<T> {
  kind: 'list'
  of: AnyField
  /** A single value may stand for a list of one. */
  orOne?: boolean
  /** It must hold something when it is given. */
  notEmpty?: boolean
}

export interface MapField<T> extends Common<T> {
  kind: 'map'
  of: AnyField
  /** What the names in the map may look like, and how to say that; default: any. */
  names?: RegExp
  expects?: string
}

export interface RecordField<T> extends Common<T> {
  kind: 'record'
  keys: Record<string, AnyField>
  /** Exactly one of these keys must be there. */
  exactlyOne?: readonly string[]
  /** A bare text stands for a record with this one key, e.g. `process: name` for `process: { match: name }`. */
  shorthand?: string
  /** At least one of these keys must be there. */
  atLeastOne?: readonly string[]
  /** `false` or `off` stand for null, or for `off` below; `true` for all defaults: `restart: false`. */
  canBeOff?: boolean
  /** What `off` stands for where null, not named, is another thing. */
  off?: T
  /** It is null when it is not named, and the defaults of its keys stand all the same; says what is other then. */
  standsUnnamed?: string
  /** Low figures are the bad ones (time left to a limit), so `crit` must not be above `warn`. */
  lowIsBad?: boolean
  /** Its keys are sections: one whose lines are all commented out is the same as one that is not there. */
  sections?: boolean
}

/** A record whose shape is chosen by which of the variant keys it has, e.g. a probe: `http: …`, `tcp: …`. */
export interface VariantsField<T> extends Common<T> {
  kind: 'variants'
  variants: Record<string, RecordField<unknown>>
}

export type Field<T> =
  | ScalarField<T>
  | ChoiceField<T>
  | ListField<T>
  | MapField<T>
  | RecordField<T>
  | VariantsField<T>

// biome-ignore lint/suspicious/noExplicitAny: a field of any value; `unknown` would make the union invariant.
export type AnyField = Field<any>

/** The parsed form of a field. */
export type Parsed<F> = F extends Common<infer T> ? T : never

const scalar =
  <T>(kind: Scalar, usual: Partial<ScalarField<T>> = {}) =>
  <D extends T | null>(
    help: string,
    fallback: D,
    more: Partial<ScalarField<T | D>> = {},
  ): ScalarField<T | D> => ({
    kind,
    help,
    default: fallback,
    required: false,
    ...(usual as Partial<ScalarField<T | D>>),
    ...more,
  })

export const size = scalar<number>('size')
/** 0–100 unless `max` says otherwise; with several CPUs a share of one CPU can be above 100. */
export const percent = scalar<number>('percent', { max: 100 })
export const level = scalar<Level>('level')
export const duration = scalar<number>('duration')
export const rate = scalar<number>('rate')
export const count = scalar<number>('count')
export const numeric = scalar<number>('number')
export const flag = scalar<boolean>('flag')
export const text = scalar<string>('text')
/** Text that may hold `${VAR}` and is never printed. */
export const secret = scalar<string>('secret')
export const path = scalar<string>('path')
/** A regular expression, kept as its source; invalid ones are refused when the config is read. */
export const regex = scalar<string>('regex')
/** Text that must be contained, or `/regular expression/`; kept as written. */
export const textOrRegex = scalar<string>('text-or-regex')
export const budget = scalar<Budget>('budget')

/** A threshold that `off` switches off. */
export const threshold = <T>(field: ScalarField<T>): ScalarField<T | null> => ({ ...field, canBeOff: true })

export const choice = <const O extends readonly string[], D extends O[number] | null>(
  help: string,
  options: O,
  fallback: D,
): ChoiceField<O[number] | D> => ({ kind: 'choice', help, options, default: fallback, required: false })

export const list = <F extends AnyField>(
  help: string,
  of: F,
  more: Partial<ListField<Parsed<F>[]>> = {},
): ListField<Parsed<F>[]> => ({
  kind: 'list',
  help,
  of,
  default: [],
  required: false,
  ...more,
})

export const map = <F extends AnyField>(
  help: string,
  of: F,
  more: Partial<MapField<Record<string, Parsed<F>>>> = {},
): MapField<Record<string, Parsed<F>>> => ({ kind: 'map', help, of, default: {}, required: false, ...more })

type ParsedKeys<K extends Record<string, AnyField>> = { [N in keyof K]: Parsed<K[N]> }

/** A record that is there with its keys' defaults even when the config does not name it. */
export const record = <K extends Record<string, AnyField>>(
  help: string,
  keys: K,
  more: Partial<RecordField<ParsedKeys<K>>> = {},
): RecordField<ParsedKeys<K>> => ({
  kind: 'record',
  help,
  keys,
  default: defaultsOfKeys(keys) as ParsedKeys<K>,
  required: false,
  ...more,
})

/** A record that is null when the config does not name it. */
export const optionalRecord = <K extends Record<string, AnyField>>(
  help: string,
  keys: K,
  more: Partial<RecordField<ParsedKeys<K> | null>> = {},
): RecordField<ParsedKeys<K> | null> => ({
  kind: 'record',
  help,
  keys,
  default: null,
  required: false,
  ...more,
})

export const variants = <V extends Record<string, RecordField<unknown>>>(
  help: string,
  of: V,
): VariantsField<{ [N in keyof V]: { type: N } & Parsed<V[N]> }[keyof V]> => ({
  kind: 'variants',
  help,
  variants: of,
  default: null as never,
  required: false,
})

export const required = <T>(field: Field<T>): Field<NonNullable<T>> =>
  ({ ...field, required: true }) as Field<NonNullable<T>>

const defaultsOfKeys = (keys: Record<string, AnyField>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(keys).map(([name, field]) => [name, field.default]))
