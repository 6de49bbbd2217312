import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOf, positiveOf, textOf, textsOf, wholeNumberOf } from '../../src/parse/json-fields.ts'

describe('fields of JSON that nobody vouches for', () => {
  it.each([
    [null, null, null, null],
    [undefined, null, null, null],
    ['', null, null, null],
    ['text', 'text', null, null],
    [0, null, 0, null],
    [7, null, 7, 7],
    [-7, null, -7, null],
    [1.5, null, null, null],
    [2 ** 60, null, null, null],
    [Number.NaN, null, null, null],
    [{}, null, null, null],
    [[1], null, null, null],
  ])('%o', (json, text, whole, positive) => {
    expect([textOf(json), wholeNumberOf(json), positiveOf(json)]).toEqual([text, whole, positive])
  })

  it('only objects have fields', () => {
    expect(fieldsOf({ a: 1 })).toEqual({ a: 1 })
    for (const json of [null, 'a', 1, [1], undefined]) expect(fieldsOf(json)).toEqual({})
  })

  it('keeps only the texts', () => {
    expect(textsOf({ a: 'x', b: 1, c: null, d: '' })).toEqual({ a: 'x', d: '' })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (json) => {
        fieldsOf(json)
        textOf(json)
        positiveOf(json)
        textsOf(json)
      }),
    )
  })
})
