import { describe, expect, it } from 'vitest'
import type { FleetHost } from '../../src/core/fleet.ts'
import type { GatheredCheck } from '../../src/core/gathered.ts'
import { fleetOf, type GatheredFile } from '../../src/plan/fleet.ts'

const nowMs = 1_800_000_000_000
const minuteMs = 60_000

const check = (over: Partial<GatheredCheck> = {}): GatheredCheck => ({
  ...{ form: 'check', hostname: null, atMs: nowMs - minuteMs, version: '1', status: 'ok' },
  ...{ services: [], problems: [], ...over },
})

const file = (stem: string, read: GatheredFile['read'], over: Partial<GatheredFile> = {}): GatheredFile => ({
  ...{ group: `g/${stem}`, stem, file: `g/${stem}.json`, modifiedAtMs: nowMs, read },
  ...over,
})

const fleet = (files: GatheredFile[], troubles: string[] = []) =>
  fleetOf(files, troubles, { nowMs, maxAgeMs: 30 * minuteMs })

const only = (files: GatheredFile[]): FleetHost => {
  const { hosts } = fleet(files)
  expect(hosts).toHaveLength(1)
  return hosts[0] as FleetHost
}

describe('fleetOf', () => {
  it('is unknown where a host is old, ahead or unread, whatever it said', () => {
    const at = (atMs: number, modifiedAtMs = nowMs): string => {
      const { freshness, status } = only([file('a', { check: check({ atMs }) }, { modifiedAtMs })])
      return `${freshness} ${status}`
    }
    expect(at(nowMs - 29 * minuteMs)).toBe('fresh ok')
    expect(at(nowMs - 31 * minuteMs)).toBe('old unknown')
    // An hour off, either way; ahead, and gathered 58 minutes ago.
    expect(at(nowMs - 60 * minuteMs)).toBe('old unknown')
    expect(at(nowMs + 60 * minuteMs)).toBe('ahead unknown')
    expect(at(nowMs + 2 * minuteMs, nowMs - 58 * minuteMs)).toBe('ahead unknown')
    expect(at(nowMs + 2 * minuteMs)).toBe('fresh ok')
    const unread = only([file('a', { why: 'is empty' })])
    expect([unread.freshness, unread.status, unread.name]).toEqual(['unread', 'unknown', 'a'])
  })

  it('is unknown without a host, and where a folder could not be read', () => {
    expect(fleet([]).status).toBe('unknown')
    expect(fleet([file('a', { check: check() })]).status).toBe('ok')
    expect(fleet([file('a', { check: check() })], ['x: is not there']).status).toBe('unknown')
  })

  it('takes the newest file of a host, and says so', () => {
    const older = check({ atMs: nowMs - 5 * minuteMs, status: 'critical' })
    const one = only([
      file('a', { check: older }),
      file('a', { check: check({ form: 'metrics' }) }, { file: 'g/a.prom' }),
    ])
    expect([one.status, one.seen?.file]).toEqual(['ok', 'g/a.prom'])
    expect(one.notes).toEqual(['g/a.prom is newer than g/a.json and counts'])
    const same = check({ form: 'metrics' })
    expect(only([file('a', { check: same }), file('a', { check: check() })]).seen?.form).toBe('check')
  })

  it('is not well while one of its files cannot be read, since that may be the newer one', () => {
    const one = only([file('a', { check: check() }), file('a', { why: 'is half-written' })])
    expect(one.status).toBe('unknown')
    expect(one.problems[0]?.message).toContain('is half-written')
  })

  it('tells hosts of one name apart, so that none hides another', () => {
    const { hosts, status } = fleet([
      file('a', { check: check({ hostname: 'debian' }) }),
      file('b', { check: check({ hostname: 'debian', atMs: nowMs - 2 * minuteMs, status: 'critical' }) }),
      file('c', { check: check({ hostname: 'other' }) }),
    ])
    expect(status).toBe('critical')
    expect(hosts.map(({ name }) => name)).toEqual(['debian (g/b)', 'debian (g/a)', 'other'])
    expect(hosts[0]?.notes).toEqual(['2 hosts call themselves debian'])
  })

  it('has the worst first, then what is at its limit soonest, and so many problems of each', () => {
    const service = (secondsToLimit: number | null) => ({
      ...{ name: `s${secondsToLimit}`, status: 'warning' as const, isLeaking: true, secondsToLimit },
    })
    const problem = (status: 'warning' | 'critical') => ({ service: null, check: 'x', status, message: 'x' })
    const problems = [...Array.from({ length: 24 }, () => problem('warning')), problem('critical')]
    const { hosts } = fleet([
      file('ok', { check: check() }),
      file('later', { check: check({ status: 'warning', services: [service(900)] }) }),
      file('soon', {
        check: check({ status: 'warning', services: [service(null), service(300), service(600)] }),
      }),
      file('bad', { check: check({ status: 'critical', problems }) }),
      file('old', { check: check({ atMs: 0 }) }),
    ])
    expect(hosts.map(({ name }) => name)).toEqual(['bad', 'old', 'soon', 'later', 'ok'])
    expect(hosts[0]?.problems).toHaveLength(20)
    expect([hosts[0]?.problems[0]?.status, hosts[0]?.moreProblems]).toEqual(['critical', 5])
    expect([hosts[2]?.leaks, hosts[2]?.next, hosts[2]?.services.warning]).toEqual([
      ...[3, { service: 's300', seconds: 300 }, 3],
    ])
  })
})
