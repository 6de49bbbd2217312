import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeWordScan } from '../../src/parse/word-scan.ts'

const firstOf = (text: string, words: readonly string[], from: number): number =>
  Math.min(...words.map((word) => text.indexOf(word, from)).map((at) => (at === -1 ? Infinity : at)))

describe('makeWordScan', () => {
  it('finds what a search for each word finds, wherever it begins', () => {
    // Few letters, so that words share ends and beginnings with what is around them.
    const letters = fc.constantFrom('a', 'b', 'c')
    const word = fc.string({ unit: letters, minLength: 4, maxLength: 9 })
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        fc.string({ unit: letters, maxLength: 200 }),
        fc.nat(20),
        (words, text, from) => {
          const expected = firstOf(text, words, from)
          const found = makeWordScan(words)(Buffer.from(text), from)
          // Of several that overlap one is found: it is the same line.
          if (expected === Infinity) expect(found).toBe(-1)
          else expect(words.some((one) => text.startsWith(one, found))).toBe(true)
          if (found !== -1) expect(found).toBeGreaterThanOrEqual(from)
        },
      ),
    )
  })

  it('all of them, one after the other, in bytes of any kind', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 }), (gaps) => {
        const scan = makeWordScan(['Killed process ', 'segfault at '])
        const bytes = Buffer.concat(gaps.flatMap((gap) => [gap, Buffer.from('\nsegfault at ')]))
        const found: number[] = []
        for (let at = scan(bytes, 0); at !== -1; at = scan(bytes, at + 1)) found.push(at)
        expect(found).toHaveLength(gaps.length)
      }),
    )
  })
})
