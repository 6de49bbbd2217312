import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGlob } from '../../src/parse/glob.ts'

const matches = (glob: string, name: string): boolean => {
  const match = parseGlob(glob)
  if (typeof match === 'string') throw new Error(match)
  return match(name)
}

describe('globs of names', () => {
  it.each([
    ['*', '', true],
    ['*', '.hidden', true],
    ['merged_*.ts', 'merged_1.ts', true],
    ['merged_*.ts', 'merged_1.tsx', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '😀', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a]x', 'bx', true],
    ['[]]x', ']x', true],
    ['[a-]', '-', true],
    ['[', '[', true],
    ['a{b,c}d', 'acd', true],
    ['a{b,c{d,e}}', 'ace', true],
    ['a{b}', 'a{b}', true],
    ['{a,b', '{a,b', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'a1c2b', false],
    ['**', 'x', true],
    ['x\ny*', 'x\nyz', true],
    // No regular expression.
    ['a.c', 'abc', false],
    ['(a|b)', '(a|b)', true],
  ])('%j on %j: %j', (glob, name, expected) => {
    expect(matches(glob, name)).toBe(expected)
  })

  it('says what is none', () => {
    expect(parseGlob('')).toBe('is empty')
    expect(parseGlob('a/b')).toMatch(/slash/)
    expect(parseGlob('{a,b}'.repeat(10))).toMatch(/more than 256/)
  })

  it('a name with every special character backslashed matches itself alone, and star matches all', () => {
    const name = fc.string({ minLength: 1 }).map((text) => text.replaceAll('/', ''))
    fc.assert(
      fc.property(name, name, (text, other) => {
        fc.pre(text !== '')
        const glob = [...text].map((char) => `\\${char}`).join('')
        expect(matches(glob, text)).toBe(true)
        expect(matches(glob, other)).toBe(other === text)
        expect(matches('*', text)).toBe(true)
      }),
    )
  })

  it('any glob is read or refused, and is quick on a hostile name', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (glob, name) => {
        const match = parseGlob(glob)
        if (typeof match !== 'string') match(name)
      }),
    )
    // By backtracking this takes longer than the universe is old.
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(255))).toBe(false)
  })
})
