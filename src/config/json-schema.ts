import type { AnyField, ListField, RecordField, ScalarField } from '../core/field.ts'
import { scalarKinds } from './scalar-kinds.ts'
import { written } from './written.ts'

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [key: string]: unknown }

/**
 * The field as JSON Schema, draft 2020-12, for editors: names, descriptions, choices and patterns. It takes whatever
 * the program takes; what refers to another key (`warn` above `crit`, `after` of an unknown service) only the program
 * finds.
 */
export const jsonSchemaOf = (field: AnyField): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'config.json',
  title: 'Config of oratio-health',
  ...schemaOf(field),
})

const schemaOf = (field: AnyField): JsonSchema => {
  const description = field.help
  switch (field.kind) {
    case 'choice':
      return { description, enum: [...field.options], ...defaultOf(field) }
    case 'list':
      return { description, ...listSchema(field), ...defaultOf(field) }
    case 'map': {
      const names = field.names ? { propertyNames: { pattern: field.names.source } } : {}
      return { description, type: 'object', ...names, additionalProperties: schemaOf(field.of) }
    }
    case 'record':
      return { description, ...recordSchema(field) }
    case 'variants':
      return { description, anyOf: Object.values(field.variants).map(schemaOf) }
    default:
      return { description, ...scalarSchema(field), ...defaultOf(field) }
  }
}

const listSchema = (field: ListField<unknown>): JsonSchema => {
  const items = schemaOf(field.of)
  const list = { type: 'array', items, ...(field.notEmpty ? { minItems: 1 } : {}) }
  return field.orOne ? { anyOf: [items, list] } : list
}

const recordSchema = (field: RecordField<unknown>): JsonSchema => {
  const { keys, exactlyOne, atLeastOne, shorthand, sections, canBeOff } = field
  const properties = Object.entries(keys).map(([key, child]) => {
    const schema = schemaOf(child)
    return [key, sections ? { anyOf: [schema, { type: 'null' }] } : schema]
  })
  const required = Object.keys(keys).filter((key) => keys[key]?.required)
  const record = {
    // An empty file is an empty config.
    type: sections ? ['object', 'null'] : 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
    ...(exactlyOne ? { oneOf: exactlyOne.map(requires) } : {}),
    ...(atLeastOne ? { anyOf: atLeastOne.map(requires) } : {}),
    additionalProperties: false,
  }
  const short = shorthand === undefined ? undefined : keys[shorthand]
  const others = [...(short ? [schemaOf(short)] : []), ...(canBeOff ? [flagSchema] : [])]
  return others.length > 0 ? { anyOf: [...others, record] } : record
}

const requires = (key: string): JsonSchema => ({ required: [key] })

const flagSchema = { type: ['boolean', 'string'], pattern: `^(?:${scalarKinds.flag.pattern})$` }

// Whatever a variable stands for is known only when the program runs.
const variable = '\\$\\{'

const numericKinds: readonly AnyField['kind'][] = ['size', 'percent', 'count', 'number']

const scalarSchema = (field: ScalarField<unknown>): JsonSchema => {
  const { types, pattern } = scalarKinds[field.kind]
  const own = field.pattern?.source ?? (pattern === undefined ? undefined : `^(?:${pattern})$`)
  const alternatives =
    own === undefined
      ? []
      : [
          own,
          // Blanks alone are nothing.
          ...(field.canBeEmpty ? ['^\\s*$'] : []),
          ...(field.canBeOff ? ['^(?:off|false|no)$'] : []),
          variable,
        ]
  const allowed = [...types, ...(field.canBeOff && !types.includes('boolean') ? ['boolean'] : [])]
  const isNumeric = numericKinds.includes(field.kind)
  return {
    type: allowed.length === 1 ? allowed[0] : allowed,
    ...(alternatives.length > 0 ? { pattern: alternatives.join('|') } : {}),
    ...(isNumeric ? { minimum: field.min ?? 0 } : {}),
    ...(isNumeric && field.max !== undefined ? { maximum: field.max } : {}),
  }
}

const defaultOf = (field: AnyField): JsonSchema => {
  const value = field.required ? undefined : written(field, field.default)
  return value === undefined || value === '' ? {} : { default: value }
}
