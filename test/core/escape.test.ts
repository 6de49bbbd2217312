import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, escapeControl } from '../../src/core/escape.ts'

describe('escapeControl', () => {
  it.each([
    ['foo) Z ', 'foo) Z '],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
    ['\u0000\u007f\u009b', '\\x00\\x7f\\x9b'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['\u061c\u200e\u200f\u2028\ufeff', '\\u061c\\u200e\\u200f\\u2028\\ufeff'],
    ['漢字 é 👩‍👧', '漢字 é 👩‍👧'],
  ])('%j becomes %j', (text, safe) => {
    expect(escapeControl(text)).toBe(safe)
  })

  it('leaves nothing that a terminal obeys, and is done after once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escapeControl(text)
        expect(safe).toMatch(
          /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/,
        )
        expect(escapeControl(safe)).toBe(safe)
      }),
    )
  })
})

describe('clip', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['a\u001bb', 6, 'a\\x1bb'],
    ['a\u001bb', 5, 'a\\x1…'],
    ['ab👍cd', 4, 'ab…'],
    ['x', 0, '…'],
  ])('%j to %i is %j', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped)
  })

  it('is what cutting the whole escaped text gives', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 50 }),
        fc.integer({ min: 1, max: 40 }),
        (text, width) => {
          const whole = escapeControl(text)
          expect(clip(text, width).length).toBeLessThanOrEqual(width)
          if (whole.length <= width) expect(clip(text, width)).toBe(whole)
          else expect(whole.startsWith(clip(text, width).slice(0, -1))).toBe(true)
        },
      ),
    )
  })
})
