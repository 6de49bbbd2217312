import { describe, expect, it } from 'vitest'
import type { ProcessStat } from '../../src/core/facts.ts'
import {
  commandsOfInits,
  fitsTooMuch,
  type OrphanCandidate,
  type OrphanFacts,
  type OrphanWish,
  orphanFates,
} from '../../src/plan/orphans.ts'

const stat = (pid: number, ppid: number, more: Partial<ProcessStat> = {}): ProcessStat => ({
  ...{ pid, ppid, comm: 'python3', state: 'S', session: pid, cpuTicks: 0, threads: 1 },
  ...{ startTicks: pid, rssBytes: 0, isKernelThread: false },
  ...more,
})
const any: OrphanWish = { keep: 0, keepBy: 'newest', olderThanSeconds: null, moreThanBytes: null }

const fates = (
  processes: ProcessStat[],
  about: number[],
  {
    wish = {},
    facts = {},
    seen = {},
  }: { wish?: Partial<OrphanWish>; facts?: Partial<OrphanFacts>; seen?: Partial<OrphanCandidate> } = {},
) => {
  const candidates = processes
    .filter(({ pid }) => about.includes(pid))
    .map((one): OrphanCandidate => ({ stat: one, ageSeconds: 100, memoryBytes: 100, ...seen }))
  const found = orphanFates(
    candidates,
    { ...any, ...wish },
    {
      byPid: new Map(processes.map((one) => [one.pid, one])),
      ...{ processes, protections: new Map(), containerInits: new Set() },
      ...{ trackedPids: new Set(), claimedPids: new Set() },
      isForkOfParent: () => false,
      placeOf: () => '',
      ...facts,
    },
  )
  return Object.fromEntries(
    [...found].map(([pid, fate]) => [pid, fate.kind === 'orphan' ? 'orphan' : fate.reason]),
  )
}

