import { appendFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../../src/core/errors.ts'
import { failed, type Reading, value } from '../../../src/core/reading.ts'
import type { Host, LinesRead } from '../../../src/host/host.ts'
import { readFileLines } from '../../../src/host/log-lines.ts'
import { liveBase } from '../../support/bases.ts'
import { container } from '../../support/captured-host.ts'
import { given, kernel, nowMs, quiet, run, top, view } from './run-crash-report.ts'

const secretLine =
  'Nov 26 11:00:12 box app[22]: FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory --password=hunter2 https://u:p4ssw0rd@x.org \u001b[31mred'

const journalSaid = (words: string, exitCode: number): Reading<LinesRead> =>
  value({ complete: true, lines: 0, modifiedAtMs: null, exitCode, words })
const own =
  "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages."
/** Killed when its time was up. */
const late: Reading<LinesRead> = value({
  complete: false,
  lines: 0,
  modifiedAtMs: null,
  exitCode: null,
  words: '',
})
const missing = failed('tool-missing', 'journalctl', 'is not installed or not in PATH')

describe('crash-report', () => {
  it('tells of a kill: the culprit first, its memory, its limit, what next; written for its owner alone', async () => {
    const { result, text, writes, body } = await run({ programs: { _TRANSPORT: kernel } })
    expect(result.status).toBe('critical')
    expect(writes).toMatchObject([
      { path: '/var/log/oratio-health/investigation_20261126_120000.txt', mode: 0o600 },
    ])
    expect(text).toContain('Most suspect: capture.service: killed for memory once, held 5.7 GiB.')
    expect(text).toContain('investigation_20261126_120000.txt')
    expect(writes[0]?.text).toMatch(/SUSPECTS\n {2}1\. capture\.service \(unit\)\n/)
    expect(writes[0]?.text).toContain('asked for memory then: python3')
    expect(writes[0]?.text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(body.events).toMatchObject([
      { kind: 'oom-kill', scope: 'memcg', pid: 1010, unit: 'capture.service', anonRssBytes: 6_144_000_000 },
    ])
  })

  it('nothing found is 0 and says so; nothing readable is not known', async () => {
    const fine = await run({ programs: { _TRANSPORT: [quiet] } })
    expect(fine.result.status).toBe('ok')
    expect(fine.text).toContain('No trace of a crash was found.')
    const blind = await run({ programs: {} })
    expect(blind.result.status).toBe('unknown')
    expect(blind.text).toContain('found in what could be read; not all could')
  })

  const boots = {
    'last -x -F -n 500 reboot shutdown': {
      stdout: 'reboot   system boot  6.1.0-28-amd64   Thu Nov 26 11:30:00 2026   still running',
    },
  }

  it('a journal and a ring buffer that print nothing in their time are not known', async () => {
    const { result, body } = await run({
      programs: {},
      instead: { journalctl: late, dmesg: late },
      commands: boots,
    })
    expect(result.status).toBe('unknown')
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([expect.objectContaining({ name: 'kernel log', mend: null })]),
    })
    const broken = await run({ instead: { MESSAGE_ID: journalSaid('Failed to iterate: Bad message', 1) } })
    expect(broken.result.status).toBe('unknown')
    const slow = await run({ instead: { MESSAGE_ID: late }, commands: boots })
    expect(slow.result.status).toBe('unknown')
    // The ring buffer answers, but knows nothing of the boot before.
    const flooded = await run({ programs: { dmesg: [quiet] }, instead: { _TRANSPORT: late } })
    expect(flooded.result.status).toBe('unknown')
    // What was found is a warning all the same.
    const found = await run({
      programs: { dmesg: [quiet.replace(/usb.*/, 'EXT4-fs error (device vda1): bad block')] },
      instead: { _TRANSPORT: late },
    })
    expect(found.body.events).toHaveLength(1)
    expect(found.result.status).toBe('warning')
  })

  it.each([
    ['who may read nothing at all', 'No journal files were opened due to insufficient permissions.', 1, []],
    ['who has own entries alone, which --quiet hides', own, 0, []],
    ['of whom a unit of the session failed', own, 0, ['{}']],
  ])('to a user %s it is not known', async (_, words, ended, lines) => {
    const { result, body } = await run({
      uid: 1000,
      programs: { MESSAGE_ID: lines },
      instead: { '--lines=0': journalSaid(words, ended), dmesg: journalSaid('Operation not permitted', 1) },
      commands: boots,
    })
    expect(result.status).toBe('unknown')
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ name: 'journal of the system', mend: 'run as root' }),
      ]),
    })
  })

  it('a kernel that said nothing since is no lack, where the journal has older lines of it', async () => {
    const { result, body } = await run({ programs: { '--lines=200000': [], '--lines=1': [quiet] } })
    expect(result.status).toBe('ok')
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ name: 'kernel log (journal)', lines: 0, missing: null }),
      ]),
    })
  })

  it('without a journal on the host the log of the kernel is enough', async () => {
    const none = journalSaid('No journal files were found.', 0)
    for (const journal of [{ journalctl: missing }, { '--lines=0': none }]) {
      const { result } = await run({
        programs: { dmesg: ['[   12.345678] usb 1-1: new device'] },
        instead: journal,
      })
      expect(result.status).toBe('ok')
    }
  })

  it('of a flood in the journal the newest lines are read, and that there are more is said', async () => {
    const asked: string[][] = []
    const flood = Array.from({ length: 200_000 }, () => 'Nov 26 11:00:01 box kernel: usb 1-1: new device')
    const { body } = await run({ programs: { _TRANSPORT: flood }, asked })
    expect(asked.find((argv) => argv.includes('_TRANSPORT=kernel'))).toContain('--lines=200000')
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ name: 'kernel log (journal)', complete: false }),
      ]),
    })
  })

  it('a flood of one kind pushes out neither a kill after it nor its own newest, and is said', async () => {
    const hung = (i: number): string =>
      `Nov 26 ${String(1 + Math.floor(i / 3600)).padStart(2, '0')}:${String(Math.floor(i / 60) % 60).padStart(2, '0')}:${String(i % 60).padStart(2, '0')} box kernel: INFO: task x:${i} blocked for more than 120 seconds.`
    const flood = Array.from({ length: 21_000 }, (_, i) => hung(i))
    const path = given('flood.log', [...flood, ...kernel].join('\n'))
    const { result, text, body } = await run({ options: { from: [path], output: '-' } })
    const events = body.events as { kind: string; message: string }[]
    expect(result.status).toBe('critical')
    expect(events).toHaveLength(20_000)
    expect(events.at(-1)?.kind).toBe('oom-kill')
    expect(events.at(-2)?.message).toContain('x:20999 ')
    expect(text.replace(/\s+/g, ' ')).toContain(
      'events: 1001 left out, the oldest of the commonest: 20000 entries, not all: time or size ran out',
    )
  })

  it('warning signs alone are a warning', async () => {
    const { result } = await run({
      programs: {
        _TRANSPORT: ['Nov 26 11:00:01 box kernel: INFO: task x:1 blocked for more than 120 seconds.'],
      },
    })
    expect(result.status).toBe('warning')
  })

  it('a container that the engine saw die, by its name', async () => {
    const dead = container({
      ...{
        id: 'c'.repeat(64),
        name: 'indexer',
        state: 'exited',
        exitCode: 137,
        oomKilled: true,
        restartCount: 4,
      },
      finishedAtMs: nowMs - 60_000,
    })
    const { body } = await run({ containers: value([dead]) })
    expect(body.suspects).toMatchObject([{ name: 'indexer', kind: 'container' }])
    expect(body.events).toMatchObject([{ kind: 'oom-kill', scope: 'container', exitCode: 137 }])
  })

  it('replaces secrets and escapes control characters, in every form', async () => {
    const path = given('secret.log', `${secretLine}\n`)
    for (const format of ['text', 'md', 'json', 'html']) {
      const { text, body } = await run({ options: { from: [path], format, output: '-' } })
      for (const secret of ['hunter2', 'p4ssw0rd', '\u001b']) expect(text, format).not.toContain(secret)
      expect(JSON.stringify(body)).not.toContain('hunter2')
    }
  })

  it('of given logs alone, gzip too, whatever their line ends; one that is missing is told', async () => {
    const packed = given('kern.log.gz', gzipSync(Buffer.from(kernel.join('\r\n'))))
    const { result, text, writes, body } = await run({ options: { from: [packed, join(top, 'nope')] } })
    expect(result.status).toBe('critical')
    expect(writes).toEqual([])
    expect(text).toContain('capture.service')
    expect(body.sections).toMatchObject({
      sources: [{ missing: null, lines: 5 }, { missing: expect.stringContaining('not there') }],
    })
  })

  it('when none of the given logs can be read it ends with 2 and names them', async () => {
    await expect(run({ options: { from: [join(top, 'nope')] } })).rejects.toMatchObject({
      code: exitCode.critical,
      message: expect.stringContaining('nope'),
    })
  })

  it('a log that is empty is not known, and said; one of a quiet day is fine', async () => {
    const [empty, calm] = [given('empty.log', ''), given('calm.log', `${quiet}\n`)]
    const { result, text, body } = await run({ options: { from: [empty], output: '-' } })
    expect(result.status).toBe('unknown')
    expect(text).toMatch(/^Investigation of .*\nby oratio-health /)
    expect(text).toMatch(/empty\.log: not read: it is empty/)
    expect(body.sections).toMatchObject({ sources: [{ missing: 'it is empty', lines: 0 }] })
    expect((await run({ options: { from: [calm] } })).result.status).toBe('ok')
    expect((await run({ options: { from: [calm, empty] } })).result.status).toBe('unknown')
    const found = await run({ options: { from: [empty, given('killed.log', kernel.join('\n'))] } })
    expect(found.result.status).toBe('critical')
  })

  it('a log that could be read in part only and has nothing is not known, and said', async () => {
    const noise = Array.from(
      { length: 20_000 },
      (_, i) => `Nov 26 11:00:01 box app[${i}]: all is well ${i * 7919}`,
    )
    const path = join(top, 'damaged.gz')
    const packed = gzipSync(noise.join('\n'))
    writeFileSync(path, packed.subarray(0, packed.length / 2))
    const { result } = await run({ options: { from: [path] } })
    expect(result.status).toBe('unknown')
    expect(result.text(view)).toContain('in what could be read; not all could')
  })

  it('200,000 lines with nothing in them, a line of 10 MB, and NULs', async () => {
    const path = given(
      'noise.log',
      `${'Nov 26 11:00:01 box app[1]: all is well\n'.repeat(200_000)}${'x'.repeat(10_000_000)}\n\0\0\n${kernel.join('\n')}\n`,
    )
    const { body } = await run({ options: { from: [path] } })
    expect(body.events).toHaveLength(1)
  })

  it('stays below 1 MB whatever it finds', async () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      kernel.map((line) =>
        line
          .replaceAll('1010', `${2000 + i}`)
          .replace('11:00:01', `10:${String(i % 60).padStart(2, '0')}:01`),
      ),
    ).flat()
    const { writes } = await run({ programs: { _TRANSPORT: many } })
    expect(Buffer.byteLength(writes[0]?.text ?? '')).toBeLessThan(1024 * 1024)
    expect(writes[0]?.text).toContain('earlier ones are left out here')
  })

  it('with --dry-run writes nothing, and says what it would', async () => {
    const options = { output: '/srv/re\u001bport.txt' }
    const { text, writes, body } = await run({ programs: { _TRANSPORT: kernel }, options, dryRun: true })
    expect(writes).toEqual([])
    expect(body.file).toBeNull()
    expect(text).toMatch(
      /^Found: 1 × killed for memory\.\n(?:.*\n)*DRY would write \/srv\/re\\x1bport\.txt\n$/,
    )
    expect((await run({ options })).writes).toHaveLength(1)
    expect((await run({ dryRun: true })).writes).toEqual([])
  })

  it('a format that is none is wrong usage', async () => {
    await expect(run({ options: { format: 'pdf' } })).rejects.toMatchObject({ code: exitCode.usage })
  })
})

