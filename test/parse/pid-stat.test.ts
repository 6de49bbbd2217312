import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePidStat } from '../../src/parse/pid-stat.ts'

/** The fields behind the state as kernel 6.18 printed them for a `sleep`, from ppid on. */
const restOf = (rssPages = 421): string =>
  `5198 5198 331 0 -1 4194304 130 0 0 0 7 5 0 0 20 0 1 0 157053 2990080 ${rssPages} 18446744073709551615 ` +
  '94658140123136 94658140141065 140730621519040 0 0 0 0 6 0 1 0 0 17 1 0 0 0 0 0 94658140155152 94658140156416 ' +
  '94658437083136 140730621524712 140730621524723 140730621524723 140730621525993 0'

describe('parsePidStat', () => {
  it('reads the line of a sleeping process', () => {
    expect(parsePidStat(`5211 (sleep) S ${restOf()}\n`, 4096)).toEqual({
      kind: 'value',
      value: {
        pid: 5211,
        comm: 'sleep',
        state: 'S',
        ppid: 5198,
        session: 331,
        cpuTicks: 12,
        threads: 1,
        startTicks: 157053,
        rssBytes: 421 * 4096,
        isKernelThread: false,
      },
    })
  })

  it('counts pages of the size of the machine: 16 KiB on a Raspberry Pi 5', () => {
    const line =
      '1 (systemd) S 0 1 1 0 -1 4194560 39911 917327 82 587 167 295 1302 689 20 0 1 0 8 173424640 800 ' +
      '18446744073709551615 1 1 0 0 0 0 671173123 4096 1260 0 0 0 17 2 0 0 0 0 0 0 0 0 0 0 0 0 0'
    expect(parsePidStat(line, 16_384)).toMatchObject({ value: { pid: 1, ppid: 0, rssBytes: 800 * 16_384 } })
  })

  it('knows a kernel thread by its flag, whatever its name', () => {
    const line =
      '9 (kworker/0:1-events_power_efficient) I 2 0 0 0 -1 69238880 0 0 0 0 0 14 0 0 20 0 1 0 31 0 0 ' +
      '18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0'
    expect(parsePidStat(line, 4096)).toMatchObject({
      value: { isKernelThread: true, rssBytes: 0, state: 'I' },
    })
  })

  it('has no session while it is being reaped', () => {
    expect(
      parsePidStat(`5211 (sleep) X ${restOf().replace('5198 5198 331', '0 -1 -1')}`, 4096),
    ).toMatchObject({
      value: { ppid: 0, session: 0, startTicks: 157053 },
    })
  })

  it('reads the shorter line of kernel 2.6', () => {
    const line =
      '3129 (httpd) Z 3128 3128 3128 0 -1 4194572 0 0 0 0 0 0 0 0 20 0 1 0 8813 0 0 4294967295 0 0 0 0 0 0 0 4096 ' +
      '81926 3222442959 0 0 17 0 0 0 0'
    expect(parsePidStat(line, 4096)).toMatchObject({ value: { comm: 'httpd', state: 'Z', startTicks: 8813 } })
  })

  it.each([
    'foo) Z ',
    '()()())))',
    '(',
    ')',
    '',
    ' ',
    'a\nb',
    '1 (init) S 0 1 1',
    '\u001b[2J\u202e',
    'caf\ufffd',
    ') Z 1 2 3 4 5 6',
  ])('takes the name %j as it is', (comm) => {
    expect(parsePidStat(`77 (${comm}) S ${restOf()}\n`, 4096)).toMatchObject({
      kind: 'value',
      value: { pid: 77, comm, state: 'S', ppid: 5198, rssBytes: 421 * 4096 },
    })
  })

  it.each([
    '',
    '\n',
    '5211',
    '5211 (sleep)',
    '5211 (sleep) ',
    '5211 (sleep) S',
    '5211 (sleep) S 5198 5198 331 0 -1 4194304 130 0 0 0 7 5 0 0 20 0 1 0 157053 2990080',
    `5211 sleep S ${restOf()}`,
    `(sleep) S ${restOf()}`,
    `x (sleep) S ${restOf()}`,
    `5211)sleep( S ${restOf()}`,
    `5211 (sleep) 7 ${restOf()}`,
    `5211 (sleep) SS ${restOf()}`,
    `5211 (sleep) S ${restOf().replace('157053', 'NaN')}`,
    `5211 (sleep) S ${restOf().replace('157053', '-3')}`,
    `5211 (sleep) S ${restOf().replace('157053', '1e9')}`,
    `5211 (sleep) S ${restOf().replace('4194304', 'flags')}`,
    `5211 (sleep) S ${restOf().replace('157053', '99999999999999999999')}`,
    `5211 (sleep) S ${restOf(2 ** 53)}`,
  ])('refuses %j', (line) => {
    expect(parsePidStat(line, 4096)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('never throws, and what it takes is whole', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('(', ')', ' ', '1', 'S', '-', '\n') }),
      fc.nat(800).map((length) => `5211 (sleep) S ${restOf()}`.slice(0, length)),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        const reading = parsePidStat(text, 4096)
        if (reading.kind !== 'value') return reading.kind === 'failed'
        const { pid, ppid, cpuTicks, threads, startTicks, rssBytes } = reading.value
        return [pid, ppid, cpuTicks, threads, startTicks, rssBytes].every(
          (n) => Number.isSafeInteger(n) && n >= 0,
        )
      }),
    )
  })

  it('gives back every name and number that the kernel may print', () => {
    const tick = fc.nat(2 ** 31)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_194_304 }),
        fc.string({ unit: 'binary', maxLength: 64 }),
        fc.constantFrom('R', 'S', 'D', 'T', 't', 'Z', 'X', 'I'),
        fc.tuple(tick, tick, tick, tick, tick),
        fc.boolean(),
        (pid, comm, state, [ppid, user, system, start, pages], isKernelThread) => {
          const flags = isKernelThread ? 0x0020_8040 : 0x8040_0000
          const line =
            `${pid} (${comm}) ${state} ${ppid} 1 1 0 -1 ${flags} 1 0 0 0 ${user} ${system} 0 0 20 0 3 0 ${start} ` +
            `4096 ${pages} 18446744073709551615 0 0\n`
          expect(parsePidStat(line, 65_536)).toEqual({
            kind: 'value',
            value: {
              pid,
              comm,
              state,
              ppid,
              session: 1,
              cpuTicks: user + system,
              threads: 3,
              startTicks: start,
              rssBytes: pages * 65_536,
              isKernelThread,
            },
          })
        },
      ),
    )
  })
})
