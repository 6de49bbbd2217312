import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding, Status } from '../../src/core/finding.ts'
import { findingKey, maxTold, readTold, type ToldProblem } from '../../src/core/told.ts'
import { type Observed, type Transition, transition } from '../../src/core/transition.ts'

const minute = 60_000
const remind = 6 * 3600
const start = 1_769_850_000_000

const finding = (status: Status, more: Partial<Finding> = {}): Finding => ({
  check: 'memory',
  code: 'level',
  status,
  value: 96,
  unit: 'percent',
  warn: 85,
  crit: 95,
  ...more,
})
const of = (service: string | null, ...findings: Finding[]): Observed[] =>
  findings.map((one) => ({ service, finding: one }))
const unreadable = finding('unknown', { code: 'unreadable', value: null })

/** Runs through a series of observations a minute apart; the last transition. */
const runThrough = (...runs: Observed[][]): Transition => {
  let told: ToldProblem[] = []
  let last: Transition = { tell: [], recovered: [], unwatched: [], told, beyondBound: 0 }
  runs.forEach((current, i) => {
    last = transition(told, current, start + i * minute, remind)
    // What is remembered goes through a file.
    told = readTold(JSON.parse(JSON.stringify(last.told)))
  })
  return last
}
const kinds = ({ tell }: Transition): string[] => tell.map((one) => one.kind)

