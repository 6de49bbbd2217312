import { describe, expect, it } from 'vitest'
import { ceilingOf, judgeGrowth } from '../../src/checks/service-growth.ts'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import type { LeakVerdict } from '../../src/leak/series.ts'
import { messageOf } from '../../src/report/sentence.ts'
import { serviceMemoryOf } from '../support/service-facts.ts'

const MiB = 1024 ** 2
const GiB = 1024 ** 3

const leak: LeakVerdict = {
  verdict: 'leak',
  slopeBytesPerMinute: 30 * MiB,
  slopeLow: 28 * MiB,
  slopeHigh: 32 * MiB,
  onsetAtMs: 1e12,
  secondsToLimit: { best: 3600, low: 3000, high: null },
  confidence: 0.9,
  reason: { code: 'grows-steadily', args: { gainBytes: GiB, seconds: 2000 } },
}
const nothing: LeakVerdict = {
  ...leak,
  verdict: 'insufficient',
  slopeBytesPerMinute: null,
  slopeLow: null,
  slopeHigh: null,
  onsetAtMs: null,
  secondsToLimit: null,
  reason: { code: 'too-few-samples', args: { samples: 3, needed: 12 } },
}
const limits = { growth: { warn: 20 * MiB, crit: 50 * MiB }, forecast: { warn: 86_400, crit: 7200 } }
const ceiling = { limitBytes: 2 * GiB, usedBytes: GiB, of: 'limit', limitAt: '/x' } as const

const judged = (verdict: LeakVerdict, given = limits) => judgeGrowth(given, value(verdict), ceiling)

describe('growth and forecast of a service', () => {
  it('are judged where they are asked for', () => {
    expect(judged(leak)).toMatchObject([
      { check: 'growth', code: 'leak', status: 'warning', value: 30 * MiB, unit: 'bytes-per-minute' },
      { check: 'forecast', code: 'time-left', status: 'critical', value: 3600, unit: 'seconds' },
    ])
    const off = { warn: null, crit: null }
    expect(judgeGrowth({ growth: off, forecast: off }, value(leak), ceiling)).toEqual([])
    expect(judged({ ...leak, slopeBytesPerMinute: 50 * MiB })[0]?.status).toBe('critical')
    expect(judged({ ...leak, slopeBytesPerMinute: 19 * MiB })[0]?.status).toBe('ok')
  })

  it('not named: only a leak is told, by the usual thresholds', () => {
    const unnamed = (reading: Reading<LeakVerdict>) =>
      judgeGrowth({ growth: null, forecast: null }, reading, ceiling).map(
        ({ check, code, status }) => `${check} ${code} ${status}`,
      )
    const leaking = (mebibytes: number) => unnamed(value({ ...leak, slopeBytesPerMinute: mebibytes * MiB }))
    expect(leaking(19.9)).toEqual([])
    expect(leaking(20)).toEqual(['growth leak warning'])
    expect(leaking(50)).toEqual(['growth leak critical'])
    expect(unnamed(value({ ...leak, verdict: 'growing', slopeBytesPerMinute: 90 * MiB }))).toEqual([])
    expect(unnamed(value(nothing))).toEqual([])
    expect(unnamed(absent('/x'))).toEqual([])
    expect(unnamed(failed('malformed', '/x', 'its header is broken'))).toEqual(['growth unreadable unknown'])
  })

  it('that may be a warm-up warn at most; none is ok', () => {
    const growing: LeakVerdict = { ...leak, verdict: 'growing', slopeBytesPerMinute: 90 * MiB }
    expect(judged(growing).map(({ status }) => status)).toEqual(['warning', 'warning'])
    const stable: LeakVerdict = {
      ...nothing,
      verdict: 'stable',
      reason: { code: 'level', args: { levelBytes: GiB, swayBytes: 0 } },
    }
    expect(judged(stable).map(({ status }) => status)).toEqual(['ok', 'ok'])
  })

  it('without data, without a ceiling, or unreadable are unknown and never ok', () => {
    const statuses = [
      ...judged(nothing),
      ...judgeGrowth(limits, absent('/x'), ceiling),
      ...judgeGrowth(limits, failed('malformed', '/x', 'its header is broken'), ceiling),
      ...judgeGrowth(limits, value({ ...leak, secondsToLimit: null }), null).slice(1),
    ].map(({ status, code }) => `${status} ${code}`)
    expect(statuses).toEqual([
      'unknown insufficient',
      'unknown insufficient',
      'unknown no-history',
      'unknown no-history',
      'unknown unreadable',
      'unknown unreadable',
      'unknown no-ceiling',
    ])
  })

  it('are said in plain words', () => {
    expect(judged(leak).map((finding) => messageOf(finding, 'service'))).toEqual([
      'growth 30.0 MiB/min (28.0 MiB/min to 32.0 MiB/min), warning from 20.0 MiB/min, even its low points rise by 30.0 MiB/min, 1.0 GiB in 33m 20s, and do not level off — find what grows in it; a restart gains time',
      'forecast 1h to its limit of 2.0 GiB, critical below 2h, between 50m and never — restart it before that, or raise its limit',
    ])
    expect(judged(nothing).map((finding) => messageOf(finding, 'service'))).toEqual([
      'growth not known yet: 3 samples are too few to tell; 12 are needed',
      'forecast not known yet: 3 samples are too few to tell; 12 are needed',
    ])
  })

  it('have the nearer of limit and host as their ceiling', () => {
    const memory = serviceMemoryOf({ usedBytes: GiB, limitBytes: 2 * GiB, limitAt: '/x' })
    expect(ceilingOf(memory, 5 * GiB)).toMatchObject({ of: 'limit', limitBytes: 2 * GiB })
    expect(ceilingOf(memory, 100 * MiB)).toMatchObject({ of: 'host', limitBytes: GiB + 100 * MiB })
    expect(ceilingOf(memory, null)).toMatchObject({ of: 'limit' })
    expect(ceilingOf(serviceMemoryOf({ usedBytes: GiB }), null)).toBeNull()
  })
})
