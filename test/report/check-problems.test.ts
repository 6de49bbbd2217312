import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/core/service.ts'
import type { ToldProblem } from '../../src/core/told.ts'
import { observedOf, type Transition, transition } from '../../src/core/transition.ts'
import { checkProblems } from '../../src/report/check-problems.ts'
import { noticeOf } from '../../src/report/notice.ts'
import { blind, electronCash, finding, healthy, hostile, service } from './samples.ts'

const remind = 6 * 3600

const due = (result: CheckResult, told: readonly ToldProblem[] = [], laterMs = 0): Transition =>
  transition(told, observedOf(result), result.startedAtMs + laterMs, remind)
const later = (result: CheckResult, ms: number): CheckResult => ({
  ...result,
  startedAtMs: result.startedAtMs + ms,
  finishedAtMs: result.finishedAtMs + ms,
})
const lines = (result: CheckResult, told: readonly ToldProblem[] = []): string[] =>
  checkProblems(result, due(result, told))

describe('checkProblems', () => {
  it('says nothing when all is well', () => {
    expect(lines(healthy)).toEqual([])
  })

  it('says each new problem in one line, the worst first', () => {
    expect(lines(electronCash)).toEqual([
      'CRIT electron-cash memory: 62.9 GiB, 69% of the RAM, critical from 1.0 GiB — restart it, and find what grows in it',
      'CRIT electron-cash processes: 202 with a command line that matches python, critical from 50 — end those that nobody needs any more, or restart it',
      'WARN memory: 91% of 91.0 GiB, warning from 85% — restart the biggest process or add memory',
      'WARN swap: 61% of 8.0 GiB, warning from 50% — restart what was swapped out, or add memory',
      'WARN memory pressure: 14% of the last minute lost, warning from 10% — restart the biggest process or add memory',
      'WARN disk /var/lib/docker: 81% of 1.8 TiB, 342.8 GiB left, warning from 80% — find what fills it with du -x, then delete or move it',
      'WARN electron-cash OOM: 3 processes were ended by the kernel for want of memory since it started — raise its limit, or find what grows in it',
    ])
  })

  it('is silent a minute later, and says a recovery once, with how long it took', () => {
    const { told } = due(electronCash)
    expect(lines(later(electronCash, 60_000), told)).toEqual([])
    const over = later({ ...healthy, services: [service('electron-cash')] }, 7_800_000)
    expect(lines(over, told)).toContain('OK electron-cash memory: recovered after 2h 10m')
    expect(lines(over, told)).toContain('OK disk /var/lib/docker: recovered after 2h 10m')
    expect(lines(over, due(over, told).told)).toEqual([])
  })

  it('reminds with how long it has been', () => {
    const { told } = due(electronCash)
    expect(lines(later(electronCash, remind * 1000), told)[0]).toContain(
      'critical from 1.0 GiB (for 6h) — restart',
    )
  })

  it('says of a service that was taken out of the config that it is no longer watched, not that it recovered', () => {
    const { told } = transition([], observedOf(electronCash), electronCash.startedAtMs, remind, null, [
      'electron-cash',
    ])
    const without = later(healthy, 120_000)
    const after = transition(told, observedOf(without), without.startedAtMs, remind, null, ['other'])
    const said = checkProblems(without, after)
    expect(said).toContain(
      'INFO electron-cash memory: no longer watched, as the config does not have it; it was critical for 2m',
    )
    expect(said.join('\n')).not.toContain('OK electron-cash')
    expect(said).toContain('OK disk /var/lib/docker: recovered after 2m')
    expect(noticeOf(without, after)).toMatchObject({
      status: 'ok',
      title: expect.stringMatching(/: \d+ recovered, 3 no longer watched$/),
    })
  })

  it('says that something can be measured again', () => {
    const { told } = due(blind)
    const seen = later(
      { ...healthy, services: [service('db', {}, { findings: [finding('state', 'running', 'ok')] })] },
      60_000,
    )
    expect(lines(seen, told)).toContain('OK swap: can be measured again after 1m')
    expect(lines(seen, told)).toContain('OK own log: recovered after 1m')
  })

  it('says what went wrong after it was decided what is due', () => {
    const unsaved = finding('state', 'unwritable', 'warning', {
      args: { cause: 'io', what: '/s', detail: 'ENOSPC' },
    })
    const decided = due(healthy)
    expect(checkProblems({ ...healthy, ownFindings: [unsaved] }, decided)).toEqual([
      'WARN own state: could not be saved, so the next run will not know of this one, and nothing is restarted: /s: ENOSPC — free some space there',
    ])
  })

  it('says what was done to a service, and what failed, not what was left alone', () => {
    const acted = (outcome: 'done' | 'failed' | 'skipped' | 'dry-run'): string[] =>
      lines({
        ...healthy,
        services: [service('db', {}, { action: { kind: 'restart', outcome, reason: 'memory over 1 GiB' } })],
      })
    expect(acted('done')).toEqual(['DONE db restart: memory over 1 GiB'])
    // Nothing was done: it is in the list of what would be.
    expect(acted('dry-run')).toEqual([])
    expect(acted('failed')).toEqual(['CRIT db restart (failed): memory over 1 GiB'])
    expect(acted('skipped')).toEqual([])
  })

  it('stays a mail that is read: at most 20 lines, and how many are not shown', () => {
    const services = Array.from({ length: 200 }, (_, i) =>
      service(`web-${i}`, {}, { status: 'critical', findings: [finding('state', 'failed', 'critical')] }),
    )
    const many = lines({ ...healthy, services })
    expect(many).toHaveLength(20)
    expect(many.at(-1)).toBe('… and 181 more: oratio-health check -v shows all')
    expect(lines({ ...healthy, services: services.slice(0, 20) }).at(-1)).toBe(
      'CRIT web-19 state: failed — start it again',
    )
  })

  it('keeps lines single, short and harmless', () => {
    for (const line of lines(hostile)) {
      expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e\u2066]*$/)
      expect(line.length).toBeLessThanOrEqual(400)
    }
  })
})
