import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oldestEntryMs } from '../../src/parse/journal-header.ts'

// `journalctl --header` of systemd 252, two files, shortened.
const header = `File path: /var/log/journal/0123456789abcdef0123456789abcdef/system.journal
Machine ID: 0123456789abcdef0123456789abcdef
State: ONLINE
Head sequential number: 1 (1)
Head realtime timestamp: Thu 2026-11-26 11:42:15 UTC (6612c6f5ea271)
Tail realtime timestamp: Thu 2026-11-26 11:42:15 UTC (6612c6f6712ca)
Objects: 157

File path: /var/log/journal/0123456789abcdef0123456789abcdef/user-1000.journal
Head realtime timestamp: Thu 1970-01-01 00:00:00 UTC (0)
`

describe('oldestEntryMs', () => {
  it('is the oldest of all files; one without an entry does not count', () => {
    expect(oldestEntryMs(header)).toBe(0x6612c6f5ea271 / 1000)
    const older = header.replace('(0)', '(6512c6f5ea271)')
    expect(oldestEntryMs(older)).toBe(0x6512c6f5ea271 / 1000)
  })

  it.each(['', 'Head realtime timestamp: n/a', 'Head realtime timestamp: x (zz)'])('%j: null', (text) => {
    expect(oldestEntryMs(text)).toBeNull()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void oldestEntryMs(text)))
  })
})
