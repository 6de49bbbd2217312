import { describe, expect, it } from 'vitest'
import type { Answers } from '../../../src/commands/orphans/ask-host.ts'
import { fatesOf, judgeSeen } from '../../../src/commands/orphans/judge-rules.ts'
import { orphansAnew } from '../../../src/commands/orphans/orphans-anew.ts'
import { seeHost } from '../../../src/commands/orphans/see-host.ts'
import type { OrphanRule } from '../../../src/config/sections/orphans.ts'
import type { ProcessStat } from '../../../src/core/facts.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'

// What comes and goes between two looks, to the process: a host that is a list of processes, since no real one holds still for it.
const stat = (pid: number, ppid: number, session: number, startTicks: number): ProcessStat => ({
  ...{ pid, ppid, session, startTicks, comm: 'python3', state: 'S', threads: 1, cpuTicks: 0, rssBytes: 1 },
  isKernelThread: false,
})

interface World {
  now: ProcessStat[]
  lines: Record<number, string>
}

const stackOf = (path: string) => {
  const [, pid] = /^\/proc\/(\d+)\/stat$/.exec(path) ?? []
  return pid === undefined ? absent('file') : value(`${pid} (python3) S${' 0'.repeat(24)} ${pid} 0\n`)
}

const hostOf = (world: World): Host => {
  const find = (pid: number) => world.now.find((one) => one.pid === pid)
  const host = {
    ...{ live: true, pid: 9999, uid: 0, elapsedMs: () => 0, now: () => 1e6, again: () => hostOf(world) },
    within: async <T>(_: number, work: () => T) => ({ result: work() }),
    processes: {
      scan: () => value({ processes: [...world.now], complete: true }),
      list: () => value(world.now.map(({ pid }) => pid)),
      stat: (pid: number) => {
        const one = find(pid)
        return one ? value({ ...one }) : failed('vanished', `process ${pid}`, 'is gone')
      },
      commandLine: (pid: number) => value(world.lines[pid] ?? ''),
      executable: () => value('/usr/bin/python3'),
      status: (pid: number) => value(`NSpid:\t${pid}\t${pid - 900}\nUid:\t1000\t1000\t1000\t1000\n`),
      bootAtMs: () => value(0),
      ticksPerSecond: 100,
    },
    cgroups: { pids: () => value(world.now.filter(({ pid }) => pid >= 1000).map(({ pid }) => pid)) },
    // What is read of /proc/PID/stat is where its stack begins: each runs a program of its own.
    files: { readText: (path: string) => stackOf(path), info: () => absent('file') },
    systemd: { units: async () => value([]) },
  }
  return host as unknown as Host
}

const init = stat(1, 0, 1, 0)
const supervisor = stat(1000, 1, 1000, 10)
const line = 'python3 wallet.py'

/** By a rule for a container whose init is a supervisor, one of its processes tracked: who has come between the two looks. */
const anew = async (
  { keep = 0, tracked = [] as number[] },
  { before, after, lines }: { before: ProcessStat[]; after: ProcessStat[]; lines: Record<number, string> },
): Promise<number[]> => {
  const rule: OrphanRule = {
    ...{ name: 'test', match: 'wallet', exe: null, user: null, container: 'wallet', unit: null, keep },
    ...{ keep_by: 'newest', older_than: null, max_memory: null, warn: 1, crit: null },
  }
  const world: World = { now: [init, supervisor, ...before], lines: { 1000: 'supervisord', ...lines } }
  const host = hostOf(world)
  const answers: Answers = {
    host,
    containers: [{ id: 'c', name: 'wallet', pid: 1000, cgroup: '/docker/c' }],
    of: new Map([[rule, { scope: { cgroups: ['/docker/c'] }, uid: null }]]),
  }
  const seen = seeHost(answers)
  if (typeof seen === 'string') throw new Error(seen)
  const [verdict] = await judgeSeen({ loaded: null, global: {} as never, host }, answers, seen)
  if (verdict?.kind !== 'judged') throw new Error('it could not be judged')
  const trackedPids = new Set([...verdict.trackedPids, ...tracked])
  const fates = fatesOf({ ...verdict, seen, rule }, verdict.candidates, trackedPids)
  world.now = [init, supervisor, ...after]
  return orphansAnew({ ...verdict, trackedPids, fates }).map(({ pid }) => pid)
}

describe('who has come in the place of orphans', () => {
  const daemon = stat(1001, 1000, 1000, 20)
  const orphan = stat(1002, 1000, 1000, 30)

  it('is the successor of one, whose daemon goes on', async () => {
    const successor = stat(1003, 1000, 1000, 90)
    const lines = { 1001: 'python3 wallet.py --daemon', 1002: line, 1003: line }
    expect(
      await anew({ tracked: [1001] }, { before: [daemon, orphan], after: [daemon, successor], lines }),
    ).toEqual([1003])
  })

  it.each([line, `${line} helper`])(
    'is not the daemon that its supervisor has started meanwhile: %s',
    async (ofOrphan) => {
      const restarted = stat(1003, 1000, 1000, 90)
      const lines = { 1001: line, 1002: ofOrphan, 1003: line }
      expect(
        await anew({ tracked: [1001] }, { before: [daemon, orphan], after: [restarted], lines }),
      ).toEqual([])
    },
  )

  it('is not one with another command line than theirs', async () => {
    const other = stat(1003, 1000, 1000, 90)
    const lines = { 1002: line, 1003: 'python3 wallet-backup.py' }
    expect(await anew({}, { before: [orphan], after: [other], lines })).toEqual([])
  })

  it('is not the one that was to stay, when a newer one has come', async () => {
    const [older, newer] = [stat(1001, 1000, 1000, 20), stat(1002, 1000, 1000, 30)]
    const lines = { 1001: line, 1002: line, 1003: line }
    expect(
      await anew({ keep: 1 }, { before: [older, newer], after: [newer, stat(1003, 1000, 1000, 90)], lines }),
    ).toEqual([])
  })

  it('is not one that was spared for a parent that has ended since', async () => {
    const [job, child] = [stat(1004, 1003, 1000, 29), stat(1005, 1004, 1000, 30)]
    const lines = { 1002: line, 1004: 'sh job', 1005: line, 1003: 'bash' }
    expect(
      await anew(
        {},
        {
          before: [orphan, stat(1003, 1000, 1003, 28), job, child],
          after: [stat(1005, 1000, 1000, 30)],
          lines,
        },
      ),
    ).toEqual([])
  })
})
