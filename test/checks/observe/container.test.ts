import { describe, expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import { absent, failed, type Reading, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { Host } from '../../../src/host/host.ts'
import {
  bootAtMs,
  capturedHost,
  cgroupFiles,
  container,
  manyProcesses,
  sceneNowMs,
} from '../../support/captured-host.ts'

const id = 'abc123'.padEnd(64, '0')

const observe = async (
  host: Host,
  ref = 'web',
  processMatch: string | null = null,
): Promise<ServiceFacts[]> => {
  const target = { type: 'container', ref } as const
  const { services, findings } = await observeServices(host, { shop: { target, processMatch } }, null)
  expect(findings).toEqual([])
  return services
}
const observeOne = async (host: Host, processMatch: string | null = null): Promise<ServiceFacts> => {
  const [facts, ...others] = await observe(host, 'web', processMatch)
  expect(others).toEqual([])
  return facts as ServiceFacts
}

/** A running container of two processes. */
const running = (facts: Partial<ContainerFacts> = {}, cgroup = `/system.slice/docker-${id}.scope`) => ({
  containers: value([container({ id, pid: 70, ...facts })]),
  files: {
    ...manyProcesses(
      { pid: 70, startTicks: 1000, cgroup, args: ['python3', 'daemon'], threads: 3, openFiles: 2, anonKb: 5 },
      { pid: 71, ppid: 70, cgroup, args: ['python3', 'orphan'], anonKb: 7 },
    ),
    ...cgroupFiles({
      path: cgroup,
      pids: [70, 71],
      currentBytes: 9000,
      inactiveFileBytes: 1000,
      anonBytes: 5000,
      shmemBytes: 300,
      swapBytes: 700,
      oomKills: 2,
    }),
  },
})

describe('a service that is a container', () => {
  it('has the figures of its cgroup', async () => {
    expect(await observeOne(capturedHost(running({ restartCount: 4 })))).toMatchObject({
      name: 'shop',
      kind: 'container',
      configured: true,
      state: 'running',
      identity: `${id}:${bootAtMs + 1000}`,
      mainPid: 70,
      pids: [70, 71],
      memory: value({
        leakBytes: 6000,
        usedBytes: 8000,
        swapBytes: 700,
        limitBytes: null,
        limitAt: null,
      }),
      processes: value(2),
      threads: value(4),
      openFiles: value(2),
      restarts: value(4),
      uptimeSeconds: value((sceneNowMs - bootAtMs) / 1000 - 10),
      oomKills: value(2),
      health: null,
    })
  })

  it('counts processes of a name from the host, without any tool inside', async () => {
    expect((await observeOne(capturedHost(running()), 'orphan')).matchedProcesses).toEqual(value(1))
    expect((await observeOne(capturedHost(running()), 'python')).matchedProcesses).toEqual(value(2))
    expect((await observeOne(capturedHost(running()))).matchedProcesses).toBeUndefined()
  })

  it.each([
    [null, 'max', null, null],
    [4000, 'max', 4000, 'the container engine'],
    [null, 3000, 3000, `/system.slice/docker-${id}.scope`],
    [4000, 3000, 3000, `/system.slice/docker-${id}.scope`],
    [2000, 3000, 2000, 'the container engine'],
  ] as const)(
    'by an engine’s limit of %s and a cgroup’s of %s it is %s',
    async (set, max, limitBytes, limitAt) => {
      const scene = running({ memoryLimitBytes: set })
      const files = {
        ...scene.files,
        [`/sys/fs/cgroup/system.slice/docker-${id}.scope/memory.max`]: `${max}\n`,
      }
      expect((await observeOne(capturedHost({ ...scene, files }))).memory).toMatchObject({
        value: { limitBytes, limitAt },
      })
    },
  )

  it('is its whole cgroup, also when its first process is in one below', async () => {
    for (const below of ['/init.scope', '/container', '/a/b']) {
      const scene = running()
      const files = { ...scene.files, '/proc/70/cgroup': `0::/system.slice/docker-${id}.scope${below}\n` }
      expect((await observeOne(capturedHost({ ...scene, files }))).pids).toEqual([70, 71])
    }
  })

  it('is found by its usual cgroup where its process cannot be looked at', async () => {
    for (const path of [`/docker/${id}`, `/machine.slice/libpod-${id}.scope`]) {
      const { containers, files } = running({}, path)
      const hidden = Object.fromEntries(
        Object.entries(files).filter(([name]) => !name.startsWith('/proc/70/')),
      )
      expect(await observeOne(capturedHost({ containers, files: hidden }))).toMatchObject({
        state: 'running',
        pids: [70, 71],
        memory: { value: { usedBytes: 8000 } },
      })
    }
  })

  it('that restarted between the list and the look has no figures, and says why', async () => {
    const scene = running()
    const other = {
      ...running(),
      files: manyProcesses({ pid: 70, startTicks: 5000, cgroup: '/user.slice/other.scope' }),
    }
    for (const host of [
      capturedHost({ ...scene, files: { ...manyProcesses({ pid: 5 }), ...cgroupFiles({ path: '/' }) } }),
      capturedHost({
        ...other,
        files: { ...other.files, ...cgroupFiles({ path: '/user.slice/other.scope' }) },
      }),
    ]) {
      expect(await observeOne(host)).toMatchObject({
        state: 'running',
        memory: { kind: 'failed', cause: 'vanished' },
        processes: { kind: 'failed', cause: 'vanished' },
        restarts: value(0),
      })
    }
  })

  it('takes nothing from the others with it', async () => {
    const scene = running()
    const second = container({ id: 'f'.repeat(64), name: 'gone', pid: 999 })
    const containers = value([...(scene.containers.kind === 'value' ? scene.containers.value : []), second])
    const { services } = await observeServices(capturedHost({ ...scene, containers }), {}, null)
    expect(services.map(({ name, memory }) => [name, memory.kind])).toEqual([
      ['web', 'value'],
      ['gone', 'failed'],
    ])
  })

  describe('on a kernel that does not count memory by cgroup', () => {
    // cgroup2 is there, but without the memory controller, as on a Raspberry Pi.
    const pi = (startedAtMs: number) => {
      const { containers, files } = running({ startedAtMs })
      const path = `/sys/fs/cgroup/system.slice/docker-${id}.scope`
      const kept = Object.entries(files).filter(([name]) => !name.includes('/memory.'))
      return {
        containers,
        files: { ...Object.fromEntries(kept), [`${path}/cgroup.controllers`]: 'cpu pids\n' },
      }
    }

    it('its processes are added up', async () => {
      expect(await observeOne(capturedHost(pi(0)))).toMatchObject({
        pids: [70, 71],
        memory: { value: { leakBytes: 12 * 1024, usedBytes: 12 * 1024, limitBytes: null } },
        oomKills: absent('a count of OOM kills'),
      })
    })

    it('without any cgroups its first process and all below it, if it is that one still', async () => {
      const scene = pi(bootAtMs + 10_000)
      const files = Object.fromEntries(
        Object.entries(scene.files).filter(([name]) => !name.includes('cgroup')),
      )
      expect(await observeOne(capturedHost({ ...scene, files }))).toMatchObject({
        pids: [70, 71],
        memory: { value: { leakBytes: 12 * 1024 } },
      })
      const reused = pi(bootAtMs + 30_000)
      expect((await observeOne(capturedHost({ ...reused, files }))).memory.kind).toBe('failed')
    })
  })

  it.each([
    [{ state: 'running', health: 'healthy' }, 'running', ''],
    [{ state: 'running', health: 'unhealthy' }, 'running', ''],
    [{ state: 'running', health: 'starting' }, 'starting', 'its health check has not passed yet'],
    [{ state: 'paused' }, 'paused', ''],
    [{ state: 'restarting', exitCode: 1 }, 'restarting', 'exited with 1'],
    [{ state: 'created' }, 'stopped', 'created and never started'],
    [{ state: 'removing' }, 'stopped', 'being removed'],
    [{ state: 'dead' }, 'failed', 'dead: the engine could not remove it'],
    [{ state: 'unknown' }, 'unknown', 'the engine names a state that is not known here'],
    [{ state: 'exited', exitCode: 0 }, 'stopped', 'exited with 0'],
    [{ state: 'exited', exitCode: 143 }, 'stopped', 'exited with 143'],
    [{ state: 'exited', exitCode: 137 }, 'stopped', 'exited with 137, killed from outside'],
    [{ state: 'exited', exitCode: 137, oomKilled: true }, 'failed', 'exited with 137, killed for memory'],
    [{ state: 'exited', exitCode: 1 }, 'failed', 'exited with 1'],
    [{ state: 'exited', exitCode: null }, 'stopped', 'exited'],
  ] as const)('%j is %s', async (facts, state, stateDetail) => {
    const host = capturedHost({ containers: value([container({ ...facts, pid: null })]) })
    const observed = await observeOne(host)
    expect(observed).toMatchObject({ state, stateDetail, memory: { kind: 'absent' }, identity: null })
    expect(observed.oomKills).toEqual('oomKilled' in facts ? value(1) : absent('a count of OOM kills'))
  })

  it('that the engine only listed has a state and no figures', async () => {
    const notInspected = failed('timeout', 'the container engine', 'no answer in 2 s')
    const listed = container({ state: 'running', pid: 70, restartCount: 9, notInspected })
    expect(await observeOne(capturedHost({ ...running(), containers: value([listed]) }))).toMatchObject({
      state: 'running',
      mainPid: null,
      identity: null,
      memory: { kind: 'failed', cause: 'timeout' },
      restarts: { kind: 'failed', cause: 'timeout' },
    })
  })

  it.each([
    [absent('container engine'), 'there is no container engine'],
    [failed('timeout', '/var/run/docker.sock', 'no answer in 2 s'), '/var/run/docker.sock: no answer in 2 s'],
  ] as [Reading<ContainerFacts[]>, string][])(
    'is unknown with an engine that is %j',
    async (containers, stateDetail) => {
      expect(await observeOne(capturedHost({ containers }))).toMatchObject({ state: 'unknown', stateDetail })
    },
  )

  it('is missing when the engine has no such container', async () => {
    expect(await observeOne(capturedHost({ containers: value([]) }))).toMatchObject({
      state: 'missing',
      stateDetail: 'no container web',
    })
  })
})

describe('how a container is referred to', () => {
  const compose = (name: string, number: string, more: Record<string, string> = {}) =>
    container({
      id: name.padEnd(64, '0'),
      name,
      composeProject: 'shop',
      composeService: 'worker',
      labels: { 'com.docker.compose.container-number': number, ...more },
    })
  const containers = value([
    container({ id: 'abc123'.padEnd(64, '0'), name: 'web' }),
    container({ id: 'abc124'.padEnd(64, '0'), name: 'abc123' }),
    container({ id: 'abc1240'.padEnd(64, 'f'), name: 'other' }),
    compose('shop-worker-10', '10'),
    compose('shop-worker-2', '2'),
    compose('shop-worker-run-1', '1', { 'com.docker.compose.oneoff': 'True' }),
    container({ id: 'e'.repeat(64), name: 'shop-db-1', composeProject: 'shop', composeService: 'db' }),
  ])
  const found = async (ref: string) =>
    (await observe(capturedHost({ containers }), ref)).map(({ name, state }) => [name, state])

  it.each([
    ['web', [['shop', 'running']]],
    ['shop/db', [['shop', 'running']]],
    ['eeeeee', [['shop', 'running']]],
    ['e'.repeat(64), [['shop', 'running']]],
    ['eeeee', [['shop', 'missing']]],
    ['EEEEEE', [['shop', 'missing']]],
    ['we', [['shop', 'missing']]],
    ['abc124', [['shop', 'unknown']]],
    ['shop/nothing', [['shop', 'missing']]],
    ['null/null', [['shop', 'missing']]],
    [
      'shop/worker',
      [
        ['shop/1', 'running'],
        ['shop/2', 'running'],
      ],
    ],
  ])('%s', async (ref, expected) => {
    expect(await found(ref)).toEqual(expected)
  })

  it('a name beats an id', async () => {
    const [facts] = await observe(capturedHost({ containers }), 'abc123')
    expect(facts?.identity === null || facts?.identity?.startsWith('abc124')).toBe(true)
  })

  it('replicas come by their numbers', async () => {
    const [first] = await observe(
      capturedHost({
        containers: value([
          { ...compose('ten', '10'), state: 'paused' as const },
          { ...compose('two', '2'), state: 'exited' as const },
        ]),
      }),
      'shop/worker',
    )
    expect(first).toMatchObject({ name: 'shop/1', state: 'stopped' })
  })
})
