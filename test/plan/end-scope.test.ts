import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProcessStat } from '../../src/core/facts.ts'
import { endScope } from '../../src/plan/end-scope.ts'
import type { Protection } from '../../src/plan/protected.ts'

const process = (
  pid: number,
  ppid: number,
  session: number,
  more: Partial<ProcessStat> = {},
): ProcessStat => ({
  pid,
  ppid,
  session,
  comm: `p${pid}`,
  state: 'S',
  cpuTicks: 0,
  threads: 1,
  startTicks: pid * 10,
  rssBytes: 0,
  isKernelThread: false,
  ...more,
})

const scopeOf = (
  processes: ProcessStat[],
  pids: number[],
  protections: [number, Protection][] = [[1, 'init']],
  complete = true,
  takesIn: ((stat: ProcessStat) => boolean) | null = null,
) =>
  endScope({
    ...(takesIn === null ? {} : { takesIn }),
    scan: { processes, complete },
    pids,
    protections: new Map(protections),
    commandLine: (pid) => (pid === 100 ? 'python3 \u001b[31mdaemon' : ''),
  })

const pidsOf = ({ processes }: ReturnType<typeof endScope>): number[] => processes.map(({ pid }) => pid)

const init = process(1, 0, 1)

describe('what is ended with a service', () => {
  it('is its processes and all below them, the main one first, named without harm', () => {
    const scope = scopeOf([init, process(90, 1, 90), process(100, 1, 100), process(101, 100, 100)], [100])
    expect(scope.processes).toEqual([
      { pid: 100, startTicks: 1000, words: 'python3 \\x1b[31mdaemon' },
      { pid: 101, startTicks: 1010, words: 'p101' },
    ])
    expect(scope.newcomers).toEqual({ sessions: [100], spared: [] })
  })

  it('is the orphans of its session too, with all below them', () => {
    const orphans = [process(102, 1, 100), process(103, 102, 103), process(104, 103, 103)]
    const scope = scopeOf([init, process(100, 1, 100), ...orphans], [100])
    expect(pidsOf(scope)).toEqual([100, 102, 103, 104])
    expect(scope.newcomers.sessions).toEqual([100, 103])
  })

  it('is not the others of a session that another began: a shell of somebody’s login', () => {
    const scope = scopeOf([init, process(50, 1, 50), process(100, 50, 50), process(60, 50, 50)], [100])
    expect(pidsOf(scope)).toEqual([100])
    expect(scope.newcomers.sessions).toEqual([])
  })

  it('is a whole session without its leader when nobody else is in it', () => {
    const scope = scopeOf([init, process(100, 1, 50), process(101, 1, 50)], [100, 101])
    expect(scope.newcomers.sessions).toEqual([50])
  })

  it('is no zombie, but a main thread that ended before its other threads', () => {
    const dead = process(101, 100, 100, { state: 'Z' })
    const leader = process(102, 100, 100, { state: 'Z', threads: 4 })
    expect(pidsOf(scopeOf([init, process(100, 1, 100), dead, leader], [100]))).toEqual([100, 102])
  })

  it('is nothing when it is not there', () => {
    expect(scopeOf([init], [100])).toEqual({
      processes: [],
      newcomers: { sessions: [], spared: [] },
      protectedOnes: [],
    })
  })
})

describe('what is protected', () => {
  it('stays, and so does what is below it', () => {
    const all = [
      init,
      process(100, 1, 100),
      process(101, 100, 100),
      process(102, 101, 100),
      process(103, 102, 100),
    ]
    const scope = scopeOf(all, [100], [[101, 'ancestor']])
    // 102 and 103 are of the session that 100 began.
    expect(pidsOf(scope)).toEqual([100, 102, 103])
    const apart = scopeOf(
      [init, process(100, 1, 100), process(101, 100, 101), process(102, 101, 101)],
      [100],
      [[101, 'system']],
    )
    expect(pidsOf(apart)).toEqual([100])
    expect(apart.protectedOnes).toEqual([{ pid: 101, startTicks: 1010, words: 'p101', protection: 'system' }])
    expect(apart.newcomers).toEqual({ sessions: [100], spared: [{ pid: 101, startTicks: 1010 }] })
  })

  it('keeps what is below it also in the session of an orphan, but not what was handed to an init', () => {
    const [reaper, leader, daemon] = [process(30, 1, 30), process(500, 30, 500), process(501, 500, 500)]
    const below = [process(502, 501, 500), process(503, 502, 500), process(504, 503, 504)]
    const left = [process(505, 1, 500), process(506, 30, 500), process(507, 506, 500), process(508, 507, 508)]
    const protections: [number, Protection][] = [
      [1, 'init'],
      [30, 'tracked'],
      [501, 'tracked'],
    ]
    const all = [init, reaper, leader, daemon, ...below, ...left]
    const scope = scopeOf(all, [500], protections, true, ({ pid }) => pid === 30)
    expect(pidsOf(scope)).toEqual([500, 505, 506, 507, 508])
    expect(scope.newcomers.sessions).toEqual([508])
  })

  it('protects its children when it is the service itself', () => {
    const scope = scopeOf([init, process(100, 1, 100), process(101, 100, 101)], [100], [[100, 'system']])
    expect(scope.processes).toEqual([])
  })
})

it('where processes are hidden no session is handed on', () => {
  expect(scopeOf([init, process(100, 1, 100)], [100], [], false).newcomers.sessions).toEqual([])
})

it('never ends what is protected, nor hands on a session with another in it, however the tree is', () => {
  const stat = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
    .map(([pid, ppid, session]) => process(pid, ppid, session))
  const processes = fc.uniqueArray(stat, { selector: ({ pid }) => pid, maxLength: 12 })
  const pids = fc.array(fc.integer({ min: 0, max: 13 }), { maxLength: 4 })
  fc.assert(
    fc.property(processes, pids, pids, fc.boolean(), (all, wanted, protectedPids, isOfOrphans) => {
      const scope = scopeOf(
        all,
        wanted,
        protectedPids.map((pid) => [pid, 'system']),
        true,
        isOfOrphans ? () => false : null,
      )
      const ended = new Set(pidsOf(scope))
      expect(protectedPids.filter((pid) => ended.has(pid))).toEqual([])
      for (const session of scope.newcomers.sessions)
        expect(all.filter((one) => one.session === session && !ended.has(one.pid))).toEqual([])
      for (const pid of wanted)
        if (all.some((one) => one.pid === pid) && !protectedPids.includes(pid)) expect(ended).toContain(pid)
    }),
  )
})
