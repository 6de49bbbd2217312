import { expect, it } from 'vitest'
import { withinMs } from '../../src/host/within.ts'

it('gives what the work gives, undefined and null too', () => {
  expect(withinMs(100_000, () => 7)).toEqual({ result: 7 })
  expect(withinMs(100_000, () => undefined)).toEqual({ result: undefined })
  expect(withinMs(100_000, () => null)).toEqual({ result: null })
})

it('gives up a loop and an expression that do not end, and works again afterwards', () => {
  expect(
    withinMs(50, () => {
      for (;;);
    }),
  ).toBeNull()
  expect(withinMs(50, () => /^(a+)+$/.test(`${'a'.repeat(60)}b`))).toBeNull()
  expect(withinMs(100_000, () => 1)).toEqual({ result: 1 })
})

it('lets a fault of the work through', () => {
  expect(() =>
    withinMs(100_000, () => {
      throw new Error('own fault')
    }),
  ).toThrow('own fault')
})
