import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attempt,
  bounded,
  type FailureMemory,
  failureBounds,
  growing,
  noteFailure,
  noteSuccess,
} from '../../src/core/failure-memory.ts'

const none: FailureMemory = new Map()
const minute = 60_000
const fail = (memory: FailureMemory, atMs: number, more = {}): FailureMemory =>
  noteFailure(memory, { key: 'webhook 0', circumstance: 'url', cause: 'status 500', ...more }, atMs)

/** Three failures, a minute apart. */
const worn = [0, 1, 2].reduce((memory, n) => fail(memory, n * minute), none)

describe('the memory of failures', () => {
  it('lets the first three attempts go on, then skips, and tells of the first skip and every tenth', () => {
    let memory = none
    const tried: number[] = []
    const told: number[] = []
    for (let n = 0; n < 40; n++) {
      const next = attempt(memory, 'webhook 0', 'url', n * minute)
      memory = next.goOn ? fail(next.memory, n * minute) : next.memory
      if (next.goOn) tried.push(n)
      if (next.isReported) told.push(next.skipped)
    }
    expect(tried).toEqual([0, 1, 2])
    expect(told).toEqual([1, 10, 20, 30])
  })

  it('tries again after a day, when the circumstance changes, and when the clock was set back', () => {
    expect(attempt(worn, 'webhook 0', 'url', 3 * minute).goOn).toBe(false)
    expect(attempt(worn, 'webhook 0', 'url', 2 * minute + failureBounds.retryMs).goOn).toBe(true)
    expect(attempt(worn, 'webhook 0', 'another url', 3 * minute).goOn).toBe(true)
    expect(attempt(worn, 'webhook 0', 'url', 0).goOn).toBe(true)
    expect(attempt(worn, 'webhook 1', 'url', 3 * minute).goOn).toBe(true)
  })

  it('with growing patience: after ten minutes, an hour, then a day', () => {
    const triedAtMinutes: number[] = []
    let memory = none
    for (let n = 0; n < 2 * 24 * 60; n++) {
      const next = attempt(memory, 'webhook 0', 'url', n * minute, growing)
      memory = next.goOn ? fail(next.memory, n * minute) : next.memory
      if (next.goOn) triedAtMinutes.push(n)
    }
    expect(triedAtMinutes).toEqual([0, 1, 2, 12, 72, 72 + 24 * 60])
    expect(attempt(memory, 'webhook 0', 'url', 2 * 24 * 60 * minute, growing).failures).toBe(6)
  })

  it('another cause begins a new count, and so does a success', () => {
    expect(fail(worn, 3 * minute, { cause: 'timeout' }).get('webhook 0')?.failures).toBe(1)
    expect(noteSuccess(worn, 'webhook 0').size).toBe(0)
    expect(noteSuccess(worn, 'other')).toBe(worn)
  })

  it('after a day one more failure is enough to skip again', () => {
    const again = fail(worn, failureBounds.retryMs + 3 * minute)
    expect(attempt(again, 'webhook 0', 'url', failureBounds.retryMs + 4 * minute).goOn).toBe(false)
  })

  it('holds a thousand entries and thirty days; what is new replaces what is older than a day, nothing else', () => {
    let memory = none
    for (let n = 0; n < 1500; n++) memory = fail(memory, n, { key: `k${n}` })
    expect(memory.size).toBe(1000)
    expect([memory.has('k0'), memory.has('k999'), memory.has('k1000')]).toEqual([true, true, false])
    memory = fail(memory, failureBounds.retryMs + 1, { key: 'new' })
    expect(memory.size).toBe(1000)
    expect([memory.has('k0'), memory.has('k1'), memory.has('k2'), memory.has('new')]).toEqual([
      ...[false, true, true, true],
    ])
    expect(bounded(memory, failureBounds.keptMs + 990).size).toBe(10)
  })

  it('of more than it holds that fail each time, those it holds are left out', () => {
    let memory = none
    for (let run = 0; run < 3; run++)
      for (let n = 0; n < 1500; n++) memory = fail(memory, run * minute + n, { key: `k${n}` })
    const leftOut = (key: string) => !attempt(memory, key, 'url', 5 * minute).goOn
    expect([leftOut('k0'), leftOut('k999'), leftOut('k1000')]).toEqual([true, true, false])
  })

  it('texts of any length are cut, and find themselves again', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), fc.string({ maxLength: 2000 }), (key, circumstance) => {
        const failed = [0, 1, 2].reduce((memory, n) => fail(memory, n, { key, circumstance }), none)
        expect(attempt(failed, key, circumstance, 3).goOn).toBe(false)
      }),
    )
  })
})
