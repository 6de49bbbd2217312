import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { journalSender } from '../../../src/parse/crash/journal-sender.ts'
import { fieldsOf } from '../../../src/parse/json-fields.ts'

describe('journalSender', () => {
  it.each([
    ['systemd itself', { _TRANSPORT: 'journal', _PID: '1', _UID: '0' }, 'manager'],
    [
      'a process of it that has not begun yet',
      { _PID: '7', _UID: '0', _SYSTEMD_UNIT: 'init.scope' },
      'manager',
    ],
    ['the kernel', { _TRANSPORT: 'kernel' }, 'manager'],
    ['a daemon of root', { _PID: '7', _UID: '0', _SYSTEMD_UNIT: 'nohang.service' }, 'daemon'],
    ['one with a user of its own', { _PID: '7', _UID: '61184', _SYSTEMD_UNIT: 'earlyoom.service' }, 'daemon'],
    ['a core dump', { _UID: '1000', _SYSTEMD_UNIT: 'systemd-coredump@0-7-1000.service' }, 'daemon'],
    ['systemd of root’s session', { _PID: '9', _UID: '0', _SYSTEMD_UNIT: 'user@0.service' }, 'daemon'],
    [
      'a user by the names of others',
      {
        ...{ _TRANSPORT: 'journal', _PID: '9', _UID: '1000', _COMM: 'systemd-oomd', UNIT: 'init.scope' },
        ...{ SYSLOG_IDENTIFIER: 'systemd', _SYSTEMD_UNIT: 'user@1000.service', PID: '1', SYSLOG_PID: '1' },
      },
      'program',
    ],
    ['a unit whose name begins so', { _UID: '1000', _SYSTEMD_UNIT: 'earlyoom.service.x.service' }, 'program'],
    ['the audit', { _TRANSPORT: 'audit' }, 'program'],
    ['not exported', { SYSLOG_IDENTIFIER: 'systemd', MESSAGE: 'm' }, undefined],
    ['of other types', { _PID: 1, _UID: ['0'], _SYSTEMD_UNIT: { a: 1 }, _TRANSPORT: null }, undefined],
  ])('%s', (_, entry, expected) => {
    expect(journalSender(fieldsOf(entry))).toBe(expected)
  })

  it('never throws, and without a field of journald vouches for nobody', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/), fc.anything()), (entry) => {
        expect(journalSender(fieldsOf(entry))).toBeUndefined()
      }),
    )
  })
})
