import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { announcedCaps, countJournal, countSuppressed } from '../../src/parse/journal-counts.ts'

const entry = (fields: Record<string, unknown>): string =>
  `${JSON.stringify({ __REALTIME_TIMESTAMP: '1795693335745226', ...fields })}\n`

describe('countJournal', () => {
  it('counts by unit, else by program, else by where it came from', () => {
    const text = [
      entry({ _SYSTEMD_UNIT: 'app.service' }),
      entry({ _SYSTEMD_UNIT: 'app.service', __REALTIME_TIMESTAMP: '1795693336745226' }),
      entry({ SYSLOG_IDENTIFIER: 'sudo' }),
      entry({ _TRANSPORT: 'kernel' }),
      entry({}),
    ].join('')
    expect(countJournal(text)).toEqual({
      units: [
        { unit: 'app.service', lines: 2 },
        { unit: 'sudo', lines: 1 },
        { unit: 'kernel', lines: 1 },
        { unit: '?', lines: 1 },
      ],
      lines: 5,
      firstAtMs: 1_795_693_335_745.226,
      lastAtMs: 1_795_693_336_745.226,
    })
  })

  it('nothing there is no line and no time', () => {
    expect(countJournal('')).toEqual({ units: [], lines: 0, firstAtMs: null, lastAtMs: null })
  })

  it('leaves out a cut line, what is no entry, and a field that is bytes', () => {
    const bytes = entry({ _SYSTEMD_UNIT: [255, 1] })
    expect(countJournal(`-- No entries --\n[]\n{"a":1}\n${bytes}{"_SYSTEMD_UNIT":"cu`).units).toEqual([
      { unit: '?', lines: 1 },
    ])
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), (parts) => {
        const text = parts.join('\n')
        void [countJournal(text), countSuppressed(text), announcedCaps(text, 0)]
      }),
    )
  })
})

describe('countSuppressed', () => {
  it('adds up what was dropped of each unit', () => {
    const text = [
      entry({ MESSAGE: 'Suppressed 1200 messages from app.service' }),
      entry({ MESSAGE: 'Suppressed 34 messages from b.service' }),
      entry({ MESSAGE: 'Suppressed 100 messages from b.service' }),
      entry({ MESSAGE: 'I have Suppressed 9 messages from x.service' }),
    ].join('')
    expect(countSuppressed(text)).toEqual([
      { unit: 'app.service', messages: 1200 },
      { unit: 'b.service', messages: 134 },
    ])
  })
})

describe('announcedCaps', () => {
  const says = (name: string, maxUse: string, stamp: string): string =>
    entry({ JOURNAL_NAME: name, MAX_USE: maxUse, __REALTIME_TIMESTAMP: stamp })

  it('is the newest word on each since the instant, microseconds of the same second told apart', () => {
    const text = [
      says('System Journal', '4294967296', '1795693335100000'),
      says('System Journal', '52428800', '1795693335900000'),
      says('Runtime Journal', 'lots', '1795693335900000'),
    ].join('')
    expect(announcedCaps(text, 1_795_693_335_500)).toEqual([{ name: 'system', maxUseBytes: 52_428_800 }])
    expect(announcedCaps(text, 1_795_693_336_000)).toEqual([])
  })
})
