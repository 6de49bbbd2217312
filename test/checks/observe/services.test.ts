import { describe, expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import type { ServiceTarget } from '../../../src/core/service.ts'
import {
  capturedHost,
  container,
  manyProcesses,
  type Scene,
  sceneNowMs,
  unit,
} from '../../support/captured-host.ts'

/** Counts how often the engine and systemd are asked. */
const counting = (scene: Scene = {}) => {
  const host = capturedHost(scene)
  const asked = { engine: 0, systemd: 0, scan: 0 }
  return {
    asked,
    host: {
      ...host,
      engine: {
        ...host.engine,
        containers: () => {
          asked.engine++
          return host.engine.containers()
        },
      },
      systemd: {
        units: () => {
          asked.systemd++
          return host.systemd.units()
        },
      },
      processes: {
        ...host.processes,
        scan: () => {
          asked.scan++
          return host.processes.scan()
        },
      },
    },
  }
}

const service = (target: ServiceTarget, processMatch: string | null = null) => ({ target, processMatch })
const matching = (match: string) => service({ type: 'process', match, user: null, exe: null })

describe('without any configured service', () => {
  it('an empty host has none, and nothing is wrong with that', async () => {
    expect(await observeServices(capturedHost(), {}, null)).toEqual({
      services: [],
      findings: [],
      containers: [],
    })
  })

  it('looks at containers that are up or went down badly', async () => {
    const hour = 3_600_000
    const exited = (name: string, exitCode: number, more = {}) =>
      container({ name, state: 'exited', exitCode, finishedAtMs: sceneNowMs - hour, ...more })
    const containers = value([
      container({ name: 'up' }),
      container({ name: 'ill', health: 'unhealthy' }),
      container({ name: 'paused', state: 'paused' }),
      container({ name: 'looping', state: 'restarting' }),
      container({ name: 'dead', state: 'dead' }),
      container({ name: 'odd', state: 'unknown' }),
      container({ name: 'new', state: 'created' }),
      container({ name: 'leaving', state: 'removing' }),
      exited('done', 0),
      exited('asked to end', 143),
      exited('interrupted', 130),
      exited('killed', 137),
      exited('out of memory', 137, { oomKilled: true }),
      exited('crashed', 1),
      exited('crashed yesterday', 1, { finishedAtMs: sceneNowMs - 24 * hour }),
      exited('crashed at some time', 1, { finishedAtMs: null }),
      exited('not inspected', 1, { notInspected: failed('timeout', 'engine', 'slow') }),
    ])
    const { services, findings } = await observeServices(capturedHost({ containers }), {}, null)
    expect(findings).toEqual([])
    expect(services.map(({ name, state }) => [name, state])).toEqual([
      ['up', 'running'],
      ['ill', 'running'],
      ['paused', 'paused'],
      ['looping', 'restarting'],
      ['dead', 'failed'],
      ['odd', 'unknown'],
      ['killed', 'stopped'],
      ['out of memory', 'failed'],
      ['crashed', 'failed'],
    ])
    expect(services.every(({ configured }) => !configured)).toBe(true)
    expect(services[0]?.target).toEqual({ type: 'container', ref: 'up' })
  })

  it('looks at units that failed or were restarted', async () => {
    const units = value([
      unit({ id: 'fine.service' }),
      unit({ id: 'idle.service', activeState: 'inactive', subState: 'dead' }),
      unit({ id: 'broken.service', activeState: 'failed', subState: 'failed', result: 'exit-code' }),
      unit({ id: 'looping.service', activeState: 'activating', subState: 'auto-restart' }),
      unit({ id: 'restarted.service', restarts: 1 }),
    ])
    const { services } = await observeServices(capturedHost({ units }), {}, null)
    expect(services.map(({ name, kind, state }) => [name, kind, state])).toEqual([
      ['broken.service', 'unit', 'failed'],
      ['looping.service', 'unit', 'restarting'],
      ['restarted.service', 'unit', 'running'],
    ])
  })

  it('an engine or a systemd that does not answer is unknown, not nothing', async () => {
    const scene = {
      containers: failed('denied', '/var/run/docker.sock', 'EACCES'),
      units: failed('timeout', 'systemctl', 'no answer'),
    }
    expect(await observeServices(capturedHost(scene), {}, null)).toMatchObject({
      services: [],
      findings: [
        { check: 'containers', code: 'unreadable', status: 'unknown', args: { cause: 'denied' } },
        { check: 'units', code: 'unreadable', status: 'unknown', args: { cause: 'timeout' } },
      ],
    })
  })
})

describe('with configured services', () => {
  it('looks at those alone, in the order of the config', async () => {
    const scene = {
      containers: value([container({ name: 'web' }), container({ name: 'other' })]),
      units: value([unit({ id: 'broken.service', activeState: 'failed' }), unit({ id: 'app.service' })]),
      files: manyProcesses({ pid: 7, args: ['bot'] }),
    }
    const { services, findings } = await observeServices(
      capturedHost(scene),
      {
        z: service({ type: 'unit', ref: 'app' }),
        a: matching('bot'),
        m: service({ type: 'container', ref: 'web' }),
        p: service({ type: 'pidfile', path: '/run/none.pid' }),
      },
      null,
    )
    expect(findings).toEqual([])
    expect(services.map(({ name, kind, state }) => [name, kind, state])).toEqual([
      ['z', 'unit', 'running'],
      ['a', 'process', 'running'],
      ['m', 'container', 'running'],
      ['p', 'process', 'missing'],
    ])
  })

  it('asks the engine and systemd once, and only when they are needed', async () => {
    const process = counting({ files: manyProcesses({ pid: 7 }) })
    await observeServices(process.host, { a: matching('x') }, null)
    expect(process.asked).toEqual({ engine: 0, systemd: 0, scan: 1 })

    const container = counting()
    const web = service({ type: 'container', ref: 'web' })
    await observeServices(container.host, { a: web, b: web }, null)
    expect(container.asked).toEqual({ engine: 1, systemd: 0, scan: 1 })

    const nothing = counting()
    await observeServices(nothing.host, {}, null)
    expect(nothing.asked).toEqual({ engine: 1, systemd: 1, scan: 0 })
  })

  it('one that makes this program fail does not keep the others from being seen', async () => {
    const host = capturedHost({ files: manyProcesses({ pid: 7, args: ['bot'] }) })
    const broken = { target: { type: 'pidfile' as const, path: null as never }, processMatch: null }
    const { services } = await observeServices(host, { broken, fine: matching('bot') }, null)
    expect(services).toMatchObject([
      { name: 'broken', state: 'unknown', stateDetail: expect.stringContaining('defect of oratio-health') },
      { name: 'fine', state: 'running' },
    ])
  })

  it('200 services read each command line once', async () => {
    const host = capturedHost({
      files: manyProcesses(...Array.from({ length: 50 }, (_, i) => ({ pid: 100 + i, args: [`app${i}`] }))),
    })
    let reads = 0
    const processes = {
      ...host.processes,
      commandLine: (pid: number) => {
        reads++
        return host.processes.commandLine(pid)
      },
    }
    const wanted = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [
        `s${i}`,
        service({ type: 'process', match: `^app${i % 50}$`, user: null, exe: null }, 'app'),
      ]),
    )
    const { services } = await observeServices({ ...host, processes }, wanted, null)
    expect(services.filter(({ state }) => state === 'running')).toHaveLength(200)
    expect(reads).toBe(50)
  })

  it('a name that JavaScript has, too, is a name', async () => {
    const { services } = await observeServices(
      capturedHost({ containers: absent('container engine') }),
      { constructor: service({ type: 'container', ref: 'x' }) },
      null,
    )
    expect(services).toMatchObject([{ name: 'constructor', state: 'unknown' }])
  })
})
