import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory, type RestartMemory } from '../../src/core/restart-memory.ts'
import {
  afterReset,
  afterRestart,
  budgetIsLeft,
  type CheckOutcome,
  consecutiveFailures,
  type Decision,
  decideRestart,
  mayTakeUp,
  type RestartPolicy,
} from '../../src/plan/restart.ts'

const policy: RestartPolicy = {
  after: 3,
  outOf: null,
  backoff: { after: 3, step: 60, max: 3600 },
  limit: { count: 5, perSeconds: 86_400 },
  every: null,
  startGrace: 0,
}

const minute = 60_000
const start = Date.UTC(2026, 0, 31, 3)

/** One check a minute with the given outcomes; each restart gives the service a new identity. */
const replay = (outcomes: Iterable<CheckOutcome>, over: Partial<RestartPolicy> = {}, from = freshMemory) => {
  let memory: RestartMemory = from
  let life = 0
  let nowMs = start
  const decisions: Decision[] = []
  for (const outcome of outcomes) {
    const step = decideRestart(
      memory,
      { ...policy, ...over },
      { nowMs, identity: `life ${life}`, outcome, uptimeSeconds: 99_999, heldBy: null },
    )
    memory = step.memory
    decisions.push(step.decision)
    if (step.decision.kind === 'restart') {
      memory = afterRestart(memory, nowMs)
      life++
    }
    nowMs += minute
  }
  return { memory, decisions, kinds: decisions.map(({ kind }) => kind) }
}

const failed = (n: number): CheckOutcome[] => Array(n).fill('failed')

describe('incident E5: three failed checks in a row, one good one resets', () => {
  it('restarts on the third and not before', () => {
    expect(replay(failed(3)).kinds).toEqual(['none', 'none', 'restart'])
  })
  it('a good check in between begins again', () => {
    expect(replay(['failed', 'failed', 'good', 'failed', 'failed']).kinds).toEqual(Array(5).fill('none'))
  })
  it('an unknown one neither counts nor resets', () => {
    expect(replay(['failed', 'unknown', 'failed', 'unknown', 'failed']).kinds.at(-1)).toBe('restart')
    expect(replay(['failed', 'failed', 'unknown']).kinds.at(-1)).toBe('none')
  })
  it('the restart itself resets the count', () => {
    expect(replay(failed(6)).kinds).toEqual(['none', 'none', 'restart', 'none', 'none', 'restart'])
  })
  it('a new identity begins again, a stopped service without one does not', () => {
    const two = replay(failed(2)).memory
    const at = { nowMs: start, outcome: 'failed' as const, uptimeSeconds: 9999, heldBy: null }
    expect(decideRestart(two, policy, { ...at, identity: 'another' }).decision.kind).toBe('none')
    expect(decideRestart(two, policy, { ...at, identity: null }).decision.kind).toBe('restart')
  })
  it('N of M counts failures with good checks between them', () => {
    const flapping: CheckOutcome[] = ['failed', 'good', 'failed', 'good', 'failed']
    expect(replay(flapping, { outOf: 5 }).kinds.at(-1)).toBe('restart')
    expect(replay(flapping, { outOf: 4 }).kinds.at(-1)).toBe('none')
  })
})

describe('incident E6: backoff', () => {
  it('waits restart count × 60 s from the third restart on', () => {
    const { decisions } = replay(failed(60), { limit: { count: 100, perSeconds: 86_400 } })
    const minutes = decisions.flatMap(({ kind }, i) => (kind === 'restart' ? [i] : []))
    // Restarts 1 to 3 come with the third failure each; then 3 min is no longer than three failures take,
    // and 4, 5, 6 … min are.
    expect(minutes.slice(0, 7)).toEqual([2, 5, 8, 11, 15, 20, 26])
    expect(decisions[13]).toEqual({ kind: 'none' })
    expect(decisions[14]).toMatchObject({ kind: 'hold', why: 'backoff', untilMs: start + 15 * minute })
  })
  it('is over after a good check', () => {
    const { memory } = replay([...failed(9), 'good'])
    expect(memory.restartsInARow).toBe(0)
  })
})

