import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeLimit } from '../../src/parse/compose-limits.ts'
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

describe('the limit of a service', () => {
  const limit = (raw: PlainMap) => composeLimit('web', raw)

  it('of compose v2, of deploy, and none', () => {
    expect(limit({ mem_limit: '1g', mem_reservation: '512m' })).toMatchObject({
      limitBytes: 1024 ** 3,
      reservationBytes: 512 * 1024 ** 2,
      from: 'mem_limit',
      problems: [],
    })
    expect(
      limit({
        deploy: { resources: { limits: { memory: '1g' }, reservations: { memory: '1m' } } },
      }),
    ).toMatchObject({
      limitBytes: 1024 ** 3,
      reservationBytes: 1024 ** 2,
      from: 'deploy.resources.limits.memory',
    })
    expect(limit({})).toMatchObject({ limitBytes: null, reservationBytes: null, from: null, problems: [] })
    expect(limit({ mem_limit: 0 })).toMatchObject({ limitBytes: null, from: null, problems: [] })
  })

  it('says what is no size, and what contradicts itself', () => {
    expect(limit({ mem_limit: 'lots' })).toMatchObject({
      limitBytes: null,
      problems: ['services.web.mem_limit: "lots" is no size such as 512m or 2g'],
    })
    expect(
      limit({ mem_limit: '1g', deploy: { resources: { limits: { memory: '2g' } } } }).problems[0],
    ).toMatch(/differ/)
  })

  it('ends on any data', () => {
    fc.assert(fc.property(fc.object(), (raw) => composeLimit('x', raw as PlainMap).service === 'x'))
  })
})
