import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { simpleCommands } from '../../src/parse/shell-words.ts'

describe('simpleCommands', () => {
  it.each<[string, string[][]]>([
    ['a b  c', [['a', 'b', 'c']]],
    ['a && b || c; d & e | f', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    [`'a b' "c d" e\\ f "g\\"h" i'j'"k"`, [['a b', 'c d', 'e f', 'g"h', 'ijk']]],
    ['a >/dev/null 2>&1', [['a']]],
    ['a > x b 2>> y < z &> w c', [['a', 'b'], ['c']]],
    ['sleep 30 >x', [['sleep', '30']]],
    ['a 2>&1 | b', [['a'], ['b']]],
    ['a # b', [['a']]],
    ['a#b', [['a#b']]],
    ['sleep "$(shuf -i 0-5 -n 1)"; b', [['sleep', '$(shuf -i 0-5 -n 1)'], ['b']]],
    ['sleep $(shuf 5); b', [['sleep', '$'], ['shuf', '5'], ['b']]],
    ['{ a; }', [['a']]],
    ['echo $' + '{HOME}/x', [['echo', '$' + '{HOME}/x']]],
    ["a ''", [['a', '']]],
    ['a "open', [['a', 'open']]],
    ["a 'open", [['a', 'open']]],
    ['a \\', [['a', '']]],
    ['>', []],
    ['', []],
    [';;;', []],
  ])('%j', (text, expected) => {
    expect(simpleCommands(text)).toEqual(expected)
  })

  it('never throws, ends, and holds no more text than it was given', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'a',
        '"',
        "'",
        '\\',
        ';',
        '|',
        '&',
        '>',
        '<',
        '(',
        ')',
        '$',
        '#',
        ' ',
        '\t',
        '\n',
        '2',
        '{',
        '}',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const commands = simpleCommands(text)
        expect(commands.every((words) => words.length > 0)).toBe(true)
        expect(commands.flat().join('').length).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})
