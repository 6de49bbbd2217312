import { describe, expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import type { UnitFacts } from '../../../src/core/facts.ts'
import { absent, failed, type Reading, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { Host } from '../../../src/host/host.ts'
import {
  bootAtMs,
  capturedHost,
  cgroupFiles,
  manyProcesses,
  sceneNowMs,
  unit,
} from '../../support/captured-host.ts'

const observe = async (
  host: Host,
  ref = 'app',
  processMatch: string | null = null,
): Promise<ServiceFacts> => {
  const target = { type: 'unit', ref } as const
  const { services } = await observeServices(host, { bot: { target, processMatch } }, null)
  expect(services).toHaveLength(1)
  return services[0] as ServiceFacts
}

const group = '/system.slice/app.service'

const running = (facts: Partial<UnitFacts> = {}, path = group) => ({
  units: value([unit({ mainPid: 70, controlGroup: group, restarts: 3, ...facts })]),
  files: {
    ...manyProcesses(
      { pid: 70, startTicks: 2000, cgroup: path, anonKb: 3 },
      { pid: 71, ppid: 70, cgroup: path, anonKb: 4, args: ['worker'] },
      { pid: 72, ppid: 1, cgroup: path, anonKb: 5 },
    ),
    ...cgroupFiles({
      path,
      pids: [70, 71, 72],
      currentBytes: 500,
      anonBytes: 400,
      inactiveFileBytes: 50,
      max: 1000,
      oomKills: 1,
    }),
  },
})

describe('a service that is a systemd unit', () => {
  it('has the figures of its control group', async () => {
    expect(await observe(capturedHost(running()), 'app.service', 'worker')).toMatchObject({
      name: 'bot',
      kind: 'unit',
      state: 'running',
      stateDetail: '',
      identity: 'a1b2c3',
      mainPid: 70,
      pids: [70, 71, 72],
      processes: value(3),
      matchedProcesses: value(1),
      memory: value({ leakBytes: 400, usedBytes: 450, swapBytes: 0, limitBytes: 1000, limitAt: group }),
      restarts: value(3),
      oomKills: value(1),
      uptimeSeconds: value((sceneNowMs - bootAtMs) / 1000 - 20),
    })
  })

  it('is found without its suffix and by an alias', async () => {
    const host = capturedHost({
      ...running(),
      units: value([unit({ names: ['app.service', 'alias.service'] })]),
    })
    for (const ref of ['app', 'app.service', 'alias', 'alias.service'])
      expect((await observe(host, ref)).state).toBe('running')
    for (const ref of ['ap', 'app.timer', 'service']) expect((await observe(host, ref)).state).toBe('missing')
  })

  it('MemoryMax counts where it is tighter than what the cgroup says', async () => {
    expect((await observe(capturedHost(running({ memoryMaxBytes: 900 })))).memory).toMatchObject({
      value: { limitBytes: 900, limitAt: 'MemoryMax of app.service' },
    })
    expect((await observe(capturedHost(running({ memoryMaxBytes: 2000 })))).memory).toMatchObject({
      value: { limitBytes: 1000, limitAt: group },
    })
  })

  it.each([
    ['below a container’s cgroup', `/docker/abc${group}`],
    ['with its main process in a delegated cgroup', group],
  ])('%s it is still its own', async (_, path) => {
    const scene = running({}, path)
    const files = { ...scene.files, '/proc/70/cgroup': `0::${path}/payload\n` }
    expect((await observe(capturedHost({ ...scene, files }))).memory).toMatchObject({
      value: { usedBytes: 450 },
    })
  })

  it('a unit of a name that another begins with is not that other one', async () => {
    const scene = running({ controlGroup: '/system.slice/app' }, '/system.slice/app-other')
    expect((await observe(capturedHost(scene))).memory).toMatchObject({ value: { usedBytes: 7 * 1024 } })
  })

  it('that shares a cgroup with others is added up from its main process down', async () => {
    const scene = running({}, '/everything')
    expect(await observe(capturedHost(scene))).toMatchObject({
      pids: [70, 71],
      memory: { value: { leakBytes: 7 * 1024, limitBytes: 1000, limitAt: '/everything' } },
    })
  })

  it('without a main process it is its control group', async () => {
    const scene = running({ mainPid: null, activeSinceMonotonicUs: 10_000_000 })
    const files = { ...scene.files, '/proc/uptime': '70.5 100.0\n' }
    expect(await observe(capturedHost({ ...scene, files }))).toMatchObject({
      mainPid: null,
      pids: [70, 71, 72],
      uptimeSeconds: value(60.5),
    })
  })

  it('that is active without any process has nothing to measure', async () => {
    const exited = { mainPid: null, subState: 'exited', type: 'oneshot' }
    for (const controlGroup of [null, '/system.slice/gone.service'])
      expect(await observe(capturedHost(running({ ...exited, controlGroup })))).toMatchObject({
        state: 'running',
        stateDetail: 'exited',
        memory: { kind: 'absent' },
        processes: { kind: 'absent' },
      })
    const empty = running({ ...exited })
    const files = { ...empty.files, [`/sys/fs/cgroup${group}/cgroup.procs`]: '' }
    expect((await observe(capturedHost({ ...empty, files }))).memory.kind).toBe('absent')
  })

  it('that restarted meanwhile is a failure to measure', async () => {
    const scene = running()
    const files = Object.fromEntries(
      Object.entries(scene.files).filter(([name]) => !name.startsWith(`/sys/fs/cgroup${group}`)),
    )
    expect((await observe(capturedHost({ ...scene, files }))).memory).toMatchObject({
      kind: 'failed',
      cause: 'vanished',
    })
  })

  it.each([
    [{}, 'running', ''],
    [{ subState: 'exited' }, 'running', 'exited'],
    [{ activeState: 'reloading', subState: 'reload' }, 'running', 'reload'],
    [{ activeState: 'activating', subState: 'start-pre' }, 'starting', 'start-pre'],
    [
      { activeState: 'activating', subState: 'auto-restart', result: 'exit-code' },
      'restarting',
      'result exit-code',
    ],
    [{ activeState: 'activating', subState: 'auto-restart-queued' }, 'restarting', ''],
    [{ activeState: 'failed', subState: 'failed', result: 'oom-kill' }, 'failed', 'result oom-kill'],
    [{ activeState: 'inactive', subState: 'dead' }, 'stopped', 'dead'],
    [{ activeState: 'deactivating', subState: 'stop-sigterm' }, 'stopped', 'stop-sigterm'],
    [{ activeState: 'inactive', subState: 'dead', loadState: 'masked' }, 'stopped', 'masked'],
    [{ activeState: 'inactive', subState: 'dead', loadState: 'not-found' }, 'missing', 'no such unit'],
    [
      { activeState: 'failed', subState: 'failed', loadState: 'not-found', result: 'signal' },
      'failed',
      'result signal',
    ],
    [{ activeState: 'wobbling' }, 'unknown', 'systemd calls its state "wobbling"'],
  ])('%j is %s', async (facts, state, stateDetail) => {
    expect(await observe(capturedHost({ units: value([unit(facts)]) }))).toMatchObject({ state, stateDetail })
  })

  it('of Type=oneshot rests between its runs, unless the last one failed', async () => {
    const idle = { type: 'oneshot', activeState: 'inactive', subState: 'dead' }
    const rests = async (facts: Partial<UnitFacts>) =>
      (await observe(capturedHost({ units: value([unit(facts)]) }))).restsBetweenRuns
    expect(await rests(idle)).toBe(true)
    expect(await rests({ ...idle, result: 'exit-code' })).toBeUndefined()
    expect(await rests({ ...idle, type: 'simple' })).toBeUndefined()
  })

  it.each([
    [absent('systemd'), 'there is no systemd'],
    [failed('timeout', 'systemctl', 'no answer in 5 s'), 'systemctl: no answer in 5 s'],
  ] as [Reading<UnitFacts[]>, string][])(
    'is unknown with a systemd that is %j',
    async (units, stateDetail) => {
      expect(await observe(capturedHost({ units }))).toMatchObject({ state: 'unknown', stateDetail })
    },
  )

  it('is missing when systemd has no such unit', async () => {
    expect(await observe(capturedHost({ units: value([]) }))).toMatchObject({
      state: 'missing',
      stateDetail: 'no unit app.service',
    })
  })
})
