import { describe, expect, it } from 'vitest'
import { type CrashEvent, crashEvent, type OomDetails } from '../../src/core/crash-event.ts'
import { mergeEvents } from '../../src/plan/crash-merge.ts'

const oom = (more: Partial<OomDetails> = {}): OomDetails => ({
  scope: 'memcg',
  anonRssBytes: null,
  totalVmBytes: null,
  cgroup: null,
  limitBytes: null,
  invokedBy: null,
  tasks: [],
  ...more,
})
const kill = (source: string, atMs: number | null, more: Partial<CrashEvent> = {}): CrashEvent =>
  crashEvent('oom-kill', source, atMs, 'line', { oom: oom(), ...more })

describe('mergeEvents', () => {
  it('one kill that two logs, systemd and the engine tell of is one, with what each knows', () => {
    const merged = mergeEvents([
      kill('journal', 12_000, { unit: 'app.service', oom: oom({ scope: 'systemd-unit' }) }),
      kill('journal', 10_000, {
        pid: 7,
        comm: 'app',
        unit: 'app.service',
        bytes: 5,
        oom: oom({ limitBytes: 9 }),
      }),
      kill('/var/log/kern.log', 10_400, { pid: 7, comm: 'app', unit: 'app.service', bytes: 5 }),
    ])
    expect(merged).toMatchObject([
      { pid: 7, comm: 'app', unit: 'app.service', atMs: 10_000, oom: { scope: 'memcg', limitBytes: 9 } },
    ])
  })

  it('two kills of one unit a minute apart, and two processes at once, are two', () => {
    expect(
      mergeEvents([kill('j', 0, { unit: 'a.service' }), kill('j', 60_000, { unit: 'a.service' })]),
    ).toHaveLength(2)
    expect(
      mergeEvents([kill('j', 0, { pid: 1, comm: 'a' }), kill('j', 0, { pid: 2, comm: 'a' })]),
    ).toHaveLength(2)
  })

  it('two containers that end at once are two, whoever tells; one that two sources tell of is one', () => {
    const died = (source: string, container: string) =>
      crashEvent('container-exit', source, 1000, `${container} exited`, { container })
    expect(mergeEvents([died('engine', 'a'), died('engine events', 'b')])).toHaveLength(2)
    expect(mergeEvents([died('engine', 'a'), died('engine events', 'a')])).toHaveLength(1)
  })

  it('earlyoom that signals again is one kill', () => {
    const events = [0, 10_000].map((atMs) =>
      kill('journal', atMs, { pid: 5, comm: 'x', oom: oom({ scope: 'earlyoom' }) }),
    )
    expect(mergeEvents(events)).toHaveLength(1)
  })

  it('one kill in logs of two clocks is known by its figures; in one log the same figures an hour later are another', () => {
    const sized = (source: string, atMs: number | null, anonRssBytes = 5): CrashEvent =>
      kill(source, atMs, { pid: 1, comm: 'x', oom: oom({ totalVmBytes: 9, anonRssBytes }) })
    expect(mergeEvents([sized('a', 0), sized('b', 3_600_000)])).toHaveLength(1)
    expect(mergeEvents([sized('a', 0), sized('dmesg', null)])).toMatchObject([{ atMs: 0 }])
    expect(mergeEvents([sized('a', 0), sized('a', 3_600_000)])).toHaveLength(2)
    expect(mergeEvents([sized('a', 0), sized('b', 0, 6)])).toHaveLength(2)
  })

  it('a fault in the ring buffer, which has no time of day, is known by its words', () => {
    const fault = (source: string, atMs: number | null, message: string): CrashEvent =>
      crashEvent('segfault', source, atMs, message, { pid: 1, comm: 'x' })
    expect(mergeEvents([fault('a', 5, 'm'), fault('dmesg', null, 'm')])).toMatchObject([{ atMs: 5 }])
    expect(mergeEvents([fault('a', 5, 'm'), fault('dmesg', null, 'n')])).toHaveLength(2)
  })

  it('a segfault and the core dump of it are one', () => {
    const crash = (kind: 'segfault' | 'trap', atMs: number, pid = 7): CrashEvent =>
      crashEvent(kind, kind, atMs, 'm', { pid, comm: 'x' })
    expect(mergeEvents([crash('segfault', 0), crash('trap', 4000)])).toMatchObject([{ kind: 'segfault' }])
    expect(mergeEvents([crash('segfault', 0), crash('trap', 4000, 8)])).toHaveLength(2)
  })

  it('what has no time is last, and is not taken for another', () => {
    const merged = mergeEvents([kill('a', null, { pid: 1, comm: 'x' }), kill('b', 5, { pid: 1, comm: 'x' })])
    expect(merged.map(({ atMs }) => atMs)).toEqual([5, null])
  })

  it('two faults of one log in one second are two; of two logs one', () => {
    const fault = (source: string): CrashEvent =>
      crashEvent('segfault', source, 1000, 'm', { pid: 1, comm: 'x' })
    expect(mergeEvents([fault('a'), fault('a')])).toHaveLength(2)
    expect(mergeEvents([fault('a'), fault('b')])).toHaveLength(1)
  })
})
