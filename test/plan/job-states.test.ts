import { describe, expect, it } from 'vitest'
import type { JobRun } from '../../src/core/job.ts'
import { type Due, jobStates, oldAfterMs, periodMs, rhythmMs } from '../../src/plan/job-states.ts'

const minute = 60_000
const hour = 60 * minute
const nowMs = 1_800_000_000_000

const every = (command: string, periodMs: number, sinceMs: number | null = 0): Due => ({
  command,
  next: (afterMs) => Math.floor(afterMs / periodMs) * periodMs + periodMs,
  sinceMs,
})

const ran = (begunAtMs: number, exitCode: number | null = 0): JobRun => ({
  begunAtMs,
  endedAtMs: exitCode === null ? null : begunAtMs + 1000,
  exitCode,
})

const since = { nowMs, bootAtMs: 0, recordedSinceMs: 0, running: new Set<string>() }

const only = (due: Due[], runs: JobRun[], more: Partial<typeof since> = {}) =>
  jobStates(due, new Map(runs.length === 0 ? [] : [['check', runs]]), { ...since, ...more })[0]

describe('the state of a job', () => {
  it('is due at the start after its last run', () => {
    expect(only([every('check', hour)], [ran(nowMs - 5 * minute)])).toMatchObject({
      command: 'check',
      lastRunAtMs: nowMs - 5 * minute,
      exitCode: 0,
      isOverdue: false,
    })
    const job = only([every('check', hour)], [ran(nowMs - 90 * minute)])
    expect(job?.dueAtMs).toBeLessThan(nowMs)
    expect(job?.isOverdue).toBe(false)
  })

  it('is overdue once three starts in a row did not become a run', () => {
    expect(only([every('check', minute)], [ran(nowMs - 3.5 * minute)])?.isOverdue).toBe(false)
    expect(only([every('check', minute)], [ran(nowMs - 5 * minute)])?.isOverdue).toBe(true)
    expect(only([every('check', hour)], [ran(nowMs - 2.9 * hour)])?.isOverdue).toBe(false)
    expect(only([every('check', hour)], [ran(nowMs - 4.1 * hour)])?.isOverdue).toBe(true)
  })

  it('is not blamed for the time the host was off, nor before its line was written', () => {
    const old = [ran(nowMs - 40 * hour)]
    expect(only([every('check', hour)], old)?.isOverdue).toBe(true)
    expect(only([every('check', hour)], old, { bootAtMs: nowMs - hour })?.isOverdue).toBe(false)
    expect(only([every('check', hour, nowMs - hour)], old)?.isOverdue).toBe(false)
  })

  it('never ran: overdue only where it is known since when it should have', () => {
    expect(only([every('check', minute)], [])?.isOverdue).toBe(true)
    expect(only([every('check', minute, null)], [])?.isOverdue).toBe(false)
    const notRecorded = jobStates([every('check', minute)], new Map(), { ...since, recordedSinceMs: null })
    expect(notRecorded[0]).toMatchObject({ lastRunAtMs: null, isOverdue: false })
    expect(only([every('check', minute)], [], { recordedSinceMs: nowMs - minute })?.isOverdue).toBe(false)
  })

  it('of a run of the future, from before the clock was set back, counts from now', () => {
    expect(only([every('check', minute)], [ran(nowMs + 9000 * hour)])).toMatchObject({
      lastRunAtMs: nowMs,
      isOverdue: false,
    })
  })

  it('runs while its lock is held, and was killed otherwise', () => {
    const running = new Set(['check'])
    expect(only([], [ran(nowMs, null)], { running })).toMatchObject({
      isRunning: true,
      exitCode: null,
      dueAtMs: null,
    })
    expect(only([], [ran(nowMs, null)])).toMatchObject({ isRunning: false, exitCode: null })
    expect(only([], [ran(nowMs)], { running })).toMatchObject({ isRunning: false })
  })

  it('is told once for several lines, by the first that is due', () => {
    const both = [every('check', hour), every('check', minute)]
    expect(jobStates(both, new Map([['check', [ran(nowMs)]]]), since)).toHaveLength(1)
    expect(only(both, [ran(nowMs)])?.dueAtMs).toBe(every('check', minute).next(nowMs))
  })
})

describe('how old a record may be', () => {
  it('is three times its rhythm, never less than three minutes, an hour without one', () => {
    const runs = Array.from({ length: 8 }, (_, i) => ran(nowMs + i * hour))
    expect(rhythmMs(runs)).toBe(hour)
    expect(oldAfterMs(hour)).toBe(3 * hour)
    expect(oldAfterMs(5000)).toBe(3 * minute)
    expect(oldAfterMs(null)).toBe(hour)
    expect([periodMs(minute, hour), periodMs(hour, minute), periodMs(null, hour)]).toEqual([hour, hour, hour])
    expect(periodMs(null, null)).toBeNull()
  })

  it('is not shortened by some runs by hand, nor by a clock that was set back', () => {
    const byHand = [0, 1, 2, 3, 4, 4.01, 4.02].map((hours) => ran(nowMs + hours * hour))
    expect(rhythmMs(byHand)).toBe(hour)
    expect(rhythmMs([0, 1, -20, -19, -18].map((hours) => ran(nowMs + hours * hour)))).toBe(hour)
    expect(rhythmMs([ran(0), ran(1)])).toBeNull()
    expect(rhythmMs([])).toBeNull()
  })
})
