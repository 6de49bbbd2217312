import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Status } from '../../src/core/finding.ts'
import { freshHooks, type ServiceHooks } from '../../src/core/hook-memory.ts'
import { decideHooks, type HookFacts, type HookSettings, owing, restartHooks } from '../../src/plan/hooks.ts'

const gib = 1024 ** 3
const at = (gibibytes: number): HookSettings => ({ at: { bytes: gibibytes * gib }, run: 'x', timeout: 60 })
const every = (seconds: number): HookSettings => ({ every: seconds, run: 'x', timeout: 60 })
const on = (state: 'warning' | 'critical' | 'restart' | 'recovered'): HookSettings => ({
  on: state,
  run: 'x',
  timeout: 60,
})

/** Runs of a minute each; the runs in which a hook was due. */
const play = (
  hooks: HookSettings[],
  runs: Partial<HookFacts>[],
  before: ServiceHooks = freshHooks,
): number[] => {
  let state = before
  return runs.flatMap((facts, i) => {
    const decided = decideHooks(hooks, state, {
      nowMs: i * 60_000,
      memoryBytes: null,
      limitBytes: null,
      status: 'ok',
      ...facts,
    })
    state = decided.after
    return decided.due.map(() => i)
  })
}
const memory = (...gibibytes: (number | null)[]): Partial<HookFacts>[] =>
  gibibytes.map((one) => ({ memoryBytes: one === null ? null : one * gib }))

describe('a hook at a mark', () => {
  it('runs once a crossing, not again until memory was clearly below', () => {
    expect(play([at(2)], memory(1, 2, 3, 2.5, 1.95, 2.1, 1.85, 2.2, 1.7, 2.1))).toEqual([1, 9])
  })

  it('around the mark, up and down by a tenth, it runs once', () => {
    expect(
      play([at(2)], memory(...Array.from({ length: 50 }, (_, i) => 2 + (i % 2 === 0 ? 0.1 : -0.1)))),
    ).toEqual([0])
  })

  it('two marks are two hooks (incident O5: at 2 and at 4)', () => {
    expect(play([at(2), at(4)], memory(1, 3, 5, 5))).toEqual([1, 2])
  })

  it('a share of the limit; without a limit there is no mark', () => {
    const share: HookSettings = { at: { percent: 50 }, run: 'x', timeout: 60 }
    expect(play([share], [{ memoryBytes: 3 * gib, limitBytes: 4 * gib }])).toEqual([0])
    expect(play([share], [{ memoryBytes: 3 * gib, limitBytes: null }])).toEqual([])
  })

  it('memory that was not measured crosses nothing, and does not end a crossing', () => {
    expect(play([at(2)], memory(null, 3, null, 3))).toEqual([1])
  })
})

describe('a hook on schedule', () => {
  it('begins its period at the first sight', () => {
    expect(
      play(
        [every(180)],
        Array.from({ length: 10 }, () => ({})),
      ),
    ).toEqual([3, 6, 9])
  })

  it('a clock that was set back begins a new period, and does not stop it for ever', () => {
    const runs = [{ nowMs: 1e12 }, { nowMs: 1000 }, { nowMs: 2000 }, { nowMs: 181_000 }]
    expect(play([every(180)], runs)).toEqual([3])
  })

  it('one that changed in the config is another', () => {
    const { after } = decideHooks([every(180)], freshHooks, {
      nowMs: 0,
      memoryBytes: null,
      limitBytes: null,
      status: 'ok',
    })
    const changed = { ...every(180), run: 'y' }
    const next = decideHooks([changed], after, {
      nowMs: 600_000,
      memoryBytes: null,
      limitBytes: null,
      status: 'ok',
    })
    expect(next.due).toEqual([])
    expect(Object.keys(next.after.hooks)).toHaveLength(1)
  })
})

describe('a hook at a change', () => {
  const statuses = (...all: Status[]): Partial<HookFacts>[] => all.map((status) => ({ status }))

  it('runs when the state comes, not while it lasts', () => {
    expect(play([on('critical')], statuses('ok', 'critical', 'critical', 'warning', 'critical'))).toEqual([
      1, 4,
    ])
    expect(play([on('warning')], statuses('ok', 'warning', 'warning', 'critical'))).toEqual([1])
    expect(play([on('recovered')], statuses('ok', 'critical', 'ok', 'ok', 'warning', 'ok'))).toEqual([2, 5])
  })

  it('what could not be measured is neither', () => {
    expect(play([on('recovered'), on('critical')], statuses('critical', 'unknown', 'ok'))).toEqual([0, 2])
    expect(play([on('critical')], statuses('critical', 'unknown', 'critical'))).toEqual([0])
  })

  it('that of a restart is asked for by the restart alone', () => {
    expect(play([on('restart')], statuses('critical', 'critical'))).toEqual([])
    expect(restartHooks([on('critical'), on('restart'), at(2)])).toHaveLength(1)
  })
})

it('whatever the figures, at most once a run each, and the state stays as small as the config', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          memoryBytes: fc.option(fc.double({ min: 0, max: 1e13, noNaN: true })),
          nowMs: fc.double({ min: 0, max: 1e14, noNaN: true }),
          status: fc.constantFrom<Status[]>('ok', 'warning', 'critical', 'unknown'),
        }),
      ),
      (runs) => {
        let state: ServiceHooks = freshHooks
        for (const facts of runs) {
          const { due, after } = decideHooks([at(2), every(60), on('critical')], state, {
            limitBytes: null,
            ...facts,
          })
          expect(new Set(due.map(({ key }) => key)).size).toBe(due.length)
          expect(Object.keys(after.hooks)).toHaveLength(3)
          state = after
        }
      },
    ),
  )
})

describe('a hook for which there was no time', () => {
  const facts = { nowMs: 60_000, memoryBytes: 3 * gib, limitBytes: null, status: 'critical' as const }
  const seen: ServiceHooks = { status: 'ok', hooks: {} }

  it.each([[at(2)], [on('critical')]])('is due in the next run, first, and once', (hook) => {
    const first = decideHooks([hook], seen, facts)
    const [due] = first.due
    const owed = owing(first.after, seen, due?.key ?? '')
    const second = decideHooks([hook], owed, facts)
    expect(second.due).toMatchObject([{ isOwed: true }])
    expect(decideHooks([hook], second.after, facts).due).toEqual([])
  })

  it('is not due any more when what made it due is over', () => {
    const first = decideHooks([on('critical')], seen, facts)
    const owed = owing(first.after, seen, first.due[0]?.key ?? '')
    expect(decideHooks([on('critical')], owed, { ...facts, status: 'ok' }).due).toEqual([])
  })
})
