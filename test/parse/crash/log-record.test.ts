import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLogRecord } from '../../../src/parse/crash/log-record.ts'

const endMs = new Date(2026, 0, 15, 12, 0, 0).getTime()
const bootAtMs = 1_700_000_000_000
const clock = { endMs, bootAtMs }
const local = (...at: [number, number, number, number, number, number]): number => new Date(...at).getTime()

describe('parseLogRecord', () => {
  it.each([
    [
      'journalctl -o json',
      JSON.stringify({ __REALTIME_TIMESTAMP: '1795693335745226', _TRANSPORT: 'kernel', MESSAGE: 'm' }),
      { atMs: 1_795_693_335_745.226, program: 'kernel', text: 'm' },
    ],
    [
      'a message that is no UTF-8',
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1000',
        SYSLOG_IDENTIFIER: 'a',
        _PID: '7',
        _SYSTEMD_UNIT: 'a.service',
        MESSAGE: [104, 105, 255],
      }),
      { program: 'a', pid: 7, unit: 'a.service', text: 'hi\u00ff' },
    ],
    [
      'systemd on a unit',
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1000',
        SYSLOG_IDENTIFIER: 'systemd',
        UNIT: 'x.service',
        _SYSTEMD_UNIT: 'init.scope',
        MESSAGE: 'm',
      }),
      { unit: 'x.service' },
    ],
    [
      'systemd-coredump on a unit',
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1000',
        SYSLOG_IDENTIFIER: 'systemd-coredump',
        _SYSTEMD_UNIT: 'systemd-coredump@1-2-0.service',
        COREDUMP_UNIT: 'web.service',
        MESSAGE: 'm',
      }),
      { unit: 'web.service' },
    ],
    [
      'json-file of Docker',
      '{"log":"hello\\n","stream":"stderr","time":"2026-01-01T00:00:00.5Z"}',
      { atMs: Date.UTC(2026, 0, 1, 0, 0, 0, 500), program: null, text: 'hello' },
    ],
    [
      '/dev/kmsg',
      '6,1234,5678901,-;usb 1-1: new',
      { atMs: bootAtMs + 5678.901, program: 'kernel', text: 'usb 1-1: new' },
    ],
    ['/dev/kmsg with a caller', '4,1,1000000,-,caller=T1;x', { atMs: bootAtMs + 1000, text: 'x' }],
    ['dmesg', '[   12.345678] text', { atMs: bootAtMs + 12_345.678, program: 'kernel', text: 'text' }],
    ['dmesg -x', 'kern  :info  : [   12.345678] text', { program: 'kernel', text: 'text' }],
    ['dmesg -r with a caller', '<4>[   12.345678][ T1234] text', { program: 'kernel', text: 'text' }],
    [
      'dmesg -T',
      '[Thu Jan  1 03:04:05 2026] text',
      { atMs: local(2026, 0, 1, 3, 4, 5), program: 'kernel', text: 'text' },
    ],
    [
      'dmesg --time-format iso',
      '2026-01-01T03:04:05,123456+00:00 text: more',
      { atMs: Date.UTC(2026, 0, 1, 3, 4, 5, 123), program: 'kernel', text: 'text: more' },
    ],
    [
      'syslog, this year',
      'Jan  2 03:04:05 host app[7]: text',
      { atMs: local(2026, 0, 2, 3, 4, 5), program: 'app', pid: 7, text: 'text' },
    ],
    [
      'syslog, before New Year',
      'Dec 31 23:59:59 host kernel: [1.000000] text',
      { atMs: local(2025, 11, 31, 23, 59, 59), program: 'kernel', text: 'text' },
    ],
    [
      'rsyslog with a zone',
      '2026-01-01T03:04:05.123456+01:00 host systemd[1]: text',
      { atMs: Date.UTC(2026, 0, 1, 2, 4, 5, 123), program: 'systemd', pid: 1 },
    ],
    [
      'journalctl -o short-iso',
      '2026-01-01T03:04:05+0100 host kernel: text',
      { atMs: Date.UTC(2026, 0, 1, 2, 4, 5), program: 'kernel' },
    ],
    [
      'journalctl --no-hostname',
      'Jan  2 03:04:05 kernel: text',
      { atMs: local(2026, 0, 2, 3, 4, 5), program: 'kernel', text: 'text' },
    ],
    [
      'the same, of a program',
      'Jan  2 03:04:05 app[7]: text: more',
      { program: 'app', pid: 7, text: 'text: more' },
    ],
    [
      'a stamp and the words of a program, which is not named',
      '2026-01-01T03:04:05Z MemoryError: no room',
      { atMs: Date.UTC(2026, 0, 1, 3, 4, 5), program: null },
    ],
    [
      'metalog',
      'Jan  2 03:04:05 [kernel] [ 1596.567002] text',
      { atMs: local(2026, 0, 2, 3, 4, 5), program: 'kernel', text: 'text' },
    ],
    [
      'Apache 2.2, whose stamp dmesg -T has too',
      '[Thu Jan  1 03:04:05 2026] [error] text',
      { program: null },
    ],
    ['journalctl -o short-unix', '1700000000.123456 host app[7]: text', { program: 'app', text: 'text' }],
    [
      'no head at all',
      'java.lang.OutOfMemoryError: Java heap space',
      { atMs: null, program: null, text: 'java.lang.OutOfMemoryError: Java heap space' },
    ],
  ])('%s', (_, line, expected) => {
    expect(parseLogRecord(line, clock)).toMatchObject(expected)
  })

  it('the engine with stamps: what the program said begins behind it', () => {
    expect(parseLogRecord('2026-01-01T03:04:05.123456789Z MemoryError', clock)).toMatchObject({
      atMs: Date.UTC(2026, 0, 1, 3, 4, 5, 123),
      text: 'MemoryError',
    })
  })

  it.each(['', '   ', '\0', '-- Boot 0123456789abcdef --', '-- No entries --'])('%j: none', (line) => {
    expect(parseLogRecord(line, clock)).toBeNull()
  })

  it('a stamp since the boot has no time where the boot is not known', () => {
    expect(parseLogRecord('[   12.345678] text', { endMs, bootAtMs: null })).toMatchObject({
      atMs: null,
      text: 'text',
    })
  })

  it('a leap day, an hour that does not exist and a boot at 1970 are no errors', () => {
    for (const line of [
      'Feb 29 01:00:00 h a: x',
      'Mar 29 02:30:00 h a: x',
      '1970-01-01T00:00:03+00:00 h kernel: x',
      'Xyz 99 99:99:99 h a: x',
    ])
      expect(parseLogRecord(line, clock)).not.toBeNull()
  })

  it('never throws, and keeps no line break or NUL', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (line) => {
        const record = parseLogRecord(line.replaceAll('\n', ''), clock)
        if (record !== null) expect(record.text).not.toMatch(/\0/)
      }),
    )
  })
})
