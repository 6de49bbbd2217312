import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  mergeCompose,
  overrideMark,
  type Plain,
  type PlainMap,
  resetMark,
  withoutMarks,
} from '../../src/parse/compose-merge.ts'

describe('compose files, one over another', () => {
  it.each<[string, PlainMap, PlainMap, PlainMap]>([
    ['maps are merged', { a: { x: 1, y: 1 } }, { a: { y: 2, z: 2 } }, { a: { x: 1, y: 2, z: 2 } }],
    ['lists are joined', { ports: ['1'] }, { ports: ['2'] }, { ports: ['1', '2'] }],
    ['but a command is replaced', { command: ['a'] }, { command: ['b'] }, { command: ['b'] }],
    ['an empty key says nothing', { web: { mem_limit: '1g' } }, { web: null }, { web: { mem_limit: '1g' } }],
    ['!reset takes away', { mem_limit: '1g', a: 1 }, { mem_limit: resetMark }, { a: 1 }],
    [
      '!override does not merge',
      { deploy: { a: 1 } },
      { deploy: { [overrideMark]: { b: 2 } } },
      { deploy: { b: 2 } },
    ],
    ['another kind wins', { a: { x: 1 } }, { a: 'text' }, { a: 'text' }],
  ])('%s', (_, a, b, merged) => {
    expect(mergeCompose(a, b)).toEqual(merged)
  })

  it('marks without anything before leave nothing', () => {
    expect(withoutMarks({ a: resetMark, b: { [overrideMark]: { c: resetMark, d: 1 } } })).toEqual({
      b: { d: 1 },
    })
  })

  it('over itself changes no map of plain values; neither file is touched', () => {
    const tree = fc.letrec<{ map: PlainMap; leaf: Plain }>((tie) => ({
      leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean()) as fc.Arbitrary<Plain>,
      map: fc.dictionary(
        fc.stringMatching(/^[a-d]$/),
        fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('map')),
      ) as fc.Arbitrary<PlainMap>,
    })).map
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const before = JSON.stringify([a, b])
        expect(mergeCompose(a, a)).toEqual(a)
        mergeCompose(a, b)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
    )
  })
})
