import { describe, expect, it } from 'vitest'
import { makeLineSplitter } from '../../src/host/line-splitter.ts'
import { findCrashWord, makeCrashReader } from '../../src/parse/crash/crash-reader.ts'
import { mergeEvents } from '../../src/plan/crash-merge.ts'
import { findSuspects } from '../../src/plan/crash-suspects.ts'

/** Logs as they come together on a host: who is named first, and how many kills are counted. */

interface Dump {
  victim: [comm: string, pid: number, mebibytes: number]
  /** Processes in the list; the victim is not added. */
  tasks?: [comm: string, pid: number, mebibytes: number][]
  cgroup?: string
  invokedBy?: string
  limitMebibytes?: number
}

const pages = (mebibytes: number): number => mebibytes * 256
const kb = (mebibytes: number): number => mebibytes * 1024

/** 5.x and 6.x, with the columns of 6.8. */
const dump6 = ({ victim, tasks = [], cgroup, invokedBy = 'kswapd0', limitMebibytes }: Dump): string[] => {
  const [comm, pid, mebibytes] = victim
  return [
    `${invokedBy} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`,
    `CPU: 1 PID: 77 Comm: ${invokedBy} Not tainted 6.8.0-31-generic #31-Ubuntu`,
    'Call Trace:',
    ' oom_kill_process+0x203/0x2f0',
    ...(limitMebibytes === undefined
      ? ['Mem-Info:', 'active_anon:1012 inactive_anon:1950 isolated_anon:0']
      : [`memory: usage ${kb(limitMebibytes)}kB, limit ${kb(limitMebibytes)}kB, failcnt 99`]),
    'Tasks state (memory values in pages):',
    '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
    ...tasks.map(
      ([name, id, size]) =>
        `[${String(id).padStart(7)}]     0 ${id} ${pages(size) * 2} ${pages(size)} ${pages(size)} 0 0 1048576 0 0 ${name}`,
    ),
    cgroup === undefined || limitMebibytes === undefined
      ? `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=${cgroup ?? '/init.scope'},task=${comm},pid=${pid},uid=0`
      : `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${cgroup},task_memcg=${cgroup},task=${comm},pid=${pid},uid=0`,
    `${limitMebibytes === undefined ? 'Out' : 'Memory cgroup out'} of memory: Killed process ${pid} (${comm}) total-vm:${kb(mebibytes) * 2}kB, anon-rss:${kb(mebibytes)}kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:99kB oom_score_adj:0`,
    `oom_reaper: reaped process ${pid} (${comm}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`,
  ]
}

/** 3.10 and 4.x. */
const dump3 = ({ victim, tasks = [], cgroup, invokedBy = 'java', limitMebibytes }: Dump): string[] => {
  const [comm, pid, mebibytes] = victim
  const memcg = limitMebibytes !== undefined
  return [
    `${invokedBy} invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0`,
    ...(memcg
      ? [
          `Task in ${cgroup} killed as a result of limit of ${cgroup}`,
          `memory: usage ${kb(limitMebibytes)}kB, limit ${kb(limitMebibytes)}kB, failcnt 3`,
          'memory+swap: usage 0kB, limit 9007199254740988kB, failcnt 0',
        ]
      : []),
    '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
    ...tasks.map(
      ([name, id, size]) =>
        `[${String(id).padStart(5)}]     0 ${id} ${pages(size) * 2} ${pages(size)} 99 0 0 ${name}`,
    ),
    `${memcg ? 'Memory cgroup out' : 'Out'} of memory: Kill process ${pid} (${comm}) score 900 or sacrifice child`,
    `Killed process ${pid} (${comm}), UID 0, total-vm:${kb(mebibytes) * 2}kB, anon-rss:${kb(mebibytes)}kB, file-rss:0kB, shmem-rss:0kB`,
  ]
}

const clock = { endMs: new Date(2026, 10, 26, 12, 0, 0).getTime(), bootAtMs: null }
const at =
  (time: string): ((text: string) => string) =>
  (text) =>
    `Nov 26 ${time} box kernel: [ 4711.000001] ${text}`
