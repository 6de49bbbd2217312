import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countLines, parseEngineLog } from '../../src/parse/engine-log.ts'

const frame = (stream: number, text: string | Uint8Array): number[] => {
  const payload = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const { length } = payload
  return [stream, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255, ...payload]
}
const at = (second: number, text: string) => `2026-01-31T03:00:0${second}.123456789Z ${text}\n`

describe('the log of a container', () => {
  it('takes frames apart, both streams in their order', () => {
    const bytes = Uint8Array.from([
      ...frame(1, at(1, 'out ü')),
      ...frame(2, at(2, 'err')),
      ...frame(1, at(3, 'out')),
    ])
    expect(parseEngineLog(bytes)).toBe(at(1, 'out ü') + at(2, 'err') + at(3, 'out'))
  })

  it('puts a line together that is spread over frames, with the other stream between', () => {
    const bytes = Uint8Array.from([...frame(1, '2026 a'), ...frame(2, 'err\n'), ...frame(1, 'b\nc')])
    expect(parseEngineLog(bytes)).toBe('err\n2026 ab\nc\n')
  })

  it('takes the plain text of a TTY as it is', () => {
    expect(parseEngineLog(new TextEncoder().encode(at(1, 'tty ü')))).toBe(at(1, 'tty ü'))
  })

  it.each<[string, number[], string]>([
    ['nothing', [], ''],
    ['half a header', [1, 0, 0], ''],
    ['a frame that was cut', [...frame(1, 'a\n'), ...frame(1, 'bcdef\n').slice(0, 10)], 'a\n'],
    ['a frame of 4 GiB', [...frame(1, 'a\n'), 1, 0, 0, 0, 255, 255, 255, 255, 65], 'a\n'],
    ['empty frames', [...frame(1, ''), ...frame(1, 'a\n')], 'a\n'],
    ['text after a frame', [...frame(1, 'a\n'), ...new TextEncoder().encode('2026 plain')], 'a\n'],
    ['bytes that are no UTF-8', frame(1, Uint8Array.from([0xff, 0x61, 10])), '\ufffda\n'],
  ])('does what it can with %s', (_, bytes, text) => {
    expect(parseEngineLog(Uint8Array.from(bytes))).toBe(text)
  })

  it('never throws, and keeps every line of whole frames', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof parseEngineLog(bytes) === 'string'),
    )
    const line = fc.stringMatching(/^[a-z]{0,20}$/).map((text) => `${text}\n`)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 2), line)), (frames) => {
        const bytes = Uint8Array.from(frames.flatMap(([stream, text]) => frame(stream, text)))
        expect(parseEngineLog(bytes)).toBe(frames.map(([, text]) => text).join(''))
      }),
    )
  })

  it.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\n\nb', 3],
  ])('counts the lines of %j', (text, count) => expect(countLines(text)).toBe(count))
})
