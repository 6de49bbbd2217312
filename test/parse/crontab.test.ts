import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCrontab } from '../../src/parse/crontab.ts'

/** Debian 12's own /etc/crontab, shortened. */
const debian = `# /etc/crontab: system-wide crontab
SHELL=/bin/sh
# You can also override PATH, but by default, newer versions inherit it from the environment
#PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
25 6	* * *	root	test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
#
`

describe('parseCrontab', () => {
  it('reads a system crontab', () => {
    const crontab = parseCrontab(debian, 'system')
    expect(crontab).toMatchObject({ faults: [], endsWithNewline: true, windowsLineEnds: false })
    expect(crontab.entries).toMatchObject([
      { line: 6, timing: '17 * * * *', user: 'root', command: 'cd / && run-parts --report /etc/cron.hourly' },
      { line: 7, timing: '25 6 * * *', user: 'root', schedule: { minutes: [25], hours: [6] } },
    ])
    expect([...(crontab.entries[0]?.environment ?? [])]).toEqual([['SHELL', '/bin/sh']])
  })

  it('gives each line the assignments above it, not those below', () => {
    const { entries } = parseCrontab(
      'MAILTO=a\n* * * * * one\n"MAILTO" = "b c" \n X=\'\'\n@hourly two\nMAILTO=d # no comment\n',
      'user',
    )
    expect(entries.map((e) => [...e.environment])).toEqual([
      [['MAILTO', 'a']],
      [
        ['MAILTO', 'b c'],
        ['X', ''],
      ],
    ])
    expect(entries[1]).toMatchObject({ timing: '@hourly', schedule: { minutes: [0] }, user: null })
  })

  it('reads @reboot, and no time of its own', () => {
    expect(parseCrontab('@reboot root /bin/x\n', 'system').entries).toMatchObject([
      { schedule: 'reboot', user: 'root', command: '/bin/x' },
    ])
  })

  it.each([
    ['mail -s hi joe%Joe,%%bye%', 'mail -s hi joe', 'Joe,\n\nbye\n'],
    ['date +\\%Y\\%m >> /x', 'date +%Y%m >> /x', null],
    ['date +%Y', 'date +', 'Y'],
    ['a \\\\% b', 'a \\\\', ' b'],
    ['a \\n \\', 'a \\n \\', null],
    ['%', '', ''],
    ['a%b\\%c', 'a', 'b%c'],
  ])('%% in %j', (written, command, input) => {
    expect(parseCrontab(`* * * * * ${written}\n`, 'user').entries).toMatchObject([{ command, input }])
  })

  it('knows no line continuation', () => {
    const crontab = parseCrontab('* * * * * one \\\n  && two\n', 'user')
    expect(crontab.entries).toMatchObject([{ line: 1, command: 'one \\' }])
    expect(crontab.faults).toMatchObject([{ line: 2, text: '  && two' }])
  })

  it('tells Windows line ends and keeps the carriage return out of the data', () => {
    const crontab = parseCrontab('A=b\r\n\r\n* * * * * one\r\n', 'user')
    expect(crontab).toMatchObject({
      windowsLineEnds: true,
      faults: [],
      entries: [{ line: 3, command: 'one' }],
    })
    expect(crontab.entries[0]?.environment.get('A')).toBe('b')
  })

  it('tells a missing newline at the end', () => {
    expect(parseCrontab('* * * * * one', 'user')).toMatchObject({
      endsWithNewline: false,
      entries: [{ command: 'one' }],
    })
    expect(parseCrontab('', 'user').endsWithNewline).toBe(true)
  })

  // Each seen refused by Debian 12's `crontab -n`, but for the lines without a command.
  it.each([
    ['MAILTO=', 'user', 'fewer than five time fields'],
    ['A="x', 'user', 'fewer than five time fields'],
    ["A='x' y", 'user', 'fewer than five time fields'],
    ['A B=c', 'user', 'fewer than five time fields'],
    ['hello', 'user', 'fewer than five time fields'],
    ['* * * * true', 'user', '`true` is no day of the week'],
    ['\u00a0* * * * * x', 'user', '`\u00a0*` is no minute'],
    ['\ufeff* * * * * x', 'user', '`\ufeff*` is no minute'],
    ['@Hourly x', 'user', '`@Hourly` is no time'],
    ['@every_minute x', 'user', '`@every_minute` is no time'],
    ['@constructor x', 'user', '`@constructor` is no time'],
    ['-* * * * * x', 'user', '`-*` is no minute'],
    ['* * * * *', 'user', 'no command'],
    ['* * * * * root', 'system', 'no user or no command'],
    [`* * * * * ${'x'.repeat(999)}`, 'user', 'the command is longer than 998'],
  ] as const)('%j in a %s crontab', (line, form, message) => {
    expect(parseCrontab(`# first\n${line}\n`, form)).toMatchObject({
      entries: [],
      faults: [{ line: 2, text: line, message }],
    })
  })

  it("takes cronie's dash in a system crontab", () => {
    expect(parseCrontab('-*/5 * * * * root x\n', 'system').entries).toMatchObject([{ timing: '*/5 * * * *' }])
  })

  it('stops where cron stops, at 10000 lines', () => {
    const crontab = parseCrontab('* * * * * x\n'.repeat(10_001), 'user')
    expect(crontab.entries).toHaveLength(10_000)
    expect(crontab.faults).toMatchObject([{ line: 10_001, message: 'more than 10000 lines' }])
    expect(parseCrontab('* * * * * x\n'.repeat(10_000), 'user').faults).toEqual([])
  })

  it('keeps __proto__ an ordinary name', () => {
    const { entries } = parseCrontab('__proto__=x\n* * * * * y\n', 'user')
    expect([...(entries[0]?.environment ?? [])]).toEqual([['__proto__', 'x']])
  })

  it('never throws, and accounts for every line that is not blank, comment or assignment', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '* * * * * ',
        '@daily ',
        '\n',
        '\r\n',
        'A=b',
        '"',
        "'",
        '=',
        '%',
        '\\',
        '#',
        ' ',
        '\t',
        'root ',
        '*/5',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom('user', 'system'), (pieces, form) => {
        const text = pieces.join('')
        const { entries, faults } = parseCrontab(text, form as 'user' | 'system')
        const numbers = [...entries, ...faults].map((found) => found.line)
        expect(new Set(numbers).size).toBe(numbers.length)
        // cron's blanks are space and tab alone: a line of a vertical tab is a fault.
        for (const line of numbers) expect(text.split('\n')[line - 1]).not.toMatch(/^[ \t\r]*$/)
        for (const entry of entries) expect(entry.user === null).toBe(form === 'user')
      }),
      { numRuns: 200 },
    )
  })

  it('stays linear on long runs of blanks, quotes and stars', () => {
    for (const hostile of [
      `A=b${' '.repeat(500_000)}c`,
      `"${'"'.repeat(500_000)}`,
      `A${' '.repeat(500_000)}`,
      `${'*,'.repeat(200_000)} * * * * x`,
    ])
      expect(parseCrontab(hostile, 'user').endsWithNewline).toBe(false)
  })
})
