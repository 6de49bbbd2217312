import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { Host } from '../../../src/host/host.ts'
import { withinMs } from '../../../src/host/within.ts'
import {
  bootAtMs,
  capturedHost,
  cgroupFiles,
  type FakeProcess,
  manyProcesses,
  sceneNowMs,
} from '../../support/captured-host.ts'

type Target = Partial<{ match: string; user: string; exe: string }>

const observe = async (
  host: Host,
  target: Target,
  processMatch: string | null = null,
): Promise<ServiceFacts> => {
  const process = { type: 'process', match: 'capture_monitor', user: null, exe: null, ...target } as const
  const { services } = await observeServices(host, { monitor: { target: process, processMatch } }, null)
  expect(services).toHaveLength(1)
  return services[0] as ServiceFacts
}

const hostOf = (...processes: FakeProcess[]): Host => capturedHost({ files: manyProcesses(...processes) })

const monitor = (pid: number, more: Partial<FakeProcess> = {}): FakeProcess => ({
  pid,
  comm: 'python3',
  args: ['python3', '/home/pi/capture_monitor.py', '--all'],
  ...more,
})

describe('a service known by its command line', () => {
  it('is all processes that match, added up', async () => {
    const facts = await observe(
      hostOf(
        monitor(70, {
          startTicks: 900,
          anonKb: 10,
          shmemKb: 2,
          swapKb: 30,
          fileKb: 99,
          threads: 2,
          openFiles: 3,
        }),
        monitor(71, { startTicks: 500, anonKb: 100, threads: 5, openFiles: 1 }),
        { pid: 72, args: ['nginx'], anonKb: 5000 },
      ),
      {},
    )
    expect(facts).toMatchObject({
      name: 'monitor',
      kind: 'process',
      configured: true,
      state: 'running',
      mainPid: 71,
      pids: [71, 70],
      identity: ':71:500',
      processes: value(2),
      threads: value(7),
      openFiles: value(4),
      memory: value({
        leakBytes: 142 * 1024,
        usedBytes: 142 * 1024,
        swapBytes: 30 * 1024,
        limitBytes: null,
        limitAt: null,
      }),
      uptimeSeconds: value((sceneNowMs - bootAtMs) / 1000 - 5),
      restarts: absent('a restart counter'),
      oomKills: absent('a count of OOM kills'),
    })
    expect(facts.matchedProcesses).toBeUndefined()
  })

  it('has the boot in its identity', async () => {
    const files = { ...manyProcesses(monitor(70)), '/proc/sys/kernel/random/boot_id': 'b007\n' }
    expect((await observe(capturedHost({ files }), {})).identity).toBe('b007:70:100')
  })

  it('is missing when nothing matches and all was seen', async () => {
    expect(await observe(hostOf({ pid: 7, args: ['nginx'] }), {})).toMatchObject({
      state: 'missing',
      identity: null,
      pids: [],
      memory: { kind: 'absent' },
    })
  })

  it('is unknown when nothing matches and not all was seen', async () => {
    const host = hostOf({ pid: 7, args: ['nginx'] })
    const processes = {
      ...host.processes,
      scan: () => {
        const scan = host.processes.scan()
        return scan.kind === 'value' ? value({ ...scan.value, complete: false }) : scan
      },
    }
    expect(await observe({ ...host, processes }, {})).toMatchObject({ state: 'unknown' })
    expect(await observe({ ...host, processes }, { match: 'nginx' })).toMatchObject({ state: 'running' })
  })

  it('is unknown where there is no /proc, or it cannot be read', async () => {
    expect(await observe(capturedHost(), {})).toMatchObject({ state: 'unknown' })
    const host = hostOf(monitor(70))
    const processes = { ...host.processes, scan: () => failed('io', '/proc', 'too many open files') }
    expect(await observe({ ...host, processes }, {})).toMatchObject({
      state: 'unknown',
      stateDetail: '/proc: too many open files',
    })
  })

  it.each([
    ['a zombie', monitor(70, { state: 'Z', args: [], comm: 'capture_monitor' })],
    ['a kernel thread', monitor(70, { kernelThread: true, comm: 'capture_monitor' })],
    [
      'another run of this tool',
      monitor(70, {
        args: ['/usr/bin/node', '--no-warnings', '/usr/bin/oratio-health', 'watch', 'capture_monitor'],
      }),
    ],
  ])('is never %s', async (_, process) => {
    expect((await observe(hostOf(process, { pid: 8 }), {})).state).toBe('missing')
  })

  it('is never this tool, what started it, or what it started, on a live host', async () => {
    const args = ['sh', '-c', 'oratio check capture_monitor']
    const captured = hostOf(
      { pid: 1, args: ['init'], ppid: 0 },
      { pid: 20, args, ppid: 1 },
      { pid: 30, args, ppid: 20 },
      { pid: 40, args, ppid: 30 },
      { pid: 50, args, ppid: 1 },
    )
    const facts = await observe({ ...captured, live: true, pid: 30 }, {})
    expect(facts.pids).toEqual([50])
    // The pids of a capture are none of ours.
    expect((await observe({ ...captured, pid: 30 }, {})).pids).toEqual([20, 30, 40, 50])
  })

  it('that wrote over its command line is known by its name', async () => {
    expect((await observe(hostOf(monitor(70, { args: [], comm: 'capture_monitor' })), {})).pids).toEqual([70])
  })

  it.each(['foo) Z ', '()()())))', 'a\nb', '�� ', '(((', ') R 1 1 1'])(
    'survives the name %j',
    async (comm) => {
      const facts = await observe(hostOf({ pid: 7, comm, args: [] }, monitor(70)), {})
      expect(facts.pids).toEqual([70])
    },
  )

  it('may be limited to a user, by name or number', async () => {
    const passwd = { '/etc/passwd': 'root:x:0:0:::\npi:x:1000:1000:::\n' }
    const files = { ...manyProcesses(monitor(70, { uid: 1000 }), monitor(71, { uid: 0 })), ...passwd }
    const host = capturedHost({ files })
    expect((await observe(host, { user: 'pi' })).pids).toEqual([70])
    expect((await observe(host, { user: '0' })).pids).toEqual([71])
    expect((await observe(host, { user: '33' })).state).toBe('missing')
    expect(await observe(host, { user: 'nobody-here' })).toMatchObject({
      state: 'unknown',
      stateDetail: '/etc/passwd: has no user nobody-here; correct process.user of this service',
    })
  })

  it('may be limited to a user that only a directory service knows, asked for once', async () => {
    const asked: string[] = []
    const files = { ...manyProcesses(monitor(70, { uid: 5000 })), '/etc/passwd': 'root:x:0:0:::\n' }
    const host: Host = {
      ...capturedHost({ files }),
      run: async (argv) => {
        asked.push(argv.join(' '))
        if (argv[3] === 'slow') return failed('timeout', 'getent', 'no answer within 5s')
        const stdout = 'ada:x:5000:5000:Ada:/home/ada:/bin/sh\n'
        return value({ exitCode: 0, signal: null, stdout, stderr: '', truncated: false })
      },
    }
    expect((await observe(host, { user: 'ada' })).pids).toEqual([70])
    expect((await observe(host, { user: 'root' })).state).toBe('missing')
    expect(asked).toEqual(['getent passwd -- ada'])
    expect(await observe(host, { user: 'slow' })).toMatchObject({
      state: 'unknown',
      stateDetail: expect.stringContaining('no answer within 5s'),
    })
  })

  it('may be limited to a program, by its path, also one that was upgraded under it', async () => {
    const host = hostOf(monitor(70), monitor(71), monitor(72))
    symlinkSync('/usr/bin/python3.11', `${host.root}/proc/70/exe`)
    symlinkSync('/opt/py/bin/python3.11 (deleted)', `${host.root}/proc/71/exe`)
    expect((await observe(host, { exe: '/usr/bin/python3.11' })).pids).toEqual([70])
    expect((await observe(host, { exe: '/opt/py/bin/python3.11' })).pids).toEqual([71])
    expect((await observe(host, { exe: '/usr/bin/ruby' })).state).toBe('missing')
  })

  it('whose program may not be seen is unknown, not missing', async () => {
    const host = hostOf(monitor(70))
    const processes = { ...host.processes, executable: () => failed('denied', '/proc/70/exe', 'EACCES') }
    expect(await observe({ ...host, processes }, { exe: '/usr/bin/python3' })).toMatchObject({
      state: 'unknown',
      stateDetail: '/proc/70/exe: EACCES',
    })
  })

  it('has the tightest limit around its main process', async () => {
    const files = {
      ...manyProcesses(monitor(70, { cgroup: '/user.slice/session-2.scope', anonKb: 10 })),
      ...cgroupFiles({ path: '/user.slice', max: 4096, currentBytes: 1 }),
      ...cgroupFiles({ path: '/user.slice/session-2.scope', currentBytes: 1 }),
    }
    expect((await observe(capturedHost({ files }), {})).memory).toMatchObject({
      value: { usedBytes: 10 * 1024, limitBytes: 4096, limitAt: '/user.slice' },
    })
  })

  it('counts those of its processes that a pattern matches', async () => {
    const host = hostOf(monitor(70), monitor(71, { args: ['python3', 'capture_monitor.py', '--worker'] }))
    expect((await observe(host, {}, '--worker')).matchedProcesses).toEqual(value(1))
    expect((await observe(host, {}, 'nothing')).matchedProcesses).toEqual(value(0))
  })

  it('shared memory is not counted more often than there is of it', async () => {
    const workers = [70, 71, 72].map((pid) => monitor(pid, { anonKb: 1, shmemKb: 1000 }))
    const target = { type: 'process', match: 'capture', user: null, exe: null } as const
    const leak = async (processes: FakeProcess[], hostShmemBytes: number | null) => {
      const { services } = await observeServices(
        hostOf(...processes),
        { monitor: { target, processMatch: null } },
        hostShmemBytes,
      )
      const memory = services[0]?.memory
      return memory?.kind === 'value' ? memory.value.leakBytes : null
    }
    expect(await leak(workers, 1024 * 1024)).toBe(3 * 1024 + 1024 * 1024)
    expect(await leak(workers, null)).toBe(3 * 1001 * 1024)
    // One alone cannot count twice.
    expect(await leak(workers.slice(0, 1), 0)).toBe(1001 * 1024)
  })

  it('open files of more than 256 processes are not counted, and not said to be', async () => {
    const workers = Array.from({ length: 257 }, (_, i) => monitor(100 + i, { openFiles: 1 }))
    expect(await observe(hostOf(...workers), {})).toMatchObject({
      processes: value(257),
      openFiles: { kind: 'failed', cause: 'refused' },
    })
    expect((await observe(hostOf(...workers.slice(1)), {})).openFiles).toEqual(value(256))
  })

  it('whose processes end while they are looked at is not measured', async () => {
    const host = hostOf(monitor(70), monitor(71))
    const gone = (pid: number) => failed('vanished', `/proc/${pid}/status`, 'ESRCH')
    const memory = (survivor: number | null) => ({
      ...host,
      processes: {
        ...host.processes,
        memory: (pid: number) => (pid === survivor ? host.processes.memory(pid) : gone(pid)),
      },
    })
    expect((await observe(memory(71), {})).memory.kind).toBe('value')
    expect((await observe(memory(null), {})).memory).toMatchObject({ kind: 'failed', cause: 'vanished' })
  })

  it('one that cannot be looked at closely does not hide those that can', async () => {
    const host = hostOf(monitor(70), monitor(71))
    symlinkSync('/usr/bin/python3', `${host.root}/proc/70/exe`)
    const executable = (pid: number) =>
      pid === 71 ? failed('denied', '/proc/71/exe', 'EACCES') : host.processes.executable(pid)
    const processes = { ...host.processes, executable }
    expect((await observe({ ...host, processes }, { exe: '/usr/bin/python3' })).pids).toEqual([70])
  })

  it('open files of processes that ended do not count, and when all ended nothing was counted', async () => {
    const host = hostOf(monitor(70, { openFiles: 3 }), monitor(71, { openFiles: 4 }))
    const openFiles = (ended: number[]) => (pid: number) =>
      ended.includes(pid) ? failed('vanished', `/proc/${pid}/fd`, 'ENOENT') : host.processes.openFiles(pid)
    const counted = async (...ended: number[]) =>
      (await observe({ ...host, processes: { ...host.processes, openFiles: openFiles(ended) } }, {}))
        .openFiles
    expect(await counted(70)).toEqual(value(4))
    expect(await counted(70, 71)).toMatchObject({ kind: 'failed', cause: 'vanished' })
  })

  it('open files that may not be counted are a failure', async () => {
    const host = hostOf(monitor(70))
    const processes = { ...host.processes, openFiles: () => failed('denied', '/proc/70/fd', 'EACCES') }
    expect((await observe({ ...host, processes }, {})).openFiles).toMatchObject({ cause: 'denied' })
  })

  it('an expression that takes for ever is given up, and the other services are seen', async () => {
    // On this line it takes longer than anybody would wait.
    const hostile = { pid: 70, args: ['foobar'.repeat(680)] }
    const host: Host = { ...hostOf(hostile, monitor(71)), within: async (ms, work) => withinMs(ms, work) }
    const of = (match: string, processMatch: string | null = null) => ({
      ...{ target: { type: 'process', match, user: null, exe: null } as const, processMatch },
    })
    const slow = '.*foo.*bar.*baz'
    const startedMs = performance.now()
    const { services } = await observeServices(
      host,
      { slow: of(slow), fine: of('capture_monitor'), counted: of('^foobar', slow) },
      null,
    )
    expect(performance.now() - startedMs).toBeLessThan(60_000)
    expect(services).toMatchObject([
      {
        state: 'unknown',
        stateDetail: expect.stringMatching(/^match \.\*foo.*given up after 1 s.*fewer parts/),
      },
      { state: 'running', mainPid: 71 },
      { state: 'running', mainPid: 70, matchedProcesses: { kind: 'failed', cause: 'refused' } },
    ])
  })
})
