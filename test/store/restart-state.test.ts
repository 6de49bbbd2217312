import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory } from '../../src/core/restart-memory.ts'
import { shapeRestarts } from '../../src/store/restart-shape.ts'
import {
  countOthers,
  freshRestarts,
  restartBounds,
  restartCounts,
  restartsUntil,
  type ServiceRestarts,
} from '../../src/store/restart-state.ts'

const nowMs = Date.UTC(2026, 0, 31, 3)
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** The counter of one container or boot, as each run saw it. */
const replay = (
  seen: readonly (readonly [counter: number, of: string | null, afterMs: number])[],
  from: ServiceRestarts = freshRestarts,
) => {
  let [restarts, atMs] = [from, nowMs]
  for (const [counter, of, afterMs] of seen) {
    atMs += afterMs
    restarts = countOthers(restarts, { counter, of }, 'engine', atMs)
  }
  return { restarts, counts: restartCounts(restarts, atMs) }
}

describe('restarts by the engine and systemd', () => {
  it('a counter seen for the first time tells nothing of when', () => {
    expect(replay([[50, 'a', 0]]).counts).toMatchObject({ today: 0, week: 0 })
  })

  it('but all of this boot’s are of today when it is a boot of today', () => {
    const first = (agoMs: number) =>
      restartCounts(
        countOthers(freshRestarts, { counter: 50, of: 'boot', sinceMs: nowMs - agoMs }, 'systemd', nowMs),
        nowMs,
      )
    expect(first(hour)).toMatchObject({ today: 50, week: 50 })
    expect(first(3 * day)).toMatchObject({ today: 0, week: 50 })
    expect(first(30 * day)).toMatchObject({ today: 0, week: 0 })
  })

  it('what it grew by counts', () => {
    const { counts } = replay([
      [50, 'a', 0],
      [50, 'a', minute],
      [52, 'a', minute],
      [53, 'a', minute],
    ])
    expect(counts).toMatchObject({ today: 3, week: 3, byEngine: 3, bySystemd: 0, byTool: 0 })
  })

  it('a counter that went back began anew; so did that of another container', () => {
    expect(
      replay([
        [50, 'a', 0],
        [2, 'a', minute],
      ]).counts.today,
    ).toBe(2)
    expect(
      replay([
        [1, 'a', 0],
        [4, 'b', minute],
      ]).counts.today,
    ).toBe(4)
    expect(
      replay([
        [1, 'a', 0],
        [4, 'b', minute],
        [5, 'b', minute],
      ]).counts.today,
    ).toBe(5)
  })

  it('a container between two attempts has no identity, and is the same one', () => {
    expect(
      replay([
        [1, 'a', 0],
        [2, null, minute],
        [3, 'a', minute],
      ]).counts.today,
    ).toBe(2)
    expect(
      replay([
        [1, null, 0],
        [2, 'a', minute],
        [3, 'b', minute],
      ]).counts.today,
    ).toBe(4)
  })

  it('by systemd they are systemd’s', () => {
    const first = countOthers(freshRestarts, { counter: 0, of: 'boot' }, 'systemd', nowMs)
    const counts = restartCounts(countOthers(first, { counter: 4, of: 'boot' }, 'systemd', nowMs + 1), nowMs)
    expect(counts).toMatchObject({ today: 4, byEngine: 0, bySystemd: 4 })
  })

  it('tell when the first of the week was', () => {
    const looks = [8 * day, 2 * day, hour].map((ago, i) => ({
      atMs: nowMs - ago,
      by: i === 1 ? ('systemd' as const) : ('engine' as const),
      count: 1,
    }))
    const first = (others: ServiceRestarts['others']): number | null =>
      restartCounts({ ...freshRestarts, others }, nowMs).firstBySystemdSeconds
    expect(first(looks)).toBe((2 * day) / 1000)
    expect(first([{ atMs: nowMs - 8 * day, by: 'systemd', count: 1 }])).toBeNull()
  })

  it('after a day without a run they are not called of today, but of the week', () => {
    expect(
      replay([
        [0, 'a', 0],
        [9, 'a', 2 * day],
      ]).counts,
    ).toMatchObject({ today: 0, week: 9 })
    expect(
      replay([
        [0, 'a', 0],
        [9, 'a', 12 * hour],
      ]).counts,
    ).toMatchObject({ today: 9, week: 9 })
  })

  it('today and this week end', () => {
    const { restarts } = replay([
      [0, 'a', 0],
      [3, 'a', minute],
    ])
    expect(restartCounts(restarts, nowMs + minute + day - 1).today).toBe(3)
    expect(restartCounts(restarts, nowMs + minute + day)).toMatchObject({ today: 0, week: 3 })
    expect(restartCounts(restarts, nowMs + minute + 7 * day).week).toBe(0)
  })

  it('a crash every minute for two weeks is counted to the last, in few entries', () => {
    const minutes = 14 * 24 * 60
    const { restarts, counts } = replay(Array.from({ length: minutes }, (_, i) => [i, 'a', minute] as const))
    expect(restarts.others.length).toBeLessThanOrEqual(restartBounds.others)
    // Entries are of an hour, so the edges of a window may be off by as much.
    expect(Math.abs(counts.today - 1440)).toBeLessThanOrEqual(60)
    expect(Math.abs(counts.week - 7 * 1440)).toBeLessThanOrEqual(60)
  })
})

