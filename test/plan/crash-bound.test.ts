import { describe, expect, it } from 'vitest'
import { type CrashEvent, type CrashEventKind, crashEvent } from '../../src/core/crash-event.ts'
import { boundEvents } from '../../src/plan/crash-bound.ts'

const of = (kind: CrashEventKind, count: number, fromMs = 0): CrashEvent[] =>
  Array.from({ length: count }, (_, i) => crashEvent(kind, 'journal', fromMs + i, `${kind} ${i}`))
const countOf = (events: readonly CrashEvent[], kind: CrashEventKind): number =>
  events.filter((one) => one.kind === kind).length

describe('events that are more than anybody reads', () => {
  it('as many as there may be are left as they are', () => {
    const events = of('io-error', 100)
    expect(boundEvents(events, 100)).toEqual(events)
    expect(boundEvents([], 0)).toEqual([])
  })

  it('of the commonest kind the oldest go, whenever they were read', () => {
    const events = [...of('io-error', 150, 1000).reverse(), ...of('segfault', 5), ...of('boot', 2)]
    const kept = boundEvents(events, 100)
    expect(kept).toHaveLength(100)
    expect([countOf(kept, 'segfault'), countOf(kept, 'boot')]).toEqual([5, 2])
    expect(Math.min(...kept.filter(({ kind }) => kind === 'io-error').map(({ atMs }) => atMs ?? 0))).toBe(
      1057,
    )
  })

  it('kills and panics stay before all others; of kills alone the newest', () => {
    const kept = boundEvents([...of('oom-kill', 60), ...of('io-error', 500), ...of('kernel-panic', 1)], 100)
    expect(
      ['oom-kill', 'io-error', 'kernel-panic'].map((kind) => countOf(kept, kind as CrashEventKind)),
    ).toEqual([60, 39, 1])
    const flood = boundEvents([...of('oom-kill', 500), ...of('kernel-panic', 1), ...of('boot', 3)], 100)
    expect([countOf(flood, 'oom-kill'), countOf(flood, 'kernel-panic'), countOf(flood, 'boot')]).toEqual([
      89, 1, 3,
    ])
    expect(flood.find(({ kind }) => kind === 'oom-kill')?.atMs).toBe(411)
  })

  it('without a time they count as the newest', () => {
    const untold = crashEvent('io-error', 'dmesg', null, 'x')
    expect(boundEvents([untold, ...of('io-error', 100)], 10)).toContain(untold)
  })
})