const iso =
  (stamp: string): ((text: string) => string) =>
  (text) =>
    `${stamp} box kernel: ${text}`
const ring =
  (seconds: number): ((text: string) => string) =>
  (text) =>
    `[${seconds.toFixed(6)}] ${text}`
const json =
  (ms: number): ((text: string) => string) =>
  (text) =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: String(ms * 1000),
      _TRANSPORT: 'kernel',
      SYSLOG_IDENTIFIER: 'kernel',
      MESSAGE: text,
    })
const ms = (time: string): number => new Date(`2026-11-26T${time}`).getTime()

const story = (...logs: string[][]) => {
  const events = mergeEvents(
    logs.flatMap((lines, i) => {
      const reader = makeCrashReader(`log ${i}`, clock)
      return [...lines.flatMap((line) => reader.read(line)), ...reader.end()]
    }),
  )
  const suspects = findSuspects(events, {
    restarts: [],
    growth: [],
    containerNames: new Map([[id, 'indexer']]),
  })
  const kills = events.filter(({ kind }) => kind === 'oom-kill')
  return { kills: kills.length, first: suspects[0]?.name ?? null, events, suspects, killEvents: kills }
}

const id = 'c0ffee'.padEnd(64, '0')
const capture = {
  victim: ['capture_monitor', 1010, 5900],
  tasks: [
    ['capture_monitor', 1010, 5900],
    ['systemd-journal', 300, 90],
    ['sshd', 700, 8],
  ],
  cgroup: '/system.slice/capture.service',
} satisfies Dump
const swarm: [string, number, number][] = Array.from({ length: 200 }, (_, i) => ['python3', 3000 + i, 310])
const interleaved = (a: string[], b: string[]): string[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((line): line is string => line !== undefined)

const mixes: [name: string, logs: string[][], kills: number, first: string | null][] = [
  ['6.x, one kill of a unit', [dump6(capture).map(at('11:00:00'))], 1, 'capture.service'],
  [
    '6.x at its limit',
    [dump6({ ...capture, limitMebibytes: 6144 }).map(at('11:00:00'))],
    1,
    'capture.service',
  ],
  ['3.10, global', [dump3(capture).map(at('11:00:00'))], 1, 'capture_monitor'],
  [
    '3.10, a container at its limit',
    [
      dump3({
        victim: ['node', 50, 2000],
        tasks: [['node', 50, 2000]],
        cgroup: `/docker/${id}`,
        limitMebibytes: 2048,
      }).map(at('11:00:00')),
    ],
    1,
    'indexer',
  ],
  [
    'the journal, kern.log and dmesg of one kill',
    [
      dump6(capture).map(json(ms('11:00:00'))),
      dump6(capture).map(at('11:00:00')),
      dump6(capture).map(ring(4711)),
    ],
    1,
    'capture.service',
  ],
  [
    'kern.log and its copy in syslog and messages, a second later',
    [
      dump6(capture).map(at('11:00:00')),
      dump6(capture).map(at('11:00:01')),
      dump6(capture).map(at('11:00:01')),
    ],
    1,
    'capture.service',
  ],
  [
    'the same in one file',
    [[...dump6(capture).map(at('11:00:00')), ...dump6(capture).map(at('11:00:00'))]],
    1,
    'capture.service',
  ],
  [
    'a log of UTC and one of another zone',
    [dump6(capture).map(iso('2026-11-26T10:00:00+00:00')), dump6(capture).map(at('14:00:00'))],
    1,
    'capture.service',
  ],
  [
    'the hour that a clock is set back by: the second 02:30 is the first one in a log without a zone',
    [
      dump6(capture).map(iso('2026-10-25T02:30:00+01:00')),
      dump6(capture).map((text) => `Oct 25 02:30:00 box kernel: ${text}`),
    ],
    1,
    'capture.service',
  ],
  [
    'New Year: a kill on each side',
    [
      [
        ...dump6(capture).map((text) => `Dec 31 23:59:58 box kernel: ${text}`),
        ...dump6({ ...capture, victim: ['capture_monitor', 2020, 5800] }).map(
          (text) => `Jan  1 00:00:02 box kernel: ${text}`,
        ),
      ],
    ],
    2,
    'capture.service',
  ],
  [
    'a boot whose clock began at 1970, and dmesg of the same kill',
    [dump6(capture).map(iso('1970-01-01T00:10:00+00:00')), dump6(capture).map(ring(600))],
    1,
    'capture.service',
  ],
  [
    'two kills of one unit in a crash loop, with new pids',
    [
      [
        ...dump6(capture).map(at('10:00:00')),
        ...dump6({ ...capture, victim: ['capture_monitor', 1500, 5901] }).map(at('10:20:00')),
      ],
    ],
    2,
    'capture.service',
  ],
  [
    'three innocent victims before the one that held it all',
    [
      [
        ...dump6({ victim: ['sshd', 700, 8], tasks: capture.tasks, cgroup: '/system.slice/ssh.service' }).map(
          at('11:00:00'),
        ),
        ...dump6({
          victim: ['nginx', 800, 30],
          tasks: capture.tasks,
          cgroup: '/system.slice/nginx.service',
        }).map(at('11:00:01')),
        ...dump6({
          victim: ['cron', 810, 3],
          tasks: capture.tasks,
          cgroup: '/system.slice/cron.service',
        }).map(at('11:00:02')),
        ...dump6(capture).map(at('11:00:03')),
      ],
    ],
    4,
    'capture.service',
  ],
  [
    'an innocent victim alone: the holder is named by its program',
    [
      dump6({
        victim: ['mysqld', 800, 400],
        tasks: [
          ['mysqld', 800, 400],
          ['leaker', 900, 7000],
        ],
        cgroup: '/system.slice/mysql.service',
      }).map(at('11:00:00')),
    ],
    1,
    'leaker',
  ],
  [
    'two hundred small ones against one big one (incident E)',
    [
      dump6({
        victim: ['dockerd', 900, 2000],
        tasks: [['dockerd', 900, 2000], ...swarm],
        cgroup: '/system.slice/docker.service',
      }).map(at('11:00:00')),
    ],
    1,
    'python3',
  ],
  [
    'a dump whose rows were cut off before the victim’s',
    [
      dump6({
        ...capture,
        tasks: [
          ['sshd', 700, 8],
          ['bash', 701, 4],
        ],
      }).map(at('11:00:00')),
    ],
    1,
    'capture.service',
  ],
  [
    'a dump that ends before the kill',
    [dump6(capture).slice(0, -2).map(at('11:00:00'))],
    1,
    'capture.service',
  ],
  ['a dump that ends in its rows', [dump6(capture).slice(0, 9).map(at('11:00:00'))], 0, null],
  ['a dump that begins in its rows', [dump6(capture).slice(8).map(at('11:00:00'))], 1, 'capture.service'],
  [
    'a cut-off dump, and hours later another kill',
    [
      [
        ...dump6({ ...capture, limitMebibytes: 6144 })
          .slice(0, 8)
          .map(at('08:00:00')),
        ...dump6({
          victim: ['node', 50, 3000],
          tasks: [['node', 50, 3000]],
          cgroup: '/system.slice/web.service',
        }).map(at('11:00:00')),
      ],
    ],
    1,
    'web.service',
  ],
  [
    'two containers at their limits on two processors, line by line (3.10)',
    [
      interleaved(
        dump3({
          victim: ['node', 50, 2000],
          tasks: [['node', 50, 2000]],
          cgroup: `/docker/${id}`,
          limitMebibytes: 2048,
        }).map(at('11:00:00')),
        dump3({
          victim: ['redis', 60, 100],
          tasks: [['redis', 60, 100]],
          cgroup: `/docker/${'d'.repeat(64)}`,
          limitMebibytes: 128,
        }).map(at('11:00:00')),
      ),
    ],
    2,
    'indexer',
  ],
  [
    'lines of others within the dump',
    [
      dump6(capture).flatMap((text, i) => [
        at('11:00:00')(text),
        `Nov 26 11:00:00 box app[${i}]: Out of memory? Killed process count is ${i}`,
        at('11:00:00')('audit: type=1701 audit(1.1:2): auid=0'),
      ]),
    ],
    1,
    'capture.service',
  ],
  [
    'memory.oom.group: three processes of one cgroup',
    [
      [
        ...dump6({ ...capture, limitMebibytes: 6144 }),
        'Tasks in /system.slice/capture.service are going to be killed due to memory.oom.group set',
        ...[1011, 1012].map(
          (pid) =>
            `Memory cgroup out of memory: Killed process ${pid} (ffmpeg) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:9kB oom_score_adj:0`,
        ),
      ].map(at('11:00:00')),
    ],
    3,
    'capture.service',
  ],
  [
    'the kernel, systemd on the unit and its slices, and the engine’s scope',
    [
      [
        ...dump6({
          victim: ['node', 50, 2000],
          tasks: [['node', 50, 2000]],
          cgroup: `/system.slice/docker-${id}.scope`,
          limitMebibytes: 2048,
        }).map(at('11:00:00')),
        `Nov 26 11:00:01 box systemd[1]: docker-${id}.scope: A process of this unit has been killed by the OOM killer.`,
        'Nov 26 11:00:01 box systemd[1]: system.slice: A process of this unit has been killed by the OOM killer.',
      ],
    ],
    1,
    'indexer',
  ],
  [
    'systemd on the manager of a user around the unit that was killed',
    [
      [
        ...dump6({
          ...capture,
          cgroup: '/user.slice/user-1000.slice/user@1000.service/app.slice/bot.service',
        }).map(at('11:00:00')),
        'Nov 26 11:00:01 box systemd[900]: bot.service: A process of this unit has been killed by the OOM killer.',
        'Nov 26 11:00:01 box systemd[1]: user@1000.service: A process of this unit has been killed by the OOM killer.',
      ],
    ],
    1,
    'bot.service',
  ],
  [
    'earlyoom signals twice and the kernel is faster in the end',
    [
      [
        'Nov 26 11:00:00 box earlyoom[9]: sending SIGTERM to process 1010 uid 0 "capture_monitor": badness 900, VmRSS 5899 MiB',
        'Nov 26 11:00:10 box earlyoom[9]: sending SIGKILL to process 1010 uid 0 "capture_monitor": badness 900, VmRSS 5900 MiB',
        ...dump6(capture).map(at('11:00:11')),
      ],
    ],
    1,
    'capture.service',
  ],
  [
    'systemd-oomd and what systemd says of it',
    [
      [
        'Nov 26 11:00:00 box systemd-oomd[7]: Killed /user.slice/user-1000.slice/user@1000.service/app.slice/vte-1.scope due to memory pressure for /user.slice/user-1000.slice/user@1000.service being 71.07% > 50.00% for > 20s with reclaim activity',
        'Nov 26 11:00:00 box systemd[900]: vte-1.scope: systemd-oomd killed 12 process(es) in this unit.',
        "Nov 26 11:00:00 box systemd[900]: vte-1.scope: Failed with result 'oom-kill'.",
      ],
    ],
    1,
    'vte-1.scope',
  ],
  [
    'a kill for its cgroup, and later one for the host without a head: nothing of the first is said of the second',
    [
      [
        ...dump6({ ...capture, limitMebibytes: 6144 }).map(at('08:00:00')),
        ...dump6({ victim: ['mysqld', 800, 3000], cgroup: '/system.slice/mysql.service' })
          .slice(-2)
          .map(at('11:00:00')),
      ],
    ],
    2,
    'capture.service',
  ],
  [
    'no kill: allocation failures, settings, a call without an end, quoted lines',
    [
      [
        at('11:00:00')(
          'python3: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)',
        ),
        at('11:00:01')(
          'app (77): /proc/77/oom_adj is deprecated, please use /proc/77/oom_score_adj instead.',
        ),
        at('11:00:02')('app invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0'),
        'Nov 26 11:00:03 box grafana[7]: alert "Out of memory: Killed process 9 (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB"',
        'Nov 26 11:00:04 box app[8]: kernel: Memory cgroup out of memory: Killed process 9 (x) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
        'Nov 26 11:00:05 box dockerd[8]: we were out of memory and a process was killed by the OOM killer',
      ],
    ],
    0,
    null,
  ],
  [
    'a heap that ran out in a loop, and one innocent segfault',
    [
      [
        ...[1, 2, 3].map(
          (i) =>
            `Nov 26 11:0${i}:00 box web[${i}]: FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory`,
        ),
        at('11:05:00')('cat[9]: segfault at 0 ip 00007f1 sp 00007f2 error 4 in libc.so.6[7f+1]'),
      ],
    ],
    0,
    'web',
  ],
]

describe('logs that come together', () => {
  it.each(mixes)('%s', (_, logs, kills, first) => {
    const told = story(...logs)
    expect({ kills: told.kills, first: told.first }).toEqual({ kills, first })
  })

  it.each(mixes)('say the same when only lines that can matter are read: %s', (_, logs) => {
    for (const lines of logs) {
      const [all, some] = [makeCrashReader('log', clock), makeCrashReader('log', clock)]
      const filter = { find: findCrashWord, wantsAll: some.wantsAll }
      const found: unknown[] = []
      const splitter = makeLineSplitter((line) => found.push(...some.read(line)), filter)
      splitter.push(Buffer.from(lines.join('\n')))
      splitter.end()
      expect([...found, ...some.end()]).toEqual([...lines.flatMap((line) => all.read(line)), ...all.end()])
    }
  })

  it('a kill for the host that has no head has nothing of the one a second before', () => {
    const { killEvents } = story([
      ...dump6(capture).map(at('08:00:00')),
      at('08:00:01')(
        'Out of memory: Killed process 800 (mysqld) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:9kB oom_score_adj:0',
      ),
    ])
    expect(killEvents[1]).toMatchObject({ unit: null, oom: { invokedBy: null, tasks: [] } })
  })

  it('are at least thirty', () => {
    expect(mixes.length).toBeGreaterThanOrEqual(30)
  })

  it('two kills that mix keep what is theirs', () => {
    const { killEvents } = story(
      interleaved(
        dump3({
          victim: ['node', 50, 2000],
          tasks: [['node', 50, 2000]],
          cgroup: `/docker/${id}`,
          limitMebibytes: 2048,
        }).map(at('11:00:00')),
        dump3({
          victim: ['redis', 60, 100],
          tasks: [['redis', 60, 100]],
          cgroup: `/docker/${'d'.repeat(64)}`,
          limitMebibytes: 128,
        }).map(at('11:00:00')),
      ),
    )
    expect(
      killEvents.map(({ pid, comm, container, oom }) => [pid, comm, container, oom?.limitBytes, oom?.tasks]),
    ).toEqual([
      [50, 'node', id, 2048 * 1024 ** 2, []],
      [60, 'redis', 'd'.repeat(64), 128 * 1024 ** 2, []],
    ])
  })

  it('a later kill for the host has neither the cgroup nor the dump of an earlier one', () => {
    const { killEvents } = story([
      ...dump6({ ...capture, limitMebibytes: 6144 }).map(at('08:00:00')),
      at('11:00:00')(
        'Out of memory: Killed process 800 (mysqld) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:9kB oom_score_adj:0',
      ),
    ])
    expect(killEvents[1]).toMatchObject({
      unit: null,
      oom: { scope: 'global', cgroup: null, limitBytes: null, tasks: [] },
    })
  })

  it('all two hundred of one name are told', () => {
    const { suspects } = story(
      dump6({ victim: ['dockerd', 900, 2000], tasks: [['dockerd', 900, 2000], ...swarm] }).map(
        at('11:00:00'),
      ),
    )
    expect(suspects[0]?.reasons).toMatchObject([
      { code: 'held', processes: 200, bytes: 200 * 310 * 1024 ** 2 },
    ])
  })
})
