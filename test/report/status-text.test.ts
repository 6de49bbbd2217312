import { describe, expect, it } from 'vitest'
import type { Status } from '../../src/core/finding.ts'
import type { JobState } from '../../src/core/job.ts'
import { absent, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import type { LeakVerdict, LeakVerdictKind } from '../../src/leak/series.ts'
import { inAscii } from '../../src/report/ascii.ts'
import { glyphsOf } from '../../src/report/glyphs.ts'
import type { ServiceStatus, StatusReport } from '../../src/report/status-report.ts'
import { type StatusView, statusText } from '../../src/report/status-text.ts'
import { textWidth } from '../../src/report/width.ts'
import { serviceFacts, serviceMemoryOf } from '../support/service-facts.ts'
import { finding } from './samples.ts'

const nowMs = 1_800_000_000_000
const [MiB, GiB] = [1024 ** 2, 1024 ** 3]
const hour = 3_600_000

const verdict = (kind: LeakVerdictKind, more: Partial<LeakVerdict> = {}): LeakVerdict => ({
  verdict: kind,
  slopeBytesPerMinute: 20 * MiB,
  slopeLow: 18 * MiB,
  slopeHigh: 22 * MiB,
  onsetAtMs: nowMs - hour,
  secondsToLimit: { best: 7800, low: 7000, high: 9000 },
  confidence: 0.9,
  reason: { code: 'grows-steadily', args: {} },
  ...more,
})

const points = Array.from({ length: 96 }, (_, i) => ({
  atMs: nowMs - (96 - i) * (hour / 4),
  floorBytes: (100 + i) * MiB,
  meanBytes: (100 + i) * MiB,
  peakBytes: (110 + i) * MiB,
  usedBytes: (120 + i) * MiB,
  limitBytes: 2 * GiB,
}))

const service = (
  name: string,
  more: Partial<ServiceStatus> = {},
  facts: Partial<ServiceFacts> = {},
): ServiceStatus => ({
  seen: {
    facts: serviceFacts({
      name,
      memory: value(serviceMemoryOf({ usedBytes: 1.5 * GiB, limitBytes: 2 * GiB })),
      ...facts,
    }),
    status: more.status ?? 'ok',
    findings: [],
    failedChecks: 0,
    action: null,
    atMs: nowMs - 23_000,
  },
  status: 'ok',
  isOld: false,
  points,
  verdict: verdict('stable'),
  restartsToday: 0,
  lastAction: null,
  culprit: null,
  ...more,
})

const leaky = service('electron-cash', {
  status: 'critical',
  verdict: verdict('leak'),
  restartsToday: 3,
  lastAction: { atMs: nowMs - 2 * hour, kind: 'restarted' },
})
const gone = service(
  'gone',
  { status: 'critical', points: [], verdict: null },
  { state: 'missing', memory: absent('memory'), stateDetail: '' },
)

const job = (command: string, more: Partial<JobState> = {}): JobState => ({
  command,
  lastRunAtMs: nowMs - 23_000,
  exitCode: 0,
  endedAtMs: nowMs - 22_000,
  isRunning: false,
  dueAtMs: nowMs + 37_000,
  isOverdue: false,
  ...more,
})

const report = (services: ServiceStatus[], more: Partial<StatusReport> = {}): StatusReport => ({
  hostname: 'box',
  nowMs,
  status: services.some(({ status }) => status === 'critical') ? 'critical' : 'ok',
  seen: {
    host: { atMs: nowMs - 23_000, status: 'ok', findings: [] },
    isOld: false,
    oldAfterMs: 180_000,
    everyMs: 60_000,
  },
  trouble: null,
  services,
  jobs: [job('check')],
  ...more,
})

const textOf = (of: StatusReport, view: Partial<StatusView> = {}): string =>
  statusText(of, { columns: 80, color: false, verbose: false, glyphs: 'unicode', rows: null, ...view })

const unpainted = (text: string): string => text.replace(/\u001b\[\d+m/g, '')

describe('status', () => {
  it('shows state, memory of the limit, the day, growth and the time to the limit at 80 columns', () => {
    const text = textOf(report([service('db'), leaky]))
    const [, row] = text.split('Services\n')[1]?.split('\n') ?? []
    expect(row).toBe('! electron-cash  1.5 GiB  ███░ 75%  ▁▂▂▃▄▄▅▅▆▇▇█  20.0 MiB/min    2h 10m')
    expect(text).toMatch(
      /^CRITICAL {2}box {2}2 services: 1 critical\nseen \S+ \S+, 23s ago; a check every 1m\n/,
    )
    expect(text).toMatch(/\n {2}check {2}23s ago {3}ok {5}in 37s\n/)
  })

  it('shows restarts, limit and the last action where there is room', () => {
    const text = textOf(report([leaky]), { columns: 140 })
    for (const part of ['2.0 GiB', '3 today', 'restarted 2h ago', '████████░░ 75%'])
      expect(text).toContain(part)
  })

  it('has a card for each service on a narrow terminal', () => {
    const text = textOf(report([leaky]), { columns: 40 })
    expect(text).toContain('! electron-cash            running  CRIT\n  1.5 GiB of 2.0 GiB  75%\n')
    expect(text).toContain('  grows by 20.0 MiB/min, limit in 2h 10m\n')
    expect(text).toContain('  restarts today 3; restarted 2h ago\n')
    expect(text).toMatch(/\n {2}▁[▁-█]+█ {2}24 h\n/)
  })

  it('marks who grows, below its service, however long its name', () => {
    const one = service('db', { verdict: verdict('leak'), culprit: `${'x'.repeat(200)} (7), +1.4 GiB` })
    for (const columns of [40, 80]) {
      const line = textOf(report([one]), { columns })
        .split('\n')
        .find((text) => text.includes('xxx'))
      expect(line).toMatch(/^ {2}x+… ← culprit$/)
      expect(line).toHaveLength(columns)
    }
    expect(textOf(report([{ ...one, verdict: verdict('stable') }]))).not.toContain('culprit')
  })

  it('has a column of states as soon as one does not run', () => {
    expect(textOf(report([leaky]))).not.toContain('running')
    const text = textOf(report([leaky, gone]))
    expect(text).toMatch(/! gone +missing +– /)
    expect(text).toMatch(/! electron-cash +running +1\.5 GiB/)
    expect(text).toContain('2h 10m')
  })

  it.each([40, 72, 80, 100, 120, 140])(
    'is no wider than %i columns, whatever a service is called',
    (columns) => {
      const names = [
        '',
        'a b',
        '漢字'.repeat(40),
        '\u001b[31mred',
        'x\ny\rz',
        '\u202eevil',
        '__proto__',
        'e\u0301'.repeat(99),
      ]
      const services = names.flatMap((name) => [
        service(name, { status: 'warning', verdict: verdict('leak'), culprit: `${name} ← culprit` }),
        service(name, { status: 'unknown', isOld: true }),
      ])
      const bad = finding('memory', 'level', 'critical', {
        value: 99,
        unit: 'percent',
        item: names[2] as string,
      })
      for (const one of services) one.seen.findings = [bad]
      for (const color of [false, true]) {
        const text = textOf(report(services, { hostname: '\u001b]0;x\u0007' }), { columns, color })
        const lines = unpainted(text).split('\n')
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns)
        expect(unpainted(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      }
    },
  )

  it('has the same text without colour, and tells the bad ones by a mark', () => {
    const all = report([leaky, gone, service('db')])
    expect(unpainted(textOf(all, { color: true }))).toBe(textOf(all))
    expect(textOf(all, { color: true })).toContain('\u001b[31m')
    expect(textOf(all)).toMatch(/\n {2}db /)
  })

  it('is ASCII alone where the terminal has nothing else', () => {
    for (const columns of [40, 80, 140]) {
      const db = service('db', { culprit: 'x ← culprit', verdict: verdict('leak') })
      const text = inAscii(textOf(report([leaky, gone, db]), { columns, glyphs: 'ascii' }))
      expect(text).toMatch(/^[\n\x20-\x7e]*$/)
    }
  })

  it('says of an old record that it is old, and no problems that may be over', () => {
    const bad = finding('memory', 'level', 'critical', { value: 99, unit: 'percent' })
    const old = { ...service('db', { status: 'unknown', isOld: true }) }
    old.seen = { ...old.seen, atMs: nowMs - 3 * hour, status: 'critical', findings: [bad] }
    const host = { atMs: nowMs - 3 * hour, status: 'critical' as Status, findings: [bad] }
    const text = textOf(
      report([old], { status: 'unknown', seen: { host, isOld: true, oldAfterMs: 180_000, everyMs: 60_000 } }),
    )
    expect(text).toMatch(/^UNKNOWN {2}box/)
    expect(text).toContain('3h ago; a check every 1m: too old')
    expect(text).toContain('last seen 3h ago, then critical')
    expect(text).not.toContain('Problems')
  })

  it('says why there is nothing, and what to do', () => {
    const text = textOf(
      report([], { status: 'unknown', seen: null, jobs: [], trouble: { what: 'no check', mend: 'run it' } }),
    )
    expect(text).toBe('UNKNOWN  box  nothing is known\n  UNKN  no check — run it\n')
    expect(textOf(report([]))).toContain('Services\n  none in the last check\n')
  })

  it('tells how each job ended and when it is due', () => {
    const text = textOf(
      report([], {
        jobs: [
          job('a', { exitCode: 78 }),
          job('b', { exitCode: null, endedAtMs: null }),
          job('c', { exitCode: null, endedAtMs: null, isRunning: true, dueAtMs: null }),
          job('d', { isOverdue: true, dueAtMs: nowMs - hour }),
          job('e', { lastRunAtMs: null, exitCode: null, isOverdue: true }),
          job('f', { exitCode: 75, dueAtMs: nowMs - 1 }),
          job('g', { exitCode: 143 }),
        ],
      }),
    )
    const lines = text.split('Jobs\n')[1]?.split('\n').slice(1) ?? []
    expect(lines.map((line) => line.replace(/ {2,}/g, '|'))).toEqual([
      '|a|23s ago|config invalid|in 37s',
      '|b|23s ago|was killed|in 37s',
      '|c|23s ago|runs now|not scheduled',
      '! d|23s ago|ok|overdue by 1h',
      '! e|none recorded|–|never ran',
      '|f|23s ago|status 75|now',
      '|g|23s ago|was interrupted|in 37s',
      '',
    ])
    expect(text).toContain('2 jobs overdue')
  })

  it('tells on a narrow terminal rather how a job ended than when it is due, and never more than fits', () => {
    const jobs = [job('kill-orphans', { dueAtMs: null }), job('check', { exitCode: null, dueAtMs: null })]
    const narrow = textOf(report([], { jobs }), { columns: 40 }).split('Jobs\n')[1] ?? ''
    expect(narrow).toMatch(/check +23s ago +was killed\n/)
    const never = job('journal-limits', { lastRunAtMs: null, exitCode: null, isOverdue: true, dueAtMs: null })
    for (const line of textOf(report([], { jobs: [never] }), { columns: 40 }).split('\n'))
      expect(line.length).toBeLessThanOrEqual(40)
  })

  it('of 200 services shows the bad ones and the first thirty, all with -v', () => {
    const many = Array.from({ length: 200 }, (_, i) =>
      service(`s${i}`, i % 5 === 0 ? { status: 'warning' as Status } : {}),
    )
    const text = textOf(report(many))
    expect(text.match(/^! s\d+/gm)).toHaveLength(40)
    expect(text).toContain('… and 160 more, all well; -v shows them')
    expect(textOf(report(many), { verbose: true }).match(/^[! ] s\d+/gm)).toHaveLength(200)
  })

  it('fits a screen: whole services, the rest counted, and what is wrong below', () => {
    const bad = finding('memory', 'level', 'critical', { value: 99, unit: 'percent' })
    const many = Array.from({ length: 200 }, (_, i) => service(`s${i}`, { status: 'critical' }))
    for (const one of many) one.seen.findings = [bad]
    for (const [columns, rows] of [
      [40, 12],
      [80, 24],
      [140, 60],
    ] as const) {
      const text = textOf(report(many), { columns, rows })
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(rows)
      expect(text).toMatch(/… and \d+ more\n/)
      expect(text).toContain('Problems')
    }
  })
})

describe('what a terminal can show', () => {
  it.each([
    [{}, 'unicode'],
    [{ LANG: 'en_US.UTF-8' }, 'unicode'],
    [{ LANG: 'C.utf8' }, 'unicode'],
    [{ LANG: 'C' }, 'ascii'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, 'ascii'],
    [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, 'unicode'],
    [{ LANG: 'de_DE.ISO-8859-1' }, 'ascii'],
    [{ TERM: 'linux', LANG: 'C.UTF-8' }, 'console'],
  ])('%o: %s', (env, glyphs) => {
    expect(glyphsOf(env)).toBe(glyphs)
  })
})
