import type { AnyField, ListField, RecordField } from '../core/field.ts'
import { scalarKinds } from './scalar-kinds.ts'
import { hiddenSecret, hideCredentials } from './secrets.ts'

/** A value as a config would have it, e.g. `"500M"` for 524288000; undefined where the key would be left out. */
export type Written = string | number | boolean | Written[] | { [key: string]: Written } | undefined

/**
 * The parsed form of a field back in the words of the config: what it gives is read again as the same value. Secrets
 * are hidden; what is null because nobody gave it is left out.
 */
export const written = (field: AnyField, value: unknown): Written => {
  if (value === null || value === undefined)
    return 'canBeOff' in field && field.canBeOff && field.default !== null ? 'off' : undefined
  switch (field.kind) {
    case 'list':
      return writtenList(field, value as unknown[])
    case 'map':
      return mapEntries(value as Record<string, unknown>, (_, one) => written(field.of, one))
    case 'record':
      return writtenRecord(field, value as Record<string, unknown>)
    case 'variants': {
      const { type, ...rest } = value as { type: string }
      const variant = field.variants[type]
      return variant && writtenRecord(variant, rest)
    }
    case 'choice':
      return value as string
    case 'count':
    case 'number':
    case 'flag':
      return value as number | boolean
    case 'secret':
      return hiddenSecret
    default: {
      const text = hideCredentials(scalarKinds[field.kind].write(value))
      // As a function, since `$$` in a replacement text is one `$`.
      return field.verbatim ? text : text.replaceAll('${', () => '$${')
    }
  }
}

/** Left out where nothing is what stands anyway. */
const writtenList = (field: ListField<unknown[]>, items: unknown[]): Written =>
  items.length === 0 && field.default.length === 0 ? undefined : items.map((item) => written(field.of, item))

const writtenRecord = (field: RecordField<unknown>, values: Record<string, unknown>): Written =>
  mapEntries(field.keys, (key, child) => written(child, values[key]))

const mapEntries = <A>(of: Record<string, A>, change: (key: string, value: A) => Written): Written =>
  Object.fromEntries(
    Object.entries(of).flatMap(([key, value]) => {
      const changed = change(key, value)
      return changed === undefined ? [] : [[key, changed]]
    }),
  )
