import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configField } from '../../src/config/schema.ts'
import type { AnyField } from '../../src/core/field.ts'
import { errorsIn, read } from './read-config.ts'
import { anyYamlValue, rightTexts, rightValue, spotsOf } from './sample-values.ts'

// JSON is YAML, so every document here is written as JSON.
const spots = spotsOf(configField).filter(({ path }) => path !== '')
const isPlain = (field: AnyField): boolean =>
  !['choice', 'list', 'map', 'record', 'variants'].includes(field.kind)

/** What no field of that kind may hold. */
const wrongFor = (field: AnyField): unknown[] => {
  switch (field.kind) {
    case 'list':
      return [field.orOne ? null : 'text', { a: 1 }]
    case 'record':
      return [['x'], { nonsense: 1 }, ...(field.shorthand === undefined ? ['text'] : [null])]
    case 'map':
    case 'variants':
      return [['x'], 'text', { nonsense: 1 }]
    case 'choice':
      return ['nonsense', 7, [1], { a: 1 }]
    case 'text':
    case 'secret':
    case 'text-or-regex':
      return [[1], { a: 1 }]
    default:
      return [[1], { a: 1 }, '(nonsense']
  }
}

describe('every field of the config', () => {
  it('is seen by this test', () => {
    expect(spots.length).toBeGreaterThan(150)
    for (const path of [
      'services.one.probes[0].expect.status',
      'host.disks.paths[0]',
      'services.one.restart.backoff.step',
    ])
      expect(spots.map((spot) => spot.path)).toContain(path)
  })

  // What comes after another service needs that one, too: see broken-configs.test.ts.
  const independent = spots.filter(({ path }) => !path.startsWith('services.one.after'))

  it.each(independent.map((spot) => [spot.path, spot] as const))(
    '%s takes what is right',
    (_, { field, around }) => {
      const values = isPlain(field) ? rightTexts(field as never) : [rightValue(field)]
      expect(values.length).toBeGreaterThan(0)
      for (const value of values) expect(errorsIn(JSON.stringify(around(value)))).toEqual([])
    },
  )

  it.each(spots.map((spot) => [spot.path, spot] as const))(
    '%s says what is wrong, at its path',
    (path, spot) => {
      for (const value of wrongFor(spot.field)) {
        const { problems, config } = read(JSON.stringify(spot.around(value)))
        expect(config).toBeNull()
        expect(problems.length).toBeGreaterThan(0)
        for (const problem of problems) expect(problem.path.startsWith(path)).toBe(true)
      }
    },
  )

  it('never throws, and tells every error a place and a path, whatever stands there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...spots), anyYamlValue, ({ path, around }, value) => {
        const { config, problems } = read(JSON.stringify(around(value)))
        expect(config === null).toBe(problems.length > 0)
        for (const problem of problems) {
          expect(problem.path === path || problem.path.startsWith(path.replace(/\[\d+\]$/, ''))).toBe(true)
          expect(problem.message).not.toMatch(/undefined|NaN|\[object|\n/)
        }
      }),
      { numRuns: 600 },
    )
  })
})
