import type { AnyField, Level, RecordField } from '../core/field.ts'
import { scalarKinds } from './scalar-kinds.ts'

/**
 * What is wrong with the order of a record's `warn` and `crit`; null when nothing is, or when they cannot be compared
 * (one is off, or one is a size and the other a share). A default counts too: `warn: 95%` above a `crit` of 90 % that
 * nobody wrote would never warn.
 *
 * @param place says where a key of the record stands: `line 12`, or `the default`
 */
export const thresholdProblem = (
  field: RecordField<unknown>,
  values: Readonly<Record<string, unknown>>,
  place: (key: 'warn' | 'crit') => string,
): string | null => {
  const warn = figure(values.warn)
  const crit = figure(values.crit)
  const kind = field.keys.warn?.kind
  if (warn === null || crit === null || warn.unit !== crit.unit || !isScalar(kind)) return null
  const wrong = field.lowIsBad ? warn.figure < crit.figure : warn.figure > crit.figure
  if (!wrong) return null
  const { write } = scalarKinds[kind]
  const [w, c] = [
    `warn ${write(values.warn)} (${place('warn')})`,
    `crit ${write(values.crit)} (${place('crit')})`,
  ]
  return field.lowIsBad
    ? `${w} is below ${c}: less time left is worse, so warn comes first, at the higher figure`
    : `${w} is above ${c}: it must not be`
}

interface Figure {
  unit: 'plain' | 'bytes' | 'percent'
  figure: number
}

const figure = (value: unknown): Figure | null => {
  if (typeof value === 'number') return { unit: 'plain', figure: value }
  if (typeof value !== 'object' || value === null) return null
  const level = value as Level
  if ('bytes' in level) return { unit: 'bytes', figure: level.bytes }
  return 'percent' in level ? { unit: 'percent', figure: level.percent } : null
}

const isScalar = (kind: AnyField['kind'] | undefined): kind is keyof typeof scalarKinds =>
  kind !== undefined && Object.hasOwn(scalarKinds, kind)
