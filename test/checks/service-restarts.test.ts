import { describe, expect, it } from 'vitest'
import { serviceRestartSettings } from '../../src/checks/service-restart-settings.ts'
import { serviceRestarts } from '../../src/checks/service-restarts.ts'
import { absent, value } from '../../src/core/reading.ts'
import type { RestartCounts } from '../../src/core/restart-memory.ts'
import type { RestartSettings, ServiceFacts } from '../../src/core/service.ts'
import { serviceFacts } from '../support/service-facts.ts'

const context = { totalMemoryBytes: 1000 }

describe('restarts mask a fault (incident P1)', () => {
  const judge = (part: Partial<ServiceFacts>, limits: Partial<typeof serviceRestarts.limits.default> = {}) =>
    serviceRestarts.judge(
      serviceFacts({ restarts: value(17), ...part }),
      { ...serviceRestarts.limits.default, ...limits },
      context,
    )
  const counts = (today: number, week = today, scheduled = 0): RestartCounts => ({
    today,
    week,
    byTool: 0,
    byEngine: week,
    bySystemd: 0,
    firstBySystemdSeconds: null,
    scheduled: { today: scheduled, week: scheduled },
  })

  it.each([
    [counts(2), 'count', 'ok', 17],
    [counts(3), 'masking', 'warning', 3],
    [counts(19), 'masking', 'warning', 19],
    [counts(20), 'masking', 'critical', 20],
    [counts(0, 4), 'count', 'ok', 17],
    [counts(0, 5), 'masking', 'warning', 5],
    [counts(1, 500), 'masking', 'warning', 500],
  ])('%j: %s, %s', (restartCounts, code, status, figure) => {
    expect(judge({ restartCounts })).toMatchObject([{ check: 'restarts', code, status, value: figure }])
    expect(judge({ restartCounts, state: 'starting' })).toMatchObject([{ code, status }])
  })

  it('what is by restart.every does not count, what comes on top does', () => {
    expect(judge({ restartCounts: counts(6, 42, 6) })).toMatchObject([{ code: 'masking', value: 36 }])
    const planned = { ...counts(6, 42), scheduled: { today: 6, week: 42 } }
    expect(judge({ restartCounts: planned })).toMatchObject([{ code: 'count' }])
    expect(judge({ restartCounts: { ...planned, today: 9, week: 45 } })).toMatchObject([{ value: 3 }])
  })

  it('not of what is down: that is said already', () => {
    for (const state of ['failed', 'stopped', 'restarting', 'missing', 'unknown'] as const)
      expect(judge({ restartCounts: counts(9), state })).toMatchObject([{ code: 'count', status: 'ok' }])
  })

  it('thresholds can be moved and switched off', () => {
    expect(judge({ restartCounts: counts(3) }, { warn: 4 })).toMatchObject([{ code: 'count' }])
    const off = { warn: null, crit: null, per_week: null }
    expect(judge({ restartCounts: counts(300) }, off)).toMatchObject([{ code: 'count' }])
    expect(judge({ restartCounts: counts(3) }, { ...off, crit: 3 })).toMatchObject([{ status: 'critical' }])
  })

  it('without counts the counter is a figure', () => {
    expect(judge({})).toMatchObject([{ code: 'count', status: 'ok', value: 17 }])
    expect(judge({ restarts: value(0) })).toEqual([])
    expect(judge({ restarts: absent('a restart counter') })).toEqual([])
  })
})

