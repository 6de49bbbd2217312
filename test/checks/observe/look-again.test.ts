import { expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import type { ContainerFacts, UnitFacts } from '../../../src/core/facts.ts'
import { absent, value } from '../../../src/core/reading.ts'
import type { ServiceTarget } from '../../../src/core/service.ts'
import type { Host } from '../../../src/host/host.ts'
import {
  bootAtMs,
  capturedHost,
  cgroupFiles,
  container,
  manyProcesses,
  unit,
} from '../../support/captured-host.ts'

const id = 'c0ffee'.padEnd(64, '0')
const cgroup = `/docker/${id}`

/** Process 70 runs, of the container or the unit; any other pid has ended. The answers are those of one look each. */
const hostOf = (containers: ContainerFacts[][], units: UnitFacts[][] = []): Host & { asked(): number } => {
  const scene = capturedHost({
    files: {
      ...manyProcesses({ pid: 70, cgroup, args: ['app'], anonKb: 5 }),
      ...cgroupFiles({ path: cgroup, pids: [70], anonBytes: 5000 }),
    },
  })
  let asked = 0
  const next = async <T>(answers: T[][]) => {
    asked++
    return answers.length === 0 ? absent('such') : value(answers.shift() as T[])
  }
  return {
    ...scene,
    live: true,
    timer: () => ({ done: Promise.resolve(), cancel: () => {} }),
    engine: { ...scene.engine, containers: () => next(containers) },
    systemd: { units: () => next(units) },
    asked: () => asked,
  }
}

const started = (seconds: number, more: Partial<ContainerFacts> = {}): ContainerFacts =>
  container({ id: 'd'.repeat(64), pid: 900 + seconds, startedAtMs: bootAtMs + seconds * 1000, ...more })

const observeOne = async (
  host: Host,
  target: ServiceTarget | null = { type: 'container', ref: 'web' },
): Promise<unknown> => {
  const wanted = target === null ? {} : { shop: { target, processMatch: null } }
  return (await observeServices(host, wanted, null)).services[0]
}

it('a container that has ended at both looks, started anew in between, keeps restarting', async () => {
  for (const target of [{ type: 'container', ref: 'web' } as const, null])
    expect(await observeOne(hostOf([[started(1)], [started(2, { restartCount: 7 })]]), target)).toMatchObject(
      {
        name: target === null ? 'web' : 'shop',
        configured: target !== null,
        state: 'restarting',
        stateDetail: 'it ended while it was looked at, twice',
        memory: { kind: 'absent' },
        restarts: value(7),
      },
    )
})

it('is as the engine says then, when it says so', async () => {
  const second: [Partial<ContainerFacts>, object][] = [
    [
      { state: 'restarting', pid: null, exitCode: 3 },
      { state: 'restarting', stateDetail: 'exited with 3' },
    ],
    [{ state: 'exited', pid: null, exitCode: 3 }, { state: 'failed' }],
  ]
  for (const [facts, expected] of second)
    expect(await observeOne(hostOf([[started(1)], [started(2, facts)]]))).toMatchObject(expected)
})

it('has the figures of its new processes where they stay', async () => {
  const well = container({ id, pid: 70, startedAtMs: bootAtMs + 9000 })
  expect(await observeOne(hostOf([[{ ...well, id: 'd'.repeat(64), pid: 901 }], [well]]))).toMatchObject({
    state: 'running',
    memory: { value: { leakBytes: 5000 } },
  })
})

it('cannot be measured where it is the same start: its processes are those of another machine', async () => {
  expect(await observeOne(hostOf([[started(1)], [started(1)]]))).toMatchObject({
    state: 'running',
    memory: { kind: 'failed', cause: 'vanished' },
  })
})

it('one that was removed when it ended is missing when it was named, else forgotten', async () => {
  expect(await observeOne(hostOf([[started(1)], []]))).toMatchObject({ state: 'missing' })
  expect(await observeOne(hostOf([[started(1)], []]), null)).toBeUndefined()
})

it('a unit that keeps restarting is told by its invocations', async () => {
  const invoked = (invocationId: string, restarts: number): UnitFacts =>
    unit({ mainPid: 900, controlGroup: '/system.slice/app.service', invocationId, restarts })
  expect(
    await observeOne(hostOf([], [[invoked('a', 1)], [invoked('b', 2)]]), { type: 'unit', ref: 'app' }),
  ).toMatchObject({ state: 'restarting', restarts: value(2) })
})

it('what runs is asked for once', async () => {
  const host = hostOf([[container({ id, pid: 70 })]])
  await observeServices(host, {}, null)
  // The engine and systemd.
  expect(host.asked()).toBe(2)
})
