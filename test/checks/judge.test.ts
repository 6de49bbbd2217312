import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyHostCheck, AnyServiceCheck } from '../../src/checks/check.ts'
import { configNameOf, judgeHost, judgeServices, readHostChecks } from '../../src/checks/judge.ts'
import { serviceChecks } from '../../src/checks/registry.ts'
import { flag, percent, record, threshold } from '../../src/core/field.ts'
import { worstStatus } from '../../src/core/finding.ts'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { capturedHost } from '../support/captured-host.ts'
import { serviceFacts, serviceMemoryOf } from '../support/service-facts.ts'

const limits = record('x', { warn: threshold(percent('x', 50)) })

const check = (name: string, read: AnyHostCheck['read'], more: Partial<AnyHostCheck> = {}): AnyHostCheck => ({
  scope: 'host',
  name,
  limits,
  read,
  judge: (facts, given) => [
    { check: name, code: 'level', status: 'ok', value: facts, unit: null, warn: given.warn, crit: null },
  ],
  ...more,
})

const run = async (
  checks: AnyHostCheck[],
  given: Record<string, unknown> = {},
  remembered: Record<string, unknown> = {},
) => {
  const runs = await readHostChecks(capturedHost(), checks, given, remembered)
  return { runs, findings: judgeHost(runs) }
}

describe('the checks of the host', () => {
  it('are read in their order, with their own limits or the defaults', async () => {
    const { findings } = await run([check('a', () => value(1)), check('b', async () => value(2))], {
      b: { warn: 7 },
    })
    expect(findings).toMatchObject([
      { check: 'a', value: 1, warn: 50 },
      { check: 'b', value: 2, warn: 7 },
    ])
  })

  it('what is not there is said and fine, what failed is unknown', async () => {
    const { findings } = await run([
      check('a', () => absent('swap')),
      check('b', () => failed('denied', '/proc/x', 'EACCES')),
    ])
    expect(findings).toMatchObject([
      { check: 'a', code: 'absent', status: 'ok', args: { what: 'swap' } },
      { check: 'b', code: 'unreadable', status: 'unknown', args: { cause: 'denied', what: '/proc/x' } },
    ])
  })

  it('a defect in one is unknown and does not stop the others', async () => {
    const broken = () => {
      throw new TypeError('x is undefined')
    }
    const { findings } = await run([
      check('reads', broken),
      check('rejects', () => Promise.reject(new Error('later'))),
      check('judges', () => value(1), { judge: broken }),
      check('remembers', () => value(1), { remember: broken }),
      check('fine', () => value(1)),
    ])
    expect(findings.map(({ check, code, status }) => [check, code, status])).toEqual([
      ['reads', 'defect', 'unknown'],
      ['rejects', 'defect', 'unknown'],
      ['judges', 'defect', 'unknown'],
      ['remembers', 'defect', 'unknown'],
      ['fine', 'level', 'ok'],
    ])
    expect(findings[0]?.args).toMatchObject({
      message: 'x is undefined',
      stack: expect.stringContaining('judge.test.ts'),
    })
  })

  it('remember for the next run, and keep what they had when they could not read', async () => {
    const seen: unknown[] = []
    const counting = check(
      'a',
      (_host, _limits, previous) => {
        seen.push(previous)
        return value(5)
      },
      { remember: (facts) => ({ last: facts }) },
    )
    const failing = check('b', () => failed('io', 'x', 'y'), { remember: () => 'new' })
    const throwing = check('c', () => {
      throw new Error('x')
    })
    const { runs } = await run([counting, failing, throwing], {}, { a: { last: 4 }, b: 'old', c: 'old' })
    expect(seen).toEqual([{ last: 4 }])
    expect(runs.map(({ remember }) => remember)).toEqual([{ last: 5 }, 'old', 'old'])
    expect((await run([check('d', () => value(1))])).runs[0]?.remember).toBeNull()
  })

  it('names that JavaScript has, too, are no limits and no memory', async () => {
    const seen: unknown[] = []
    const odd = check('constructor', (_host, given, previous) => {
      seen.push(given, previous)
      return value(1)
    })
    await run([odd])
    expect(seen).toEqual([{ warn: 50 }, null])
  })

  it('are timed', async () => {
    let elapsedMs = 100
    const host = { ...capturedHost(), elapsedMs: () => elapsedMs }
    const slow = check('slow', () => {
      elapsedMs += 30
      return value(1)
    })
    const quick = check('quick', () => value(1))
    const runs = await readHostChecks(host, [slow, quick], {}, {})
    expect(runs.map(({ tookMs }) => tookMs)).toEqual([30, 0])
  })
})