describe('transition', () => {
  it('tells a new problem once, not every minute', () => {
    expect(kinds(runThrough(of('db', finding('warning'))))).toEqual(['new'])
    expect(kinds(runThrough(of('db', finding('warning')), of('db', finding('warning'))))).toEqual([])
  })

  it('says nothing of what is well', () => {
    expect(runThrough(of('db', finding('ok')))).toMatchObject({
      tell: [],
      recovered: [],
      told: [],
      beyondBound: 0,
    })
  })

  it('tells a change of degree, for the worse and for the better', () => {
    expect(kinds(runThrough(of('db', finding('warning')), of('db', finding('critical'))))).toEqual([
      'changed',
    ])
    expect(kinds(runThrough(of('db', finding('critical')), of('db', finding('warning'))))).toEqual([
      'changed',
    ])
  })

  it('reminds when the time is up, and then starts to count anew', () => {
    const first = transition([], of('db', finding('critical')), start, remind)
    const same = of('db', finding('critical'))
    expect(kinds(transition(first.told, same, start + remind * 1000 - 1, remind))).toEqual([])
    const reminder = transition(first.told, same, start + remind * 1000, remind)
    expect(reminder.tell).toMatchObject([{ kind: 'reminder', sinceMs: start }])
    expect(kinds(transition(reminder.told, same, start + remind * 1000 + minute, remind))).toEqual([])
  })

  it('tells a recovery once, with how long it was', () => {
    const end = runThrough(
      of('db', finding('critical')),
      of('db', finding('critical')),
      of('db', finding('ok')),
    )
    expect(end.recovered).toMatchObject([{ problem: { service: 'db', status: 'critical' }, forSeconds: 120 }])
    expect(end.told).toEqual([])
    expect(
      runThrough(of('db', finding('warning')), of('db', finding('ok')), of('db', finding('ok'))).recovered,
    ).toEqual([])
  })

  it('counts what is no longer there as over', () => {
    expect(runThrough(of('db', finding('warning')), of('web', finding('ok'))).recovered).toHaveLength(1)
  })

  it('does not take "cannot be measured" for a recovery: told once, then the problem is still known', () => {
    const blind = runThrough(of('db', finding('critical')), of('db', unreadable))
    expect(blind.tell).toMatchObject([{ kind: 'new', finding: { code: 'unreadable' } }])
    expect(blind.recovered).toEqual([])
    const stillBlind = runThrough(of('db', finding('critical')), of('db', unreadable), of('db', unreadable))
    expect(stillBlind).toMatchObject({ tell: [], recovered: [] })
    const backAgain = runThrough(
      of('db', finding('critical')),
      of('db', unreadable),
      of('db', finding('critical')),
    )
    expect(backAgain.tell).toEqual([])
    expect(backAgain.recovered).toMatchObject([{ problem: { code: 'unreadable' }, forSeconds: 60 }])
    const wellAgain = runThrough(of('db', finding('critical')), of('db', unreadable), of('db', finding('ok')))
    expect(wellAgain.recovered.map((one) => one.problem.code).sort()).toEqual(['level', 'unreadable'])
  })

  it('is silent on growth of which there are too few samples yet, and takes that for no recovery', () => {
    const growth = (status: Status, code: string): Finding => finding(status, { check: 'growth', code })
    const young = growth('unknown', 'insufficient')
    expect(runThrough(of('db', young))).toMatchObject({ tell: [], recovered: [], told: [] })
    // A leak, the service started anew, and then what came of it.
    const leak = of('db', growth('critical', 'leak'))
    const waiting = runThrough(leak, of('db', young))
    expect(waiting).toMatchObject({ tell: [], recovered: [], told: [{ code: 'leak' }] })
    expect(runThrough(leak, of('db', young), leak).tell).toEqual([])
    expect(runThrough(leak, of('db', young), of('db', growth('ok', 'stable'))).recovered).toHaveLength(1)
    // What else was wrong with it may well be over meanwhile.
    const down = finding('critical', { check: 'state', code: 'stopped' })
    expect(runThrough(of('db', down), of('db', young)).recovered).toHaveLength(1)
    // Growth that nothing is recorded of, is news.
    expect(runThrough(of('db', growth('unknown', 'no-history'))).tell).toHaveLength(1)
  })

  it('keeps the problems of a service that cannot be asked at all', () => {
    const noEngine = of('db', { ...unreadable, check: 'state' })
    expect(runThrough(of('db', finding('critical')), noEngine)).toMatchObject({
      recovered: [],
      told: [{}, {}],
    })
  })

  it('tells one fault of a thing that takes the place of another as a change', () => {
    const restarting = finding('warning', { check: 'state', code: 'restarting', value: null })
    const failed = finding('critical', { check: 'state', code: 'failed', value: null })
    const change = runThrough(of('db', restarting), of('db', failed))
    expect(change.tell).toMatchObject([{ kind: 'changed', sinceMs: start }])
    expect(change.recovered).toEqual([])
  })

  it('still tells the recovery of one fault while another, older one of the same check stays', () => {
    const noLimit = finding('warning', { code: 'no-limit', value: null })
    const end = runThrough(of('db', finding('critical'), noLimit), of('db', noLimit))
    expect(end.recovered).toMatchObject([{ problem: { code: 'level' } }])
  })

  it('tells several things of one check apart', () => {
    const disk = (item: string, status: Status): Finding => finding(status, { check: 'disks', item })
    const end = runThrough(
      of(null, disk('/', 'warning'), disk('/tmp', 'critical')),
      of(null, disk('/', 'warning')),
    )
    expect(end).toMatchObject({ tell: [], recovered: [{ problem: { item: '/tmp' } }], told: [{ item: '/' }] })
  })

  it('leaves alone what a run was not asked for', () => {
    const first = transition(
      [],
      [...of('db', finding('critical')), ...of(null, finding('warning'))],
      start,
      remind,
    )
    const other = transition(first.told, of('web', finding('ok')), start + minute, remind, ['web'])
    expect(other).toMatchObject({ tell: [], recovered: [] })
    expect(other.told).toHaveLength(2)
  })

  it('takes the name of a service for its replicas', () => {
    const first = transition([], of('db/2', finding('critical')), start, remind)
    const next = transition(first.told, of('db/1', finding('ok')), start + minute, remind, ['db'])
    expect(next.recovered).toHaveLength(1)
  })

  it('tells a service that was taken out of the config as no longer watched, once, and not as recovered', () => {
    const first = transition([], of('db/2', finding('critical')), start, remind, null, ['db', 'web'])
    const kept = readTold(JSON.parse(JSON.stringify(first.told)))
    const without = (named: string[], seen = of('web', finding('ok'))) =>
      transition(kept, seen, start + minute, remind, null, named)
    const gone = { tell: [], recovered: [], unwatched: [{ problem: { service: 'db/2' }, forSeconds: 60 }] }
    expect(without(['web'])).toMatchObject({ ...gone, told: [] })
    expect(without([], of(null, finding('ok')))).toMatchObject(gone)
    // It is in the config, or still seen without one.
    expect(without(['db', 'web'])).toMatchObject({ recovered: [{}], unwatched: [] })
    expect(without([], of('db/2', finding('ok')))).toMatchObject({ recovered: [{}], unwatched: [] })
    // A run that was asked for others keeps it; a unit that was found as it had failed, and is not found now, is well.
    const other = transition(kept, of('web', finding('ok')), start + minute, remind, ['web'], ['web'])
    expect(other).toMatchObject({ recovered: [], unwatched: [], told: [{ service: 'db/2' }] })
    const failedUnit = transition([], of('x.service', finding('critical')), start, remind)
    const repaired = transition(failedUnit.told, of(null, finding('ok')), start + minute, remind)
    expect(repaired).toMatchObject({ recovered: [{}], unwatched: [] })
  })

  it('does not take a container for gone when containers could not be listed', () => {
    const noList = of(null, finding('unknown', { check: 'containers', code: 'unreadable', value: null }))
    const blind = runThrough(of('db', finding('critical')), noList)
    expect(blind).toMatchObject({ recovered: [], tell: [{ finding: { check: 'containers' } }] })
    expect(runThrough(of('db', finding('critical')), noList, of('db', finding('critical'))).tell).toEqual([])
    expect(runThrough(of('db', finding('critical')), of(null, finding('ok'))).recovered).toHaveLength(1)
  })

  it('forgets what no run has looked at for a week', () => {
    const first = transition([], of('db', finding('critical')), start, remind)
    const later = transition(first.told, of('web', finding('ok')), start + 7 * 86_400_000, remind, ['web'])
    expect(later).toMatchObject({ recovered: [], told: [] })
  })

  it('is not silenced by stamps in the future when the clock was set back', () => {
    const first = transition([], of('db', finding('critical')), start + 86_400_000, remind)
    const setBack = transition(first.told, of('db', finding('critical')), start, remind)
    expect(setBack.tell).toMatchObject([{ kind: 'reminder', sinceMs: start }])
    expect(kinds(transition(setBack.told, of('db', finding('critical')), start + minute, remind))).toEqual([])
    expect(transition(first.told, of('db', finding('ok')), start, remind).recovered).toMatchObject([
      { forSeconds: 0 },
    ])
  })

  it('remembers at most 2,000 problems, the worst ones, and tells no other', () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      finding('warning', { check: 'folders', item: `/srv/${i}` }),
    )
    const first = transition([], of(null, ...many), start, remind)
    expect([first.tell.length, first.told.length, first.beyondBound]).toEqual([maxTold, maxTold, 1000])
    const worst = finding('critical', { check: 'folders', item: '/srv/2999' })
    const next = transition(first.told, of(null, ...many.slice(0, 2999), worst), start + minute, remind)
    expect(next.tell).toMatchObject([{ kind: 'new', finding: { item: '/srv/2999' } }])
    expect(next.told).toHaveLength(maxTold)
  })
})