describe('what an orphan is', () => {
  it('what was handed to init, to a subreaper, or to the first process of its container', () => {
    const host = [
      stat(1, 0, { comm: 'systemd' }),
      stat(20, 1),
      stat(5, 1, { comm: 'systemd' }),
      stat(21, 5),
      stat(30, 29),
      stat(31, 30),
      stat(32, 31),
    ]
    expect(fates(host, [20, 21, 31, 32], { facts: { containerInits: new Set([30]) } })).toEqual({
      20: 'orphan',
      21: 'orphan',
      31: 'orphan',
    })
  })

  it('never the tracked one, nor what it started, however far below', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 20), stat(22, 21), stat(23, 1)]
    expect(fates(host, [20, 21, 22, 23], { facts: { trackedPids: new Set([20]) } })).toEqual({
      20: 'it is the tracked one',
      21: 'it belongs to the tracked process 20',
      22: 'it belongs to the tracked process 20',
      23: 'orphan',
    })
  })

  it('nor whom a pid file names that is not believed, who counts for none of those that `keep` means', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 20), stat(22, 1), stat(23, 1)]
    const facts = { claimedPids: new Set([20]) }
    expect(fates(host, [20, 21, 22, 23], { facts, wish: { keep: 1 } })).toEqual({
      20: 'a pid file names it, though one that is not believed',
      21: 'it belongs to the tracked process 20',
      22: 'orphan',
      23: 'among the newest 1, which stay',
    })
    const script = [stat(30, 29, { comm: 'sh' }), stat(31, 30), stat(32, 30)]
    const within = { containerInits: new Set([30]), claimedPids: new Set([31]) }
    expect(fates(script, [32], { facts: within })[32]).toMatch(/^it may be the daemon/)
  })

  it('never what is protected, and zombies are their parents’ to reap', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 1, { state: 'Z' })]
    expect(fates(host, [20, 21], { facts: { protections: new Map([[20, 'system']]) } })).toEqual({
      20: 'protected: system',
      21: 'a zombie, which its parent process 1 (python3) does not reap',
    })
  })

  it('the child of a supervisor that watches over it is none', () => {
    const host = [
      stat(1, 0),
      stat(5, 1, { comm: 'runsv' }),
      stat(20, 5),
      stat(6, 1, { comm: 'containerd-shim' }),
      stat(21, 6),
    ]
    expect(Object.values(fates(host, [20, 21])).filter((fate) => fate === 'orphan')).toEqual([])
  })

  it('age and memory beyond the bounds only, and what is not known is spared', () => {
    const host = [stat(1, 0), stat(20, 1)]
    const of = (wish: Partial<OrphanWish>, seen: Partial<OrphanCandidate> = {}) =>
      fates(host, [20], { wish, seen })[20]
    expect(of({ olderThanSeconds: 100 })).toBe('it is not old enough')
    expect(of({ olderThanSeconds: 99 })).toBe('orphan')
    expect(of({ olderThanSeconds: 99 }, { ageSeconds: null })).toBe('its age is not known')
    expect(of({ moreThanBytes: 100 })).toBe('it is not big enough')
    expect(of({ moreThanBytes: 99 })).toBe('orphan')
    expect(of({ moreThanBytes: 0 }, { memoryBytes: null })).toBe('its memory is not known')
  })

  it('the newest may stay', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 1), stat(22, 1, { startTicks: 3 })]
    expect(fates(host, [20, 21, 22], { wish: { keep: 1 } })).toEqual({
      20: 'orphan',
      21: 'among the newest 1, which stay',
      22: 'orphan',
    })
  })

  it('the oldest may stay instead', () => {
    const three = [stat(20, 1), stat(21, 1, { startTicks: 5 }), stat(22, 1)]
    expect(fates(three, [20, 21, 22], { wish: { keep: 1, keepBy: 'oldest' } })).toEqual({
      20: 'orphan',
      21: 'among the oldest 1, which stay',
      22: 'orphan',
    })
  })

  it('in each replica of a service as many may stay, and a tracked one counts only in its own', () => {
    const inits = [30, 40, 50].map((pid) => stat(pid, 1, { comm: 'sh' }))
    const children = [31, 32, 41, 42, 51, 52].map((pid) => stat(pid, pid - (pid % 10)))
    const facts = {
      containerInits: new Set([30, 40, 50]),
      trackedPids: new Set([30, 40, 50, 51]),
      placeOf: ({ pid }: ProcessStat) => `/docker/${Math.floor(pid / 10)}`,
    }
    const about = children.map(({ pid }) => pid)
    expect(fates([stat(1, 0), ...inits, ...children], about, { wish: { keep: 1 }, facts })).toEqual({
      31: 'orphan',
      32: 'among the newest 1, which stay',
      41: 'orphan',
      42: 'among the newest 1, which stay',
      51: 'it is the tracked one',
      52: 'orphan',
    })
  })

  it('a tracked daemon counts as one of those that may stay; an init or a script with its name does not', () => {
    const containerInits = new Set([30])
    const of = (comm: string) =>
      fates([stat(1, 0), stat(30, 1, { comm }), stat(31, 30), stat(32, 30)], [30, 31, 32], {
        wish: { keep: 1 },
        facts: { containerInits, trackedPids: new Set([30]) },
      })
    expect(of('python3')).toMatchObject({ 31: 'orphan', 32: 'orphan' })
    for (const comm of ['sh', 'tini'])
      expect(of(comm)).toMatchObject({ 31: 'orphan', 32: 'among the newest 1, which stay' })
  })

  it('of a start script’s children none, while nobody says which is the daemon', () => {
    const host = [stat(1, 0), stat(30, 1, { comm: 'sh' }), stat(31, 30), stat(32, 30)]
    const facts = { containerInits: new Set([30]), trackedPids: new Set([30]) }
    const words = expect.stringContaining('say keep: 1')
    expect(fates(host, [31, 32], { facts })).toEqual({ 31: words, 32: words })
    expect(fates(host, [31, 32], { facts: { ...facts, trackedPids: new Set([30, 31]) } })).toEqual({
      31: 'it is the tracked one',
      32: 'orphan',
    })
  })

  it('never a worker that the first process of a container has forked', () => {
    const host = [stat(1, 0), stat(30, 1), stat(31, 30), stat(32, 30)]
    const facts = { containerInits: new Set([30]), isForkOfParent: ({ pid }: ProcessStat) => pid === 31 }
    expect(fates(host, [31, 32], { facts })).toEqual({
      31: 'its parent lives: process 30 (python3), of which it is a worker',
      32: 'orphan',
    })
  })

  it('a rule that fits most programs is too wide; hundreds of one program are not', () => {
    const processes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((comm, i) => stat(20 + i, 1, { comm }))
    const about = (of: readonly ProcessStat[]) =>
      of.map((one): OrphanCandidate => ({ stat: one, ageSeconds: null, memoryBytes: null }))
    const protections = new Map([[26, 'system' as const]])
    expect(fitsTooMuch(about(processes.slice(0, 4)), protections, () => processes)).toBe(true)
    expect(fitsTooMuch(about(processes.slice(0, 3)), protections, () => processes)).toBe(false)
    const many = Array.from({ length: 500 }, (_, i) => stat(100 + i, 1))
    expect(fitsTooMuch(about(many), protections, () => [...processes, ...many])).toBe(false)
  })

  it('the command of tini is its oldest child', () => {
    const none = () => null
    const tini = stat(10, 9, { comm: 'tini' })
    const host = [tini, stat(30, 10, { startTicks: 50 }), stat(11, 10, { startTicks: 80 }), stat(12, 30)]
    expect(commandsOfInits(host, none)).toEqual([30])
    // Of the same 10 ms, after the host's numbers began anew: the container's own tell, and without them all may be it.
    const ties = [tini, stat(32_000, 10, { startTicks: 50 }), stat(300, 10, { startTicks: 50 })]
    expect(commandsOfInits(ties, (pid) => (pid === 32_000 ? 7 : 9))).toEqual([32_000])
    expect(commandsOfInits(ties, none)).toEqual([32_000, 300])
    expect(commandsOfInits([tini], none)).toEqual([])
  })

  it('what an orphan has started goes with it, and is not called spared; what is tracked below it stays', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 20), stat(22, 21), stat(30, 20)]
    expect(fates(host, [20, 21, 22, 30], { facts: { trackedPids: new Set([30]) } })).toEqual({
      20: 'orphan',
      30: 'it is the tracked one',
    })
  })

  it('what stays below an orphan keeps what it has started', () => {
    const host = [stat(1, 0), stat(20, 1), stat(21, 20), stat(22, 21), stat(30, 20), stat(31, 30)]
    const protections = new Map([
      [21, 'system' as const],
      [30, 'system' as const],
    ])
    expect(fates(host, [20, 21, 22, 31], { facts: { protections } })).toEqual({
      20: 'orphan',
      21: 'protected: system',
      22: 'its parent lives: process 21 (python3)',
      31: 'its parent lives: process 30 (python3)',
    })
  })

  it('parents in a circle, as a scan of a reused pid may show, are gone round once', () => {
    expect(fates([stat(20, 21), stat(21, 20)], [20, 21])).toEqual({
      20: 'its parent lives: process 21 (python3)',
      21: 'its parent lives: process 20 (python3)',
    })
  })
})
