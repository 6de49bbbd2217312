import { describe, expect, it } from 'vitest'
import { freshMemory, type RestartMemory } from '../../src/core/restart-memory.ts'
import { keptRestarts } from '../../src/store/restart-kept.ts'
import { freshRestarts, restartBounds, type ServiceRestarts } from '../../src/store/restart-state.ts'
import { freshState, keepsRestartsOf } from '../../src/store/state.ts'

const nowMs = Date.UTC(2026, 0, 31, 3)
const day = 86_400_000

const known = (memory: Partial<RestartMemory>, more: Partial<ServiceRestarts> = {}): ServiceRestarts => ({
  ...freshRestarts,
  memory: { ...freshMemory, ...memory },
  ...more,
})
const looked = (daysAgo: number) => ({ seen: { counter: 0, of: 'x', atMs: nowMs - daysAgo * day } })
/** Containers with names by chance, an hour old. */
const strangers = (count: number): Record<string, ServiceRestarts> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`ci-${i}`, known({}, looked(0))]))

describe('of the restarts that are known', () => {
  it('those of the services of this run have room, however many came before them', () => {
    const all = { ...strangers(restartBounds.services), web: freshRestarts, db: freshRestarts }
    const kept = keptRestarts(all, ['web', 'db'], true, nowMs)
    expect(Object.keys(kept).slice(0, 2)).toEqual(['web', 'db'])
    expect(Object.keys(kept)).toHaveLength(restartBounds.services)
  })

  it('then those of services that were restarted of late', () => {
    const all = { ...strangers(restartBounds.services), job: known({ restartedAtMs: [nowMs - day] }) }
    expect(keptRestarts(all, [], false, nowMs)).toHaveProperty('job')
  })

  it('those of services that are gone go after a month, unless this run looked at some only', () => {
    const all = {
      budget: known({ restartedAtMs: [nowMs - 40 * day, nowMs - 20 * day] }, looked(40)),
      planned: known({ scheduledAtMs: [nowMs - 20 * day] }),
      crashed: known({}, { others: [{ atMs: nowMs - 7 * day, by: 'engine', count: 1 }] }),
      away: known({}, looked(30)),
      gone: known({ recentFailures: [true], restartedAtMs: [nowMs - 40 * day] }, looked(32)),
      empty: freshRestarts,
      here: known({ restartedAtMs: [nowMs - 40 * day] }),
    }
    const kept = keptRestarts(all, ['here'], true, nowMs)
    expect(Object.keys(kept).sort()).toEqual(['away', 'budget', 'crashed', 'here', 'planned'])
    expect(Object.keys(keptRestarts(all, ['here'], false, nowMs))).toHaveLength(Object.keys(all).length)
  })

  it('a name that JavaScript knows is one like any other', () => {
    const all = Object.assign(Object.create(null), { constructor: freshRestarts })
    expect(Object.keys(keptRestarts(all, ['constructor', 'toString'], true, nowMs))).toEqual(['constructor'])
  })
})

it('a state says whether it has room for those of a service', () => {
  const restarts = { ...strangers(restartBounds.services), web: freshRestarts }
  expect(keepsRestartsOf({ ...freshState(), restarts }, 'web')).toBe(false)
  expect(keepsRestartsOf({ ...freshState(), restarts }, 'ci-0')).toBe(true)
})