const refused: Reading<LinesRead> = value({
  ...{ complete: true, lines: 0, modifiedAtMs: null, exitCode: 1 },
  words: 'Hint: You are currently not seeing messages from other users and the system.',
})
const kindsOf = (body: Record<string, unknown>): string[] =>
  (body.events as { kind: string }[]).map(({ kind }) => kind)

/** These files are of so many hours ago. */
const stamped =
  (hours: Record<string, number>) =>
  ({ root }: Host): object => {
    for (const [path, ago] of Object.entries(hours)) {
      const seconds = nowMs / 1000 - ago * 3600
      utimesSync(join(root, path), seconds, seconds)
    }
    return {}
  }

describe('each source', () => {
  it('without a journal the ring buffer and kern.log are read, and a kill in both is one', async () => {
    const { body } = await run({
      instead: { journalctl: missing },
      programs: { dmesg: kernel.map((line) => line.replace(/^.*kernel: /, '')) },
      files: { '/var/log/kern.log': `${kernel.join('\n')}\n` },
    })
    expect(kindsOf(body)).toEqual(['oom-kill'])
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ name: 'kernel log (dmesg)', lines: 5 }),
        expect.objectContaining({ name: '/var/log/kern.log', lines: 5 }),
      ]),
    })
  })

  it('boots without a shutdown before them (wtmp)', async () => {
    const boot = (time: string): string =>
      `reboot   system boot  6.1.0-28-amd64   Thu Nov 26 ${time} 2026   still running`
    const { body, result } = await run({
      commands: {
        'last -x -F -n 500 reboot shutdown': { stdout: [boot('11:30:00'), boot('08:00:00')].join('\n') },
      },
    })
    expect(kindsOf(body)).toEqual(['unclean-shutdown'])
    expect(result.status).toBe('critical')
  })

  it('what the firmware kept of a panic, and of a weak supply and heat', async () => {
    const { body } = await run({
      files: {
        '/sys/fs/pstore/dmesg-efi-1':
          'Panic#1 Part1\n<0>[  12.5] Kernel panic - not syncing: Fatal exception\n',
        '/sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n',
      },
      change: stamped({ '/sys/fs/pstore/dmesg-efi-1': 1 }),
    })
    expect(kindsOf(body).sort()).toEqual(['kernel-panic', 'thermal', 'under-voltage'])
  })

  it('a panic of the time asked for alone, also where systemd-pstore has moved it', async () => {
    const panic = 'Panic#1 Part1\n<0>[  12.5] Kernel panic - not syncing: Fatal exception\n'
    const archive = '/var/lib/systemd/pstore'
    const files = {
      '/sys/fs/pstore/dmesg-efi-1': panic.replace('Fatal', 'Old'),
      [`${archive}/1700000000/001/dmesg-efi-2`]: panic.replace('Fatal', 'Older'),
      [`${archive}/1795680000/001/dmesg-efi-3`]: panic,
      // The same, put together by systemd-pstore.
      [`${archive}/1795680000/001/dmesg.txt`]: panic,
      [`${archive}/dmesg.txt`]: panic.replace('Fatal', 'Ramoops'),
      [`${archive}/1795680000/a/b/dmesg.txt`]: panic.replace('Fatal', 'Deep'),
      '/root/other': panic.replace('Fatal', 'Linked'),
    }
    const hours = Object.fromEntries(
      Object.keys(files).map((path, i) => [path, [30, 9000, 3, 2, 1, 1, 1][i] ?? 0]),
    )
    const told = async (since?: number) => {
      const change = (host: Host): object => {
        symlinkSync(join(host.root, 'root/other'), join(host.root, archive, 'dmesg-9'))
        return stamped(hours)(host)
      }
      const { body, result } = await run({ files, change, options: since === undefined ? {} : { since } })
      return {
        said: (body.events as { message: string }[]).map(({ message }) => message),
        status: result.status,
      }
    }
    const words = (one: string): string => `Kernel panic - not syncing: ${one} exception`
    expect(await told()).toEqual({ said: [words('Fatal'), words('Ramoops')], status: 'critical' })
    expect(await told(1800)).toEqual({ said: [], status: 'ok' })
    expect((await told(2 * 86_400)).said).toEqual([words('Old'), words('Fatal'), words('Ramoops')])
  })

  it('a core dump, and a unit that failed, by the journal of the system', async () => {
    const entry = (more: object): string =>
      JSON.stringify({ __REALTIME_TIMESTAMP: `${(nowMs - 60_000) * 1000}`, ...more })
    const { body } = await run({
      programs: {
        MESSAGE_ID: [
          entry({
            SYSLOG_IDENTIFIER: 'systemd-coredump',
            COREDUMP_UNIT: 'web.service',
            MESSAGE: 'Process 7 (web) of user 0 dumped core.',
          }),
          entry({
            SYSLOG_IDENTIFIER: 'systemd',
            UNIT: 'bot.service',
            MESSAGE: "bot.service: Failed with result 'signal'.",
          }),
        ],
      },
    })
    expect(body.events).toMatchObject([
      { kind: 'trap', unit: 'web.service', pid: 7 },
      { kind: 'unit-failed', unit: 'bot.service' },
    ])
  })

  it('what a user sends as the words of systemd, a core dump or an OOM daemon is none', async () => {
    const by = (more: object): string =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: `${(nowMs - 60_000) * 1000}`,
        ...{ _TRANSPORT: 'journal', _UID: '1000', _PID: '4711', _COMM: 'systemd-oomd' },
        ...{ _SYSTEMD_UNIT: 'user@1000.service', UNIT: 'web.service', COREDUMP_UNIT: 'web.service' },
        ...more,
      })
    const failed = { SYSLOG_IDENTIFIER: 'systemd', MESSAGE: "web.service: Failed with result 'oom-kill'." }
    const dumped = {
      SYSLOG_IDENTIFIER: 'systemd-coredump',
      MESSAGE: 'Process 7 (web) of user 0 dumped core.',
    }
    const oomd = { SYSLOG_IDENTIFIER: 'systemd-oomd', MESSAGE: 'Killed /web.slice due to memory used' }
    const earlyoom = {
      SYSLOG_IDENTIFIER: 'earlyoom',
      MESSAGE: 'sending SIGKILL to process 1 uid 0 "a": oom_score 900, oom_score_adj 0, VmRSS 10 MiB',
    }
    const heap = {
      MESSAGE: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    }
    const forged = [failed, dumped, oomd, earlyoom, heap].map(by)
    // The systemd of root's own session is no init either.
    const session = by({ ...failed, _UID: '0', _SYSTEMD_UNIT: 'user@0.service' })
    const found = await run({ programs: { _TRANSPORT: [quiet], MESSAGE_ID: [...forged, session] } })
    expect(kindsOf(found.body)).toEqual([])
    expect(found.result.status).toBe('ok')
    const real = [
      by({ ...failed, _UID: '0', _PID: '1', _SYSTEMD_UNIT: 'init.scope' }),
      by({ ...dumped, _SYSTEMD_UNIT: 'systemd-coredump@0-7-1000.service' }),
      by({
        ...oomd,
        UNIT: undefined,
        COREDUMP_UNIT: undefined,
        _UID: '997',
        _SYSTEMD_UNIT: 'systemd-oomd.service',
      }),
      by({
        ...earlyoom,
        UNIT: undefined,
        COREDUMP_UNIT: undefined,
        _UID: '61184',
        _SYSTEMD_UNIT: 'earlyoom.service',
      }),
    ]
    const told = await run({ programs: { MESSAGE_ID: real } })
    expect(kindsOf(told.body).sort()).toEqual(['oom-kill', 'oom-kill', 'oom-kill', 'trap'])
  })

  it("asks for systemd's words of init alone", async () => {
    const asked: string[][] = []
    await run({ asked })
    const argv = asked.find((one) => one.includes('_PID=1')) ?? []
    const alternatives = argv.slice(argv.indexOf('_PID=1')).join(' ').split(' + ')
    expect(alternatives[0]).toMatch(/^_PID=1( MESSAGE_ID=\w{32}){3}$/)
    expect(alternatives[1]).toMatch(/^MESSAGE_ID=fc2e\w{28}$/)
  })

  it('that may not be read is named with the mend, and the others are read (half of the permissions are missing)', async () => {
    const { result, text, body } = await run({
      instead: { MESSAGE_ID: refused, _TRANSPORT: refused, dmesg: { ...refused } },
      files: { '/var/log/kern.log': `${kernel.join('\n')}\n` },
      options: { output: '-' },
    })
    expect(kindsOf(body)).toEqual(['oom-kill'])
    expect(result.status).toBe('critical')
    expect(text.replace(/\s+/g, ' ')).toContain(
      'journal of the system: not read: the journal may not be read by this user; run as root',
    )
    expect(text).toContain('could not be read: see SOURCES.')
  })

  it('that hangs or is corrupt is used as far as it came, and said', async () => {
    const cut: Reading<LinesRead> = value({
      complete: false,
      lines: 5,
      modifiedAtMs: null,
      exitCode: null,
      words: '',
    })
    const { body, text } = await run({
      programs: { _TRANSPORT: kernel },
      instead: { _TRANSPORT: cut },
      options: { output: '-' },
    })
    expect(kindsOf(body)).toEqual(['oom-kill'])
    expect(text).toContain('kernel log (journal): 5 entries, not all: time or size ran out')
  })
})

describe('logs of odd forms', () => {
  it('one of UTF-16, one with bytes of Latin-1 in it', async () => {
    const utf16 = given('utf16.log', Buffer.from(kernel.join('\r\n'), 'utf16le'))
    const latin = given(
      'latin.log',
      Buffer.from(['Nov 26 11:00:00 box app[1]: caf\xe9', ...kernel].join('\n'), 'latin1'),
    )
    for (const path of [utf16, latin])
      expect(kindsOf((await run({ options: { from: [path] } })).body)).toEqual(['oom-kill'])
  })

  it('one that grows while it is read is read as far as it reached', async () => {
    const path = given('grows.log', `${kernel.join('\n')}\n`)
    let lines = 0
    const read = await readFileLines(
      liveBase,
      path,
      () => {
        lines++
        appendFileSync(path, `${kernel[4]}\n`)
      },
      { maxMs: 10_000 },
    )
    expect(lines).toBe(5)
    expect(read).toMatchObject({ value: { complete: true, lines: 5 } })
  })
})
