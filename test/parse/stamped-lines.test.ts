import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf, parseJournalLines, parseStampedLines } from '../../src/parse/stamped-lines.ts'

describe('journalctl -o short-unix', () => {
  it('gives messages with their stamps, and all lines of an entry', () => {
    const text = [
      '-- Boot 0123456789abcdef0123456789abcdef --',
      '1700000000.123456 box app[7]: WORKER TIMEOUT (pid:9)',
      '1700000001.000000 box (sd-pam)[8]: a: b',
      '                                   second line',
      '1700000002.000001 box kernel: x',
      '',
    ].join('\n')
    expect(parseJournalLines(text)).toEqual([
      { atMs: 1_700_000_000_123.456, text: 'WORKER TIMEOUT (pid:9)' },
      { atMs: 1_700_000_001_000, text: 'a: b' },
      { atMs: 1_700_000_001_000, text: 'second line' },
      { atMs: 1_700_000_002_000.001, text: 'x' },
    ])
  })

  it.each([
    '',
    '-- No entries --\n',
    '    continued\n',
    'Jan 31 03:00:00 box app[7]: x\n',
    '170.1 box app: x\n',
  ])('has no line in %j', (text) => expect(parseJournalLines(text)).toEqual([]))
})

describe('lines with RFC 3339 stamps', () => {
  it('are split from them, to a part of a microsecond, in every zone', () => {
    const text =
      '2026-01-31T03:00:00.123456789Z one two\n2026-01-31T04:00:00+01:00 \ncontinued\n2026-01-31T03:00:01Z\n'
    const [first, ...others] = parseStampedLines(text)
    expect(first?.text).toBe('one two')
    expect(first?.atMs).toBeCloseTo(Date.UTC(2026, 0, 31, 3, 0, 0, 123) + 0.456, 2)
    expect(others).toEqual([
      { atMs: Date.UTC(2026, 0, 31, 3), text: '' },
      { atMs: Date.UTC(2026, 0, 31, 3), text: 'continued' },
      { atMs: Date.UTC(2026, 0, 31, 3, 0, 1), text: '' },
    ])
  })

  it('tells lines of one burst apart', () => {
    const [a, b] = parseStampedLines('2026-01-31T03:00:00.000001Z a\n2026-01-31T03:00:00.000002Z b\n')
    expect((a?.atMs ?? 0) < (b?.atMs ?? 0)).toBe(true)
  })

  it.each(['', '\n', 'no stamp\n', `${'9'.repeat(1000)}Z x\n`])('has no line in %j', (text) =>
    expect(parseStampedLines(text)).toEqual([]),
  )
})

it('lines lose their ends only', () => {
  expect([...linesOf('a\r\n\r\n b\n\nc')]).toEqual(['a', '', ' b', '', 'c'])
  expect([...linesOf('')]).toEqual([])
})

it('nothing throws, every stamp is a number', () => {
  const piece = fc.constantFrom(
    '1700000000.123456',
    ' box app[7]: ',
    '2026-01-31T03:00:00Z',
    ' ',
    '\n',
    '\r',
    'x',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (lines) => {
      for (const { atMs } of [...parseJournalLines(lines), ...parseStampedLines(lines)])
        expect(Number.isFinite(atMs)).toBe(true)
    }),
  )
})
