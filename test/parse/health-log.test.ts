import { describe, expect, it } from 'vitest'
import { readTroubleLine } from '../../src/parse/health-log.ts'

const atMs = new Date(2026, 0, 31, 3, 0, 0).getTime()

describe('a line of a health log', () => {
  it('with a problem is read', () => {
    expect(
      readTroubleLine('[2026-01-31 03:00:00] CRIT web memory: 96% of 2.0 GiB, critical from 95% — look'),
    ).toEqual({
      atMs,
      level: 'CRIT',
      subject: 'web memory',
      fact: '96% of 2.0 GiB, critical from 95% — look',
    })
  })

  it.each([
    ['', 'nothing'],
    ['[2026-01-31 03:00:00] INFO check: ok, 3 checks, 2 services', 'no problem'],
    ['[2026-01-31 03:00:00] WARN web memory', 'cut off'],
    ['[2026-02-31 03:00:00', 'cut off in its stamp'],
    ['[2026-01-31 03:00:xx] WARN web memory: 1', 'no stamp'],
    ['2026-01-31 03:00:00 WARN web memory: 1', 'another form'],
    [`[2026-01-31 03:00:00] WARN ${'x'.repeat(400)}: 1`, 'a subject that is none'],
    [`[2026-01-31 03:00:00] WARN a: ${'x'.repeat(9000)}`, 'too long'],
    ['\u0000\u0000\u0000', 'zeros after a power cut'],
  ])('%s is none (%s)', (line) => expect(readTroubleLine(line)).toBeNull())
})
