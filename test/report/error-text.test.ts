import { describe, expect, it } from 'vitest'
import { HealthError } from '../../src/core/errors.ts'
import { errorText } from '../../src/report/error-text.ts'

describe('errorText', () => {
  it('tells an error that a person can mend in its own words, without a stack', () => {
    const error = new HealthError(75, 'check is already running (process 12)', 'wait, or end it')
    expect(errorText(error)).toEqual({
      text: 'oratio-health: check is already running (process 12)\n  wait, or end it\n',
      code: 75,
      message: 'check is already running (process 12)',
      mend: 'wait, or end it',
    })
  })

  it('keeps the lines of an error that has several, indented below the first', () => {
    const error = new HealthError(78, 'the config has 2 errors\n/etc/x.yaml:3:1 a\n\n  /etc/x.yaml:4:1 b')
    expect(errorText(error).text).toBe(
      'oratio-health: the config has 2 errors\n  /etc/x.yaml:3:1 a\n  /etc/x.yaml:4:1 b\n',
    )
    expect(errorText(error).mend).toBeNull()
  })

  it('shows any other error as our defect: stack, cause, where to report it, exit status 2', () => {
    const { text, code } = errorText(new TypeError('x is undefined', { cause: new Error('no y') }))
    expect(code).toBe(2)
    expect(text).toMatch(
      /^oratio-health: this is a defect in oratio-health, .*: TypeError: x is undefined\n {4}at /,
    )
    expect(text).toMatch(/^ {2}caused by Error: no y\n {4}at /m)
    expect(text).toMatch(/please report it .*\n$/)
    expect(text.split('\n').length).toBeLessThan(50)
  })

  it('ends with a chain of causes that bites its own tail, and cuts an endless stack', () => {
    const error = new Error('a')
    error.cause = error
    expect(errorText(error).text.match(/caused by/g)).toBeNull()
    const deep = new Error('deep')
    deep.stack = `Error: deep\n${'    at f (x.js:1:1)\n'.repeat(1000)}`
    expect(errorText(deep).text.split('\n').length).toBeLessThan(30)
  })

  it.each([
    ['a text', 'boom', 'string was thrown: boom'],
    ['nothing', undefined, 'undefined was thrown: undefined'],
    ['an object without a text', Object.create(null), 'object was thrown'],
    ['a symbol', Symbol('x'), 'symbol was thrown'],
  ])('can live with %s being thrown', (_, thrown, words) => {
    expect(errorText(thrown)).toMatchObject({ code: 2 })
    expect(errorText(thrown).text).toContain(words)
  })

  it('escapes what strangers put into a message', () => {
    const { text } = errorText(new HealthError(64, 'no service \u001b[2J\u202e', '\u0007'))
    expect(text).toBe('oratio-health: no service \\x1b[2J\\u202e\n  \\x07\n')
    const stranger = new Error('\u001b]0;x\u0007')
    expect(errorText(stranger).text).not.toMatch(/[\u001b\u0007]/)
  })
})
