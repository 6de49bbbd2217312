// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolate, parseComposeSize, parseDotEnv } from '../../src/parse/compose-text.ts'

const env = new Map([
  ['SET', 'value'],
  ['EMPTY', ''],
  ['OTHER', '$SET'],
])
const text = (raw: string): string => interpolate(raw, env).text

describe('variables of a compose file', () => {
  it.each([
    ['$SET', 'value'],
    ['a${SET}b', 'avalueb'],
    ['$SET$SET', 'valuevalue'],
    ['$$SET', '$SET'],
    ['${SET:-x}', 'value'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${NONE-x}', 'x'],
    ['${NONE:-${SET}}', 'value'],
    ['${NONE:-${NONE:-deep}}', 'deep'],
    ['${NONE:-a:-b}', 'a:-b'],
    ['${SET:+x}', 'x'],
    ['${EMPTY:+x}', ''],
    ['${EMPTY+x}', 'x'],
    ['${NONE+x}', ''],
    ['${SET:?must}', 'value'],
    ['${EMPTY?must}', ''],
    // What a variable holds is not looked at again.
    ['$OTHER', '$SET'],
  ])('%s is %s', (raw, expected) => {
    expect(interpolate(raw, env)).toEqual({ text: expected, missing: [], errors: [] })
  })

  it('says what is not set', () => {
    expect(interpolate('$NONE-${NONE2}', env)).toEqual({ text: '-', missing: ['NONE', 'NONE2'], errors: [] })
    expect(interpolate('${NONE:?which one}', env).errors).toEqual(['NONE is not set: which one'])
    expect(interpolate('${EMPTY:?}', env).errors).toEqual(['EMPTY is not set'])
  })

  it.each(['$', '${', '${SET', '$1', '${}', '${SET!x}', '${SET:x}'])('%s is an error', (raw) => {
    expect(interpolate(raw, env).errors).toHaveLength(1)
  })

  it('ends on any text, and leaves one without a dollar alone', () => {
    fc.assert(
      fc.property(fc.string(), (raw) => {
        const { text: out } = interpolate(raw, env)
        if (!raw.includes('$')) expect(out).toBe(raw)
      }),
    )
    expect(text(`${'${A:-'.repeat(500)}${'}'.repeat(500)}`)).toEqual(expect.any(String))
  })
})

describe('.env', () => {
  it('reads the forms that compose does', () => {
    const file = `\ufeff# a comment
A=1
export B=two # said
C="x\\ny $A \\$A"
D='$A # kept'
E=
F = spaced
G: colon
H=a#b
not a line
`
    expect(Object.fromEntries(parseDotEnv(file))).toEqual({
      A: '1',
      B: 'two',
      C: 'x\ny 1 $A',
      D: '$A # kept',
      E: '',
      F: 'spaced',
      G: 'colon',
      H: 'a#b',
    })
  })

  it('ends on any text', () => {
    fc.assert(fc.property(fc.string(), (raw) => parseDotEnv(raw) instanceof Map))
  })
})

describe('a size of a compose file', () => {
  it.each([
    ['512m', 512 * 1024 ** 2],
    ['512MB', 512 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['2 g', 2 * 1024 ** 3],
    ['100', 100],
    ['100b', 100],
    [100, 100],
    ['0', 0],
    ['', null],
    ['-1', null],
    ['lots', null],
    ['1e3', null],
    ['9999999p', null],
    [1.5, null],
    [null, null],
    [true, null],
    [{}, null],
  ])('%j is %j', (raw, bytes) => {
    expect(parseComposeSize(raw)).toBe(bytes)
  })
})