describe('budget', () => {
  it('gives up after five restarts in a day, once, and stays so until healthy', () => {
    const { decisions, memory } = replay(failed(40))
    const ups = decisions.filter((d) => d.kind === 'given-up')
    expect(decisions.filter((d) => d.kind === 'restart')).toHaveLength(5)
    expect(ups.filter((d) => d.first)).toHaveLength(1)
    expect(ups[0]).toMatchObject({ first: true, restarts: 5 })
    expect(memory.gaveUpAtMs).not.toBeNull()
    const later = { nowMs: start + 30 * 3600_000, identity: 'life 5', uptimeSeconds: 9999, heldBy: null }
    expect(decideRestart(memory, policy, { ...later, outcome: 'failed' }).decision).toMatchObject({
      kind: 'given-up',
      restarts: 5,
    })
    const healthy = decideRestart(memory, policy, { ...later, outcome: 'good' })
    expect(healthy.memory.gaveUpAtMs).toBeNull()
  })
  it('being healthy for a moment does not refill it: 5,000 restarts a night cannot happen', () => {
    const flapping = Array.from({ length: 1440 }, (_, i): CheckOutcome => (i % 4 === 3 ? 'good' : 'failed'))
    expect(replay(flapping).decisions.filter((d) => d.kind === 'restart')).toHaveLength(5)
  })
  it('--reset begins anew', () => {
    const { memory } = replay(failed(40))
    expect(replay(failed(3), {}, afterReset(memory)).kinds.at(-1)).toBe('restart')
  })
  it('a clock set back neither refills the budget nor waits for the future', () => {
    const { memory } = replay(failed(12))
    const yearAgo = start - 365 * 86_400_000
    const at = { identity: 'life 4', outcome: 'failed' as const, uptimeSeconds: 9999, heldBy: null }
    let back = decideRestart(memory, policy, { ...at, nowMs: yearAgo })
    expect(back.memory.restartedAtMs.every((ms) => ms <= yearAgo)).toBe(true)
    for (let i = 1; i <= 3; i++)
      back = decideRestart(back.memory, policy, { ...at, nowMs: yearAgo + i * minute })
    expect(back.decision).toMatchObject({ kind: 'hold', why: 'backoff', untilMs: yearAgo + 4 * minute })
    back = decideRestart(back.memory, policy, { ...at, nowMs: yearAgo + 5 * minute })
    expect(back.decision.kind).toBe('restart')
  })
})

describe('held back', () => {
  const two = replay(failed(2)).memory
  const third = { nowMs: start, identity: 'life 0', outcome: 'failed' as const, uptimeSeconds: 5 }
  it.each(['no-act', 'maintenance', 'not-wanted'] as const)('by %s', (heldBy) => {
    expect(decideRestart(two, policy, { ...third, heldBy }).decision).toEqual({ kind: 'hold', why: heldBy })
  })
  describe('by a run that could not measure it', () => {
    const due = replay(failed(2)).memory
    const window = decideRestart(due, policy, { ...third, heldBy: 'maintenance' }).memory
    const after = { ...third, nowMs: start + 60 * minute, heldBy: null }
    const unseen = { ...after, outcome: 'unknown' as const }

    it('until one sees that it still fails, or that it is well', () => {
      const { memory, decision } = decideRestart(window, policy, unseen)
      expect(decision).toEqual({ kind: 'hold', why: 'unmeasured' })
      expect(decideRestart(memory, policy, after).decision.kind).toBe('restart')
      expect(decideRestart(memory, policy, { ...after, outcome: 'good' }).decision.kind).toBe('none')
    })
    it('which does not give it up either, and does not take back that it was', () => {
      const none = { ...policy, limit: { count: 0, perSeconds: 60 } }
      expect(decideRestart(window, none, unseen).decision.kind).toBe('hold')
      const { memory } = decideRestart(window, none, after)
      expect(decideRestart(memory, none, unseen).decision.kind).toBe('given-up')
    })
    it('but for a plan that is due anyway', () => {
      const { decision } = decideRestart(window, { ...policy, every: 5 }, unseen)
      expect(decision).toEqual({ kind: 'restart', why: 'scheduled' })
    })
  })
  it('by a config without `restart:`, though an earlier one had it given up', () => {
    const { memory } = replay(failed(40))
    const now = { ...third, identity: memory.identity, heldBy: 'not-wanted' as const }
    expect(memory.gaveUpAtMs).not.toBeNull()
    const held = decideRestart(memory, policy, now)
    expect(held.decision).toEqual({ kind: 'hold', why: 'not-wanted' })
    // Nothing is given up any more, also where it cannot be measured; that is told anew once there is a budget again.
    const unseen = decideRestart({ ...memory, recentFailures: [] }, policy, { ...now, outcome: 'unknown' })
    for (const { gaveUpAtMs, restartedAtMs } of [held.memory, unseen.memory])
      expect([gaveUpAtMs, restartedAtMs]).toEqual([
        null,
        memory.restartedAtMs.map((ms) => Math.min(ms, start)),
      ])
    const again = { ...now, heldBy: null }
    expect(decideRestart(held.memory, policy, again).decision).toMatchObject({
      kind: 'given-up',
      first: true,
    })
  })
  it('by the grace after a start', () => {
    const graced = { ...policy, startGrace: 60 }
    expect(decideRestart(two, graced, { ...third, heldBy: null }).decision).toEqual({
      kind: 'hold',
      why: 'starting',
    })
  })
})

