import type { AnyField, Level, RecordField } from '../core/field.ts'
import { scalarKinds } from './scalar-kinds.ts'

/**
 * What is wrong with the order of a record's `warn` and `crit`; null when nothing is, or when they cannot be compared
 * (one is off, or one is a size and the other a share). A default counts too: `warn: 95%` above a `crit` of 90 % that
 * nobody wrote would never warn.
 *
 * @param place says where a key of the record stands: `line 12`; null for a default
 */
export const thresholdProblem = (
  field: RecordField<unknown>,
  values: Readonly<Record<string, unknown>>,
  place: (key: 'warn' | 'crit') => string | null,
): string | null => {
  const warn = figure(values.warn)
  const crit = figure(values.crit)
  const kind = field.keys.warn?.kind
  if (warn === null || crit === null || warn.unit !== crit.unit || !isScalar(kind)) return null
  const wrong = field.lowIsBad ? warn.figure < crit.figure : warn.figure > crit.figure
  if (!wrong) return null
  const { write } = scalarKinds[kind]
  const shown = (key: 'warn' | 'crit'): string =>
    `${key} ${write(values[key])} (${place(key) ?? 'the default'})`
  const unset = place('warn') === null ? 'warn' : place('crit') === null ? 'crit' : null
  const mend = unset === null ? '' : `; set ${unset}, too`
  return field.lowIsBad
    ? `${shown('warn')} is below ${shown('crit')}: with less time left it gets worse, so warn is the higher one${mend}`
    : `${shown('warn')} is above ${shown('crit')}: it must not be${mend}`
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