describe('the checks of the services', () => {
  const seenBy = (key: string | null, feature?: string) => {
    const seen: unknown[] = []
    const probe: AnyServiceCheck = {
      scope: 'service',
      name: 'probe',
      key,
      ...(feature === undefined ? {} : { feature }),
      limits: flag('x', true),
      judge: (_service, given) => {
        seen.push(given)
        return []
      },
    }
    return { seen, probe }
  }
  const context = { totalMemoryBytes: 1000 }
  const configured = { web: { checks: { mem: 'mine' }, features: { limit: 'wanted' } } }

  it.each([
    ['mem', undefined, {}, 'mine'],
    ['other', undefined, {}, true],
    [null, undefined, {}, true],
    [null, 'limit', {}, 'wanted'],
    [null, 'nothing', {}, true],
    ['mem', undefined, { name: 'web/12' }, 'mine'],
    ['mem', undefined, { name: 'webb' }, true],
    ['mem', undefined, { configured: false }, true],
    ['constructor', undefined, {}, true],
    ['mem', undefined, { name: 'constructor' }, true],
  ] as const)('by key %s and feature %s of %j have limits %s', (key, feature, part, expected) => {
    const { seen, probe } = seenBy(key, feature)
    judgeServices([serviceFacts(part)], [probe], configured, context)
    expect(seen).toEqual([expected])
  })

  it('the worst finding is the service’s status', () => {
    const [judged] = judgeServices(
      [serviceFacts({ state: 'paused', memory: value(serviceMemoryOf({ usedBytes: 99, limitBytes: 100 })) })],
      serviceChecks,
      {},
      context,
    )
    expect(judged?.findings.map(({ check, status }) => [check, status])).toEqual([
      ['state', 'warning'],
      ['memory', 'critical'],
      ['limit', 'ok'],
    ])
    expect(judged?.status).toBe('critical')
  })

  it('a defect in one is unknown, of that service alone', () => {
    const fragile: AnyServiceCheck = {
      scope: 'service',
      name: 'fragile',
      key: null,
      limits: flag('x', true),
      judge: ({ name }) => {
        if (name === 'bad') throw new Error('oops')
        return []
      },
    }
    const judged = judgeServices([serviceFacts({ name: 'bad' }), serviceFacts()], [fragile], {}, context)
    expect(judged.map(({ status }) => status)).toEqual(['unknown', 'ok'])
    expect(judged[0]?.findings).toMatchObject([
      { check: 'fragile', code: 'defect', args: { message: 'oops' } },
    ])
  })

  it('a replica has the name of its service in the config', () => {
    expect(['web', 'web/1', 'web/12', 'web/x', '/1'].map(configNameOf)).toEqual([
      'web',
      'web',
      'web',
      'web/x',
      '',
    ])
  })
})

describe('judging any service', () => {
  const bytes = fc.nat({ max: 2 ** 40 })
  const reading = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Reading<T>> =>
    fc.oneof(
      arbitrary.map(value),
      fc.constant(absent('x')),
      fc
        .constantFrom('denied', 'timeout', 'vanished', 'io', 'malformed')
        .map((cause) => failed(cause as 'io', 'x', 'y')),
    )
  const anyService: fc.Arbitrary<ServiceFacts> = fc
    .record({
      name: fc.string(),
      kind: fc.constantFrom('container', 'unit', 'process'),
      configured: fc.boolean(),
      state: fc.constantFrom(
        'running',
        'starting',
        'paused',
        'restarting',
        'stopped',
        'failed',
        'missing',
        'unknown',
      ),
      stateDetail: fc.string(),
      memory: reading(
        fc.record({
          leakBytes: bytes,
          usedBytes: bytes,
          swapBytes: bytes,
          limitBytes: fc.option(bytes),
          limitAt: fc.option(fc.string()),
        }),
      ),
      processes: reading(fc.nat()),
      matchedProcesses: reading(fc.nat()),
      openFiles: reading(fc.nat()),
      threads: reading(fc.nat()),
      restarts: reading(fc.nat()),
      oomKills: reading(fc.nat()),
      health: fc.constantFrom('healthy', 'unhealthy', 'starting', null),
    })
    .map((part) => serviceFacts(part as Partial<ServiceFacts>))
  const level = fc.option(
    fc.oneof(
      bytes.map((n) => ({ bytes: n })),
      fc.nat({ max: 100 }).map((n) => ({ percent: n })),
    ),
  )
  const counts = fc.record({ warn: fc.option(fc.nat()), crit: fc.option(fc.nat()) })
  const anyLimits = fc.record({
    memory: fc.record({ warn: level, crit: level, growth: fc.constant(null), forecast: fc.constant(null) }),
    processes: counts.chain((c) => fc.option(fc.string()).map((match) => ({ ...c, match }))),
    open_files: counts,
    threads: counts,
  })

  it('never has a defect, gives whole figures, and never calls fine what was not measured', () => {
    fc.assert(
      fc.property(
        anyService,
        anyLimits,
        fc.option(bytes),
        fc.boolean(),
        (facts, checks, totalMemoryBytes, wantsLimit) => {
          const features = { limit: wantsLimit ? { memory: 5, reservation: null } : null }
          const config = Object.fromEntries([[facts.name, { checks, features }]])
          const [judged] = judgeServices([facts], serviceChecks, config, { totalMemoryBytes })
          const findings = judged?.findings ?? []
          expect(findings.filter(({ code }) => code === 'defect')).toEqual([])
          expect(findings[0]?.check).toBe('state')
          for (const { value: figure } of findings)
            expect(figure === null || Number.isFinite(figure)).toBe(true)
          expect(judged?.status).toBe(worstStatus(findings.map(({ status }) => status)))
          if (facts.memory.kind === 'failed' || facts.state === 'unknown')
            expect(['unknown', 'critical']).toContain(judged?.status)
          const { warn, crit } = checks.threads
          if (facts.configured && facts.threads.kind === 'failed' && (warn ?? crit) !== null)
            expect(['unknown', 'critical']).toContain(judged?.status)
        },
      ),
    )
  })
})