describe('restart.every', () => {
  const at = { nowMs: start, identity: 'a', outcome: 'good' as const, heldBy: null }
  it('restarts at that age, healthy or not', () => {
    const policy4h = { ...policy, every: 4 * 3600 }
    expect(decideRestart(freshMemory, policy4h, { ...at, uptimeSeconds: 4 * 3600 - 1 }).decision.kind).toBe(
      'none',
    )
    expect(decideRestart(freshMemory, policy4h, { ...at, uptimeSeconds: 4 * 3600 }).decision).toEqual({
      kind: 'restart',
      why: 'scheduled',
    })
  })
})

describe('restart.every 4h', () => {
  const every = 4 * 3600
  it('is six a day for a week with a budget of five, without backoff, and leaves the budget as it is', () => {
    let memory: RestartMemory = freshMemory
    let uptimeSeconds = 0
    let restarts = 0
    for (let minutes = 0; minutes < 7 * 24 * 60; minutes += 10) {
      const nowMs = start + minutes * minute
      const step = decideRestart(
        memory,
        { ...policy, every },
        { nowMs, identity: `${restarts}`, outcome: 'good', uptimeSeconds, heldBy: null },
      )
      memory = step.memory
      uptimeSeconds += 600
      if (step.decision.kind === 'none') continue
      expect(step.decision).toEqual({ kind: 'restart', why: 'scheduled' })
      memory = afterRestart(memory, nowMs, 'scheduled')
      uptimeSeconds = 0
      restarts++
    }
    expect(restarts).toBeGreaterThanOrEqual(40)
    expect(memory).toMatchObject({ restartedAtMs: [], restartsInARow: 0 })
    expect(replay(failed(3), { every }, memory).kinds.at(-1)).toBe('restart')
  })

  it('is not each minute where the clock was set, and every uptime is of years', () => {
    const memory = afterRestart(freshMemory, start, 'scheduled')
    const at = { identity: 'a', outcome: 'good' as const, uptimeSeconds: 1e9, heldBy: null }
    const decide = (nowMs: number) =>
      decideRestart(memory, { ...policy, every }, { ...at, nowMs }).decision.kind
    expect(decide(start + minute)).toBe('none')
    expect(decide(start + every * 1000)).toBe('restart')
  })
})

describe('what is left of the budget', () => {
  const used = (count: number) => ({ ...freshMemory, restartedAtMs: Array(count).fill(start) })
  it('of one whose dependency was restarted, and of one that was killed in the middle', () => {
    expect(budgetIsLeft(used(4), policy.limit, start)).toBe(true)
    expect(budgetIsLeft(used(5), policy.limit, start)).toBe(false)
    // What was begun is brought to its end beyond the budget too, but once.
    expect(mayTakeUp(used(5), policy.limit, start)).toBe(true)
    expect(mayTakeUp(used(6), policy.limit, start)).toBe(false)
    expect(budgetIsLeft(used(5), policy.limit, start + 86_400_000)).toBe(true)
  })
})

it('whatever happens, never more restarts in a window than the budget, and all is bounded', () => {
  const outcome = fc.constantFrom<CheckOutcome>('good', 'failed', 'unknown')
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 600 }), (outcomes) => {
      const { decisions, memory } = replay(outcomes)
      expect(decisions.filter((d) => d.kind === 'restart').length).toBeLessThanOrEqual(5)
      expect(memory.recentFailures.length).toBeLessThanOrEqual(100)
      expect(consecutiveFailures(memory)).toBeGreaterThanOrEqual(0)
    }),
  )
})