describe('restarts by this toolkit', () => {
  const of = (...agoMs: number[]): ServiceRestarts => ({
    ...freshRestarts,
    memory: { ...freshMemory, restartedAtMs: agoMs.map((ms) => nowMs - ms) },
  })

  it('count with the others', () => {
    expect(restartCounts(of(8 * day, 2 * day, hour), nowMs)).toEqual({
      today: 1,
      week: 2,
      byTool: 2,
      byEngine: 0,
      bySystemd: 0,
      firstBySystemdSeconds: null,
      scheduled: { today: 0, week: 0 },
    })
  })

  it('those of restart.every are told apart', () => {
    const { memory } = of(hour)
    const scheduledAtMs = Array.from({ length: 42 }, (_, i) => nowMs - (41 - i) * 4 * hour)
    expect(restartCounts({ ...freshRestarts, memory: { ...memory, scheduledAtMs } }, nowMs)).toMatchObject({
      today: 7,
      week: 43,
      byTool: 43,
      scheduled: { today: 6, week: 42 },
    })
  })
})

it('stamps of the future become now', () => {
  const ahead: ServiceRestarts = {
    memory: {
      ...freshMemory,
      restartedAtMs: [nowMs - 1, nowMs + day],
      scheduledAtMs: [nowMs + day],
      gaveUpAtMs: nowMs + day,
    },
    seen: { counter: 1, of: null, atMs: nowMs + day },
    others: [{ atMs: nowMs + day, by: 'engine', count: 2 }],
  }
  const past = restartsUntil(ahead, nowMs)
  expect(past).toMatchObject({
    memory: { restartedAtMs: [nowMs - 1, nowMs], scheduledAtMs: [nowMs], gaveUpAtMs: nowMs },
    seen: { atMs: nowMs },
    others: [{ atMs: nowMs }],
  })
  expect(restartCounts(past, nowMs)).toEqual(restartCounts(ahead, nowMs))
})

it('property: whatever is shaped from whatever can be counted on', () => {
  const near = fc.record({
    memory: fc.oneof(fc.jsonValue(), fc.constant(freshMemory)),
    seen: fc.oneof(fc.jsonValue(), fc.constant(null)),
    others: fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ atMs: fc.jsonValue(), by: fc.constant('engine'), count: fc.nat() })),
    ),
  })
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), near), fc.nat(), (raw, counter) => {
      const shaped = shapeRestarts(raw)
      if (shaped === undefined) return
      const counted = countOthers(shaped, { counter, of: null }, 'systemd', nowMs)
      expect(shapeRestarts(JSON.parse(JSON.stringify(counted)))).toEqual(counted)
      const { today, week } = restartCounts(counted, nowMs)
      expect(Number.isFinite(today) && today <= week).toBe(true)
    }),
  )
})
