import { describe, expect, it } from 'vitest'
import type { ProcessStat } from '../../src/core/facts.ts'
import { endResult } from '../../src/host/end-words.ts'
import { living, lookOver, type Roster, rosterOf } from '../../src/host/roster.ts'

const stat = (pid: number, ppid: number, session: number, more: Partial<ProcessStat> = {}): ProcessStat => ({
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

const roster = (pids: number[], sessions: number[], spared: number[] = []): Roster => {
  const keyed = (pid: number) => ({ pid, startTicks: pid * 10, words: '' })
  return rosterOf({
    kind: 'end-processes',
    processes: pids.map(keyed),
    newcomers: { sessions, spared: spared.map(keyed) },
    graceMs: 0,
    reason: '',
  })
}

const off = new Set([1, 2])
/** One that is not in a scan is looked at alone by the caller; until then it counts as living. */
const cameTo = (of: Roster): number[] =>
  living(of)
    .filter(({ isNewcomer }) => isNewcomer)
    .map(({ pid }) => pid)
const pidsOf = (of: Roster): number[] => living(of).map(({ pid }) => pid)

describe('newcomers by their session', () => {
  it('are taken though whoever was known in it has ended since the last look', () => {
    const one = roster([100], [100])
    lookOver(one, [stat(100, 1, 100)], off)
    expect(lookOver(one, [stat(300, 1, 100), stat(301, 300, 301)], off)).toBe(2)
    expect(cameTo(one)).toEqual([300, 301])
  })

  it('are not once a look found it empty: the number may be another’s by now', () => {
    const one = roster([100, 200], [100])
    lookOver(one, [stat(100, 1, 100), stat(200, 1, 200)], off)
    lookOver(one, [stat(200, 1, 200)], off)
    lookOver(one, [stat(200, 1, 200), stat(300, 1, 100)], off)
    expect(cameTo(one)).toEqual([])
  })

  it('are not where none of those asked for was found at all', () => {
    const one = roster([100], [100])
    lookOver(one, [stat(300, 1, 100)], off)
    expect(cameTo(one)).toEqual([])
  })

  it('are not where this program is, or one that is spared', () => {
    const one = roster([100, 110], [100, 110], [111])
    lookOver(one, [stat(100, 1, 100), stat(50, 1, 100), stat(110, 1, 110), stat(111, 1, 110)], new Set([50]))
    lookOver(one, [stat(100, 1, 100), stat(110, 1, 110), stat(300, 1, 100), stat(301, 1, 110)], off)
    expect(pidsOf(one)).toEqual([100, 110])
  })
})

describe('newcomers by their parent', () => {
  it('that end before anything is sent to them have ended by themselves', () => {
    const one = roster([100], [])
    const daemon = stat(100, 1, 100)
    lookOver(one, [daemon, stat(300, 100, 100)], off)
    for (const member of one.members.values()) if (member.pid === 100) member.sent = 'SIGTERM'
    lookOver(one, [stat(100, 1, 100, { state: 'Z' }), stat(300, 1, 100, { state: 'Z' })], off)
    expect([...one.members.values()].map(({ pid, end }) => [pid, end])).toEqual([
      [100, 'exited'],
      [300, 'gone'],
    ])
  })

  it('are not children of what has the pid by now', () => {
    const one = roster([100], [])
    lookOver(one, [stat(100, 1, 100)], off)
    lookOver(one, [stat(100, 1, 100, { startTicks: 9000 }), stat(950, 100, 100)], off)
    expect(pidsOf(one)).toEqual([])
  })

  it('are neither zombies nor kernel threads', () => {
    const one = roster([100], [])
    const all = [
      stat(100, 1, 1),
      stat(101, 100, 1, { state: 'Z' }),
      stat(102, 100, 1, { isKernelThread: true }),
    ]
    lookOver(one, all, off)
    expect(pidsOf(one)).toEqual([100])
  })
})

it('what could not be undone is told beside who is left', () => {
  const one = roster([100], [])
  for (const member of one.members.values()) member.end = 'survived'
  const held = { ms: 0, stillFrozen: ['/sys/fs/cgroup/a'] }
  const unsure = 'still frozen: /sys/fs/cgroup/a'
  expect(endResult(one, null, held)).toMatchObject({
    ...{ outcome: 'failed', unsure },
    detail: `${unsure}; 1 process still there after SIGKILL: 100 `,
  })
  expect(endResult(one, null)).not.toHaveProperty('unsure')
})

it('a main thread that ended before its others is no end', () => {
  const one = roster([100, 101], [])
  lookOver(one, [stat(100, 1, 1, { state: 'Z', threads: 3 }), stat(101, 1, 1, { state: 'Z' })], off)
  expect(pidsOf(one)).toEqual([100])
})
