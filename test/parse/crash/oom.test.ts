import { describe, expect, it } from 'vitest'
import type { CrashEvent } from '../../../src/core/crash-event.ts'
import { containerOf, makeOomReader, unitOf } from '../../../src/parse/crash/oom.ts'

const read = (lines: readonly string[], pageBytes?: number): CrashEvent[] => {
  const reader = makeOomReader('kmsg', pageBytes)
  const record = (text: string, i: number) => ({ atMs: i, program: 'kernel', pid: null, unit: null, text })
  return [...lines.flatMap((text, i) => reader.read(record(text, i))), ...reader.end()]
}

const killed = (pid: number, comm: string): string =>
  `Memory cgroup out of memory: Killed process ${pid} (${comm}) total-vm:100kB, anon-rss:64kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0`

const id = 'c0ffee'.padEnd(64, '0')

describe('one event a kill', () => {
  it('from a whole report of 5.x: who asked, whose limit, who was there, who was killed', () => {
    const [event, ...others] = read(
      [
        'worker invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
        'memory: usage 524288kB, limit 524288kB, failcnt 42',
        '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
        '[     10]     0    10     1000       10    49152        0             0 sh',
        '[     11]     0    11     9000      900    49152      100             0 python3',
        `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=${id},mems_allowed=0,oom_memcg=/system.slice/docker-${id}.scope,task_memcg=/system.slice/docker-${id}.scope,task=python3,pid=11,uid=0`,
        killed(11, 'python3'),
        'oom_reaper: reaped process 11 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
      ],
      16_384,
    )
    expect(others).toEqual([])
    expect(event).toMatchObject({
      kind: 'oom-kill',
      pid: 11,
      comm: 'python3',
      container: id,
      unit: null,
      bytes: 65_536,
      atMs: 6,
      oom: {
        scope: 'memcg',
        limitBytes: 512 * 1024 ** 2,
        invokedBy: 'worker',
        totalVmBytes: 102_400,
        tasks: [
          { pid: 11, comm: 'python3', rssBytes: 900 * 16_384, swapBytes: 100 * 16_384 },
          { pid: 10, comm: 'sh' },
        ],
      },
    })
  })

  it('memory.oom.group: each of the group', () => {
    const events = read([
      'a invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0',
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/g,task_memcg=/system.slice/g.service,task=a,pid=1,uid=0',
      killed(1, 'a'),
      'Tasks in /g are going to be killed due to memory.oom.group set',
      killed(2, 'b'),
      killed(3, 'c'),
    ])
    expect(events.map(({ pid, unit }) => [pid, unit])).toEqual([
      [1, 'g.service'],
      [2, 'g.service'],
      [3, 'g.service'],
    ])
  })

  it('a log that ends before the kill is told, and one that is told in two halves', () => {
    const chosen = 'Out of memory: Kill process 5 (x) score 900 or sacrifice child'
    expect(read([chosen])).toMatchObject([{ pid: 5, bytes: null, oom: { scope: 'global' } }])
    expect(read([chosen, 'y invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0'])).toMatchObject([
      { pid: 5 },
    ])
  })

  it('the limit of the old form, by name', () => {
    expect(
      read([
        'Task in /docker/abc/x killed as a result of limit of /docker/abc',
        'memory: usage 10kB, limit 9007199254740988kB, failcnt 0',
        'Memory cgroup out of memory: Kill process 5 (x) score 900 or sacrifice child',
        'Killed process 5 (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
      ]),
    ).toMatchObject([{ oom: { cgroup: '/docker/abc', limitBytes: null, scope: 'memcg' } }])
  })

  it('keeps the biggest twenty of a dump of ten thousand', () => {
    const rows = Array.from(
      { length: 10_000 },
      (_, i) => `[ ${i + 1}]     0     1     1     ${i}     1     0     0 p${i}`,
    )
    const [event] = read([
      'a invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0',
      '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
      ...rows,
      killed(1, 'a'),
    ])
    expect(event?.oom?.tasks).toHaveLength(20)
    expect(event?.oom?.tasks[0]?.comm).toBe('p9999')
  })
})

describe('whose cgroup it is', () => {
  it.each([
    ['/system.slice/app.service', 'app.service', null],
    ['/system.slice/app.service/worker-1', 'app.service', null],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/x.service', 'x.service', null],
    [`/docker/${id}`, null, id],
    [`/system.slice/docker-${id}.scope`, null, id],
    [`/machine.slice/libpod-${id}.scope/container`, null, id],
    [`/kubepods/burstable/pod95387fa4/${id}`, null, id],
    ['/', null, null],
    [null, null, null],
  ])('%s', (cgroup, unit, container) => {
    expect([unitOf(cgroup), containerOf(cgroup)]).toEqual([unit, container])
  })
})
