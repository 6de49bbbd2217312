import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaOf } from '../../src/config/json-schema.ts'
import { configField } from '../../src/config/schema.ts'
import type { AnyField } from '../../src/core/field.ts'
import { read } from './read-config.ts'
import { anyYamlValue, rightTexts, spotsOf } from './sample-values.ts'

const top = join(import.meta.dirname, '../..')
const schema = jsonSchemaOf(configField)
const accepts = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema)

const plainSpots = spotsOf(configField).filter(
  ({ field }) => !['choice', 'list', 'map', 'record', 'variants'].includes(field.kind),
)

describe('the JSON Schema of the config', () => {
  it('stands in schema/config.json as it is (else: npm run schema)', () => {
    expect(JSON.parse(readFileSync(join(top, 'schema/config.json'), 'utf8'))).toEqual(schema)
  })

  it.each(['test/fixtures/config/contract.yaml', 'config.example.yaml'])('takes %s', (file) => {
    expect(accepts(parse(readFileSync(join(top, file), 'utf8'))), JSON.stringify(accepts.errors)).toBe(true)
  })

  it('tells editors the help, the default and the choices of a key', () => {
    const properties = (at: unknown): Record<string, Record<string, unknown>> =>
      (at as { properties: Record<string, Record<string, unknown>> }).properties
    const { anyOf } = properties(schema).notify ?? {}
    expect(properties((anyOf as unknown[])[0]).remind).toMatchObject({
      description: 'A problem that stays is told again after',
      default: '6h',
    })
    expect(JSON.stringify(schema)).toContain('"enum":["slack","discord","ntfy","json"]')
  })

  it('takes every way to write a value that the program takes', () => {
    for (const { path, field, around } of plainSpots)
      for (const value of [
        ...rightTexts(field as AnyField & { kind: 'text' }),
        ...('canBeEmpty' in field && field.canBeEmpty ? ['', ' '] : []),
      ])
        expect(accepts(around(value)), `${path}: ${JSON.stringify(value)}`).toBe(true)
  })

  it('refuses nothing that the program takes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...spotsOf(configField)), anyYamlValue, ({ around }, value) => {
        const document = around(value)
        if (read(JSON.stringify(document)).config !== null)
          expect(accepts(document), JSON.stringify([document, accepts.errors])).toBe(true)
      }),
      { numRuns: 800 },
    )
  })

  it('refuses what the program refuses, where one key tells', () => {
    for (const document of [
      { servces: {} },
      { services: { web: {} } },
      { services: { web: { container: 'a', unit: 'b' } } },
      { services: { '../x': { container: 'a' } } },
      { services: { web: { container: 'a', memory: { warn: 85 } } } },
      { services: { web: { container: 'a', restart: { grace: 30 } } } },
      { services: { web: { container: 'a', probes: [{ htpp: 'x' }] } } },
      { services: { web: { container: 'a', limit: {} } } },
      { host: { swap: { warn: 120 } } },
      { cleanup: [{ match: 'x' }] },
      { notify: { remind: '1M' } },
      { journal: { SystemMaxUsage: '1G' } },
    ]) {
      expect(accepts(document), JSON.stringify(document)).toBe(false)
      expect(read(JSON.stringify(document)).config).toBeNull()
    }
  })
})