describe('restart settings of a unit (incident P2)', () => {
  const judge = (settings: Partial<RestartSettings>, part: Partial<ServiceFacts> = {}, wanted = true) =>
    serviceRestartSettings
      .judge(
        serviceFacts({
          kind: 'unit',
          target: { type: 'unit', ref: 'bot.service' },
          restartSettings: {
            restart: 'always',
            delaySeconds: 2,
            steps: 0,
            maxDelaySeconds: null,
            limitIntervalSeconds: 300,
            limitBurst: 5,
            ...settings,
          },
          ...part,
        }),
        wanted,
        context,
      )
      .map(({ code, status, args }) => ({ code, status, ...args }))
  const codes = (...args: Parameters<typeof judge>) => judge(...args).map(({ code }) => code)

  it('fine ones are', () => {
    expect(judge({})).toEqual([])
    expect(judge({ restart: 'no', delaySeconds: 0, limitIntervalSeconds: 0 })).toEqual([])
    expect(judge({ delaySeconds: null })).toEqual([])
    expect(judge({ limitIntervalSeconds: null, limitBurst: null })).toEqual([])
  })

  it('RestartSec below a second hammers once it did restart, or when nothing ends it', () => {
    expect(judge({ delaySeconds: 0.5 }, { restarts: value(1) })).toEqual([
      { code: 'hammers', status: 'warning', restart: 'always', wantedDelaySeconds: 5 },
    ])
    expect(codes({ delaySeconds: 0.999 }, { restarts: value(1) })).toEqual(['hammers'])
    expect(codes({ delaySeconds: 1 }, { restarts: value(1) })).toEqual([])
    expect(codes({ delaySeconds: 0.5, limitBurst: 0 })).toEqual(['hammers', 'endless'])
  })

  it('systemd’s own defaults alone are no fault; less than those is', () => {
    const defaults = { restart: 'on-failure', delaySeconds: 0.1, limitIntervalSeconds: 10, limitBurst: 5 }
    expect(codes(defaults)).toEqual([])
    expect(codes(defaults, { restarts: value(1) })).toEqual(['hammers'])
    expect(codes({ ...defaults, delaySeconds: 0 })).toEqual(['hammers'])
  })

  it.each([
    [10, 5, 5, 360],
    [25, 5, 5, 360],
    [0, 5, 5, 360],
    [10, 0, 5, 360],
  ])(
    'a limit of %is and %i starts never triggers',
    (limitIntervalSeconds, limitBurst, wantedBurst, wantedIntervalSeconds) => {
      expect(judge({ delaySeconds: 5, limitIntervalSeconds, limitBurst })).toEqual([
        {
          code: 'endless',
          status: 'warning',
          burstSeconds: 5 * limitBurst,
          burst: limitBurst,
          wantedBurst,
          wantedIntervalSeconds,
        },
      ])
    },
  )

  it('one that just can is fine', () => {
    expect(codes({ delaySeconds: 5, limitIntervalSeconds: 26, limitBurst: 5 })).toEqual([])
  })

  it('what is wanted is itself fine', () => {
    const [first] = judge({ delaySeconds: 30, limitIntervalSeconds: 10, limitBurst: 5 })
    const mended = {
      limitIntervalSeconds: Number(first && 'wantedIntervalSeconds' in first && first.wantedIntervalSeconds),
      limitBurst: 5,
    }
    expect(codes({ delaySeconds: 30, ...mended })).toEqual([])
  })

  it('incident P: 10 s, 300 s, 5: fine in theory, endless when it lives more than 50 s', () => {
    const bot = { delaySeconds: 10, limitIntervalSeconds: 300, limitBurst: 5 }
    expect(codes(bot, { uptimeSeconds: value(50), restarts: value(12) })).toEqual([])
    expect(judge(bot, { uptimeSeconds: value(51), restarts: value(12) })).toEqual([
      {
        code: 'outlived',
        status: 'warning',
        burstSeconds: 50,
        burst: 5,
        outlivesSeconds: 50,
        restarts: 12,
        wantedBurst: 5,
        // 5 × (10 + 1.5 × 51) in whole minutes
        wantedIntervalSeconds: 480,
      },
    ])
    expect(codes(bot, { uptimeSeconds: value(51), restarts: value(2) })).toEqual([])
    expect(codes(bot, { uptimeSeconds: value(51), restarts: value(12), state: 'failed' })).toEqual([])
  })

  it('is told of by how long it lived before as well, so that it neither comes and goes nor asks for too little', () => {
    const bot = { delaySeconds: 10, limitIntervalSeconds: 300, limitBurst: 5 }
    const counted = (bySystemd: number, firstBySystemdSeconds: number | null) => ({
      uptimeSeconds: value(20),
      restartCounts: {
        today: 3,
        week: 3,
        byTool: 0,
        byEngine: 0,
        bySystemd,
        firstBySystemdSeconds,
        scheduled,
      },
    })
    const scheduled = { today: 0, week: 0 }
    // Three, the first 820 s before the newest: a life was 400 s, and 10 until the next.
    expect(judge(bot, counted(3, 840))).toMatchObject([
      { code: 'outlived', wantedBurst: 5, wantedIntervalSeconds: 3060 },
    ])
    // The counter was seen for the first time, with all of them.
    expect(codes(bot, counted(3, 0))).toEqual([])
    expect(codes(bot, counted(3, null))).toEqual([])
  })

  it('RestartSteps slow a short RestartSec down; one of the two alone does nothing', () => {
    const quick = { delaySeconds: 0.1, limitIntervalSeconds: 10, limitBurst: 5 }
    const didRestart = { restarts: value(1) }
    expect(codes({ ...quick, steps: 4, maxDelaySeconds: 60 }, didRestart)).not.toContain('hammers')
    expect(codes({ ...quick, steps: 4, maxDelaySeconds: 0.9 }, didRestart)).toEqual(['hammers'])
    expect(codes({ ...quick, steps: 4 }, didRestart)).toEqual(['hammers'])
    expect(codes({ ...quick, maxDelaySeconds: 60 }, didRestart)).toEqual(['hammers'])
    // The first of five cannot be shorter, and together they are longer than the limit looks back: 0.1 … 60 s.
    expect(judge({ ...quick, steps: 4, maxDelaySeconds: 60 })).toMatchObject([
      { code: 'endless', burstSeconds: expect.closeTo(75.2, 1), burst: 5, wantedIntervalSeconds: 600 },
    ])
    expect(codes({ ...quick, steps: 4, maxDelaySeconds: 60, limitIntervalSeconds: 76 })).toEqual([])
  })

  it('of units that nobody named only when they did restart', () => {
    const bad = { delaySeconds: 0, limitIntervalSeconds: 0 }
    expect(codes(bad, { configured: false })).toEqual([])
    expect(codes(bad, { configured: false, restarts: value(1) })).toEqual(['hammers', 'endless'])
  })

  it('can be switched off; containers have none', () => {
    expect(codes({ delaySeconds: 0 }, {}, false)).toEqual([])
    expect(serviceRestartSettings.judge(serviceFacts({ restarts: value(9) }), true, context)).toEqual([])
  })
})
