import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHeaders, encodeHeader, headerBytes, headersBytes } from '../../src/parse/history-header.ts'

const both = (name: string): Uint8Array => {
  const bytes = new Uint8Array(headersBytes)
  for (const at of [0, headerBytes]) bytes.set(encodeHeader(name), at)
  return bytes
}

describe('the header of a history', () => {
  it('has the name, up to 220 letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        expect(decodeHeaders(both(name))).toEqual({ version: 1, name: name.slice(0, 220) })
      }),
    )
  })

  it('is whole while one of its copies is, whatever happens to a byte of the other', () => {
    for (let at = 0; at < headersBytes; at++) {
      const bytes = both('web')
      bytes[at] = (bytes[at] as number) ^ 0xff
      expect(decodeHeaders(bytes)).toEqual({ version: 1, name: 'web' })
      expect(decodeHeaders(both('web').subarray(0, at))).toEqual(
        at < headerBytes ? 'broken' : { version: 1, name: 'web' },
      )
    }
  })

  it('of anything else is broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        expect(decodeHeaders(bytes)).toBe('broken')
      }),
    )
  })
})