describe('findingKey', () => {
  it('tells names with separators, control characters and great length apart', () => {
    const keys = [
      findingKey('a|b', { check: 'c', code: 'd' }),
      findingKey('a', { check: 'b|c', code: 'd' }),
      findingKey('a\\', { check: 'b|c', code: 'd' }),
      findingKey(null, { check: 'c', code: 'd', item: `${'x'.repeat(4000)}1` }),
      findingKey(null, { check: 'c', code: 'd', item: `${'x'.repeat(4000)}2` }),
      findingKey('host', { check: 'c', code: 'd' }),
      findingKey(null, { check: 'c', code: 'd' }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(300)
  })
})

describe('readTold', () => {
  const whole = transition([], of('db', finding('critical')), start, remind).told[0] as ToldProblem

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'told'],
    ['an object', { 0: whole }],
    ['entries of other shapes', [null, 1, 'x', [], {}, { ...whole, status: 'ok' }, { ...whole, key: 1 }]],
    [
      'broken stamps',
      [
        { ...whole, sinceMs: Number.NaN },
        { ...whole, toldAtMs: '1' },
      ],
    ],
  ])('makes nothing of %s', (_, stored) => {
    expect(readTold(stored)).toEqual([])
  })

  it('keeps the whole entries of a list', () => {
    expect(readTold([{}, whole])).toEqual([whole])
  })
})

describe('properties', () => {
  const anyFinding = fc.record({
    check: fc.constantFrom('memory', 'state', 'disks'),
    code: fc.constantFrom('level', 'unreadable', 'failed'),
    status: fc.constantFrom<Status>('ok', 'warning', 'critical', 'unknown'),
    item: fc.constantFrom('/', '/tmp'),
    value: fc.constant(null),
    unit: fc.constant(null),
    warn: fc.constant(null),
    crit: fc.constant(null),
  })
  const anyRun = fc.array(fc.record({ service: fc.constantFrom(null, 'db', 'web'), finding: anyFinding }), {
    maxLength: 12,
  })

  it('every problem is told or remembered; none is recovered while it is there; a same run tells nothing', () => {
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 6 }), (runs) => {
        const last = runThrough(...runs)
        const current = runs.at(-1) ?? []
        const known = new Set(last.told.map((told) => told.key))
        const bad = current.filter((one) => one.finding.status !== 'ok')
        for (const one of bad) expect(known).toContain(findingKey(one.service, one.finding))
        for (const { problem } of last.recovered) expect(known).not.toContain(problem.key)
        expect(new Set(last.told.map((told) => told.key)).size).toBe(last.told.length)
        expect(runThrough(...runs, current).tell).toEqual([])
      }),
    )
  })
})
