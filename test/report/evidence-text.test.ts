import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, evidenceText } from '../../src/report/evidence-text.ts'

const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  hostname: 'box',
  version: '1.2.3',
  service: 'web',
  reason: '3 failed checks in a row',
  atMs: new Date(2026, 0, 31, 3, 0, 0).getTime(),
  tookMs: 12.4,
  sections: [],
  ...more,
})

describe('the text of the evidence', () => {
  it('says what, when, why; then its sections', () => {
    const text = evidenceText(
      evidence({
        sections: [
          {
            title: 'Table',
            rows: [
              ['PID', 'COMMAND'],
              ['7', 'python3 app.py'],
              ['12345', 'x'],
            ],
          },
          { title: 'Log', text: 'one\r\ntwo\n\n', note: 'there was more' },
          { title: 'Nothing', note: 'it is not there' },
        ],
      }),
    )
    expect(
      text.replace(/\(\d{4}-.*Z\)/, '(ISO)'),
    ).toBe(`Investigation of web on box, 2026-01-31 03:00:00 (ISO)
Reason: 3 failed checks in a row
Taken by oratio-health 1.2.3 in 12 ms, before anything was ended. Secrets are replaced by ***.

== Table ==
PID    COMMAND
7      python3 app.py
12345  x

== Log ==
one
two
(there was more)

== Nothing ==
(it is not there)
`)
  })

  it('without secrets, wherever they are', () => {
    const secret = 'hunter2Zq8'
    const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`
    const text = evidenceText(
      evidence({
        reason: `GET http://u:${secret}@x failed`,
        sections: [
          { title: 'a', rows: [['COMMAND'], [`app --password ${secret}`]] },
          { title: 'b', text: `TOKEN=${secret}\n${key}done`, note: `token=${secret}` },
          // The cut would fall into the key.
          { title: 'c', text: `${key}${'x'.repeat(149_960)}` },
        ],
      }),
    )
    expect(text).not.toContain(secret)
    expect(text).toContain('app --password ***\n')
    expect(text).toContain('PRIVATE KEY ***\ndone')
  })

  it('a log keeps its newest lines, and says that it was cut', () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}`)
    const text = evidenceText(evidence({ sections: [{ title: 'Log', text: lines.join('\n') }] }))
    expect(text).toContain('[cut here: what was before is left out]\nline ')
    expect(text.endsWith('line 49998\nline 49999\n')).toBe(true)
    expect(text.length).toBeLessThan(155_000)
  })

  it('property: at most 1 MiB, one line end at its end, no control characters of others', () => {
    const big = fc
      .tuple(
        fc.constantFrom('x', '€', '\u001b[31m', '\n', 'password=', '-----BEGIN PRIVATE KEY-----', '𝒳'),
        fc.nat(300_000),
      )
      .map(([piece, length]) => piece.repeat(Math.ceil(length / piece.length)))
    const section = fc.record({
      title: fc.string({ unit: 'binary' }),
      text: fc.oneof(fc.string({ unit: 'binary' }), big),
      rows: fc.array(fc.array(fc.string({ unit: 'binary' }))),
      note: fc.option(fc.string({ unit: 'binary' })),
    })
    fc.assert(
      fc.property(fc.array(section, { maxLength: 5 }), (sections) => {
        const text = evidenceText(evidence({ sections, service: 'a\nb', reason: '\u001b[2J' }))
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024)
        expect(text.endsWith('\n')).toBe(true)
        expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(text)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })
})
