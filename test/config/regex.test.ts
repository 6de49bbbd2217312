import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { regexProblem } from '../../src/config/regex.ts'

describe('regular expressions of the config', () => {
  it.each([
    'capture_monitor\\.py',
    '^python3? .*daemon$',
    '(foo|bar)+',
    '(?:WORKER|Worker) TIMEOUT',
    '[\\w.]+@[a-z]+',
    'a{2,5}b*',
    '(\\d{1,3}\\.){3}\\d{1,3}',
    '(\\d+\\.){3}\\d+',
    '(?<year>\\d{4})-\\d\\d',
    '\\(a+\\)+',
    '[(a+)]+',
    '(?!x)y+',
    '[]a',
    '.*.*x',
  ])('%s is taken', (source) => {
    expect(regexProblem(source)).toBeNull()
  })

  it.each([
    '(a+)+',
    '(a*)*b',
    '((a+))+',
    '(.*,)*',
    '(a|a)*',
    '(a|ab)+$',
    '(\\w+\\s?)*',
    '(a?b?)*',
    '((a|b)+c?)*',
    '(x+){20}',
    '(?:a+){2,}',
    '(a{1,5}){1,40}',
    '(?<n>a+)+',
    '(.|a)*',
  ])('%s is refused', (source) => {
    expect(regexProblem(source)).toMatch(/^repeats a group/)
  })

  it('what is none is said with the reason, never with the text', () => {
    expect(regexProblem('(')).toBe('is not a regular expression: unterminated group')
    expect(regexProblem('secret: [')).toBe('is not a regular expression: unterminated character class')
    expect(regexProblem('a'.repeat(1001))).toMatch(/longer than the 1000/)
  })

  it('ends quickly whatever it is given', () => {
    const unit = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      'a',
      '+',
      '*',
      '?',
      '{2,}',
      '{',
      '}',
      '|',
      '\\',
      '.',
      '^',
      '(?:',
      ',',
      '9',
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 200 }), (source) => {
        const problem = regexProblem(source)
        expect(problem === null || problem.length > 0).toBe(true)
        // What is taken compiles.
        if (problem === null) new RegExp(source)
      }),
      { numRuns: 2000 },
    )
  })
})
