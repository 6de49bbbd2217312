import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContainerFacts } from '../../src/core/facts.ts'
import { parseEngineContainer } from '../../src/parse/engine-container.ts'

/** As real engines answered, on real containers. */
const inspections = (engine: string): Map<string, ContainerFacts> => {
  const file = join(import.meta.dirname, `../fixtures/engine/${engine}-inspections.json`)
  const facts = (JSON.parse(readFileSync(file, 'utf8')) as unknown[]).map(parseEngineContainer)
  return new Map(facts.flatMap((f) => (f.kind === 'value' ? [[f.value.name, f.value]] : [])))
}

const factsOf = (json: unknown): ContainerFacts => {
  const reading = parseEngineContainer(json)
  if (reading.kind !== 'value') throw new Error(`no facts: ${JSON.stringify(reading)}`)
  return reading.value
}

const id = 'c0ffee'.repeat(10)

describe('parseEngineContainer on Docker 20.10', () => {
  const docker = inspections('docker-20.10')

  it('reads a running container of compose with limits and a health check', () => {
    expect(docker.get('limited')).toEqual({
      id: '6e4443d35e1a492057232c9fc3ab30b03d25e2b1719ac8ccd38d13056ad760de',
      name: 'limited',
      image: 'base:1',
      state: 'running',
      health: 'healthy',
      pid: 31659,
      startedAtMs: Date.UTC(2026, 10, 22, 7, 7, 15, 445),
      finishedAtMs: null,
      exitCode: null,
      oomKilled: false,
      restartCount: 0,
      restartPolicy: 'always',
      memoryLimitBytes: 64 * 1024 * 1024,
      memoryReservationBytes: 32 * 1024 * 1024,
      networkMode: 'none',
      composeProject: 'shop',
      composeService: 'web',
      labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
    })
  })

  it('reads "no limit" and "no health check" as null', () => {
    expect(docker.get('plain')).toMatchObject({
      memoryLimitBytes: null,
      memoryReservationBytes: null,
      health: null,
      restartPolicy: 'no',
    })
  })

  it('reads states, exit codes and the OOM killer', () => {
    expect(docker.get('crashing')).toMatchObject({ exitCode: 7, restartPolicy: 'always' })
    expect(docker.get('crashing')?.restartCount).toBeGreaterThan(3)
    expect(docker.get('done')).toMatchObject({ state: 'exited', exitCode: 3, pid: null })
    expect(docker.get('made')).toMatchObject({ state: 'created', exitCode: null, startedAtMs: null })
    expect(docker.get('held')).toMatchObject({ state: 'paused', exitCode: null })
    expect(docker.get('held')?.pid).toBeGreaterThan(1)
    expect(docker.get('sick')).toMatchObject({ state: 'running', health: 'unhealthy' })
    expect(docker.get('oomed')).toMatchObject({ state: 'exited', exitCode: 137, oomKilled: true })
  })
})

describe('parseEngineContainer on Podman 4.3', () => {
  const podman = inspections('podman-4.3')

  it('reads the same', () => {
    expect(podman.get('limited')).toMatchObject({
      state: 'running',
      health: null,
      restartPolicy: 'always',
      memoryLimitBytes: 64 * 1024 * 1024,
      memoryReservationBytes: 32 * 1024 * 1024,
      composeProject: 'shop',
      composeService: null,
      finishedAtMs: null,
    })
    expect(podman.get('plain')).toMatchObject({ restartPolicy: 'no', memoryLimitBytes: null })
    // It says "stopped" where Docker says "exited".
    expect(podman.get('done')).toMatchObject({ state: 'exited', exitCode: 3, pid: null })
    expect(podman.get('made')).toMatchObject({ state: 'created', startedAtMs: null })
    expect(podman.get('held')).toMatchObject({ state: 'paused' })
    expect(podman.get('sick')).toMatchObject({ state: 'running', health: 'unhealthy' })
  })

  it("reads Podman's own field for health, and times with an offset", () => {
    const facts = factsOf({
      Id: id,
      State: {
        Status: 'running',
        Healthcheck: { Status: 'starting' },
        StartedAt: '2026-01-01T02:00:00.5+02:00',
      },
    })
    expect(facts).toMatchObject({ health: 'starting', startedAtMs: Date.UTC(2026, 0, 1, 0, 0, 0, 500) })
  })
})

describe('parseEngineContainer on what nobody vouches for', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an array', []],
    ['an error', { message: 'No such container: x' }],
    ['an id that would change the path it is put into', { Id: '../images' }],
    ['an id that is no text', { Id: 7 }],
  ])('%s is malformed', (_, json) => {
    expect(parseEngineContainer(json)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('needs no more than the id', () => {
    expect(factsOf({ Id: id })).toEqual({
      id,
      name: id.slice(0, 12),
      image: '',
      state: 'unknown',
      health: null,
      pid: null,
      startedAtMs: null,
      finishedAtMs: null,
      exitCode: null,
      oomKilled: false,
      restartCount: 0,
      restartPolicy: 'no',
      memoryLimitBytes: null,
      memoryReservationBytes: null,
      networkMode: '',
      composeProject: null,
      composeService: null,
      labels: {},
    })
  })

  it.each<[string, object, Partial<ContainerFacts>]>([
    ['a pid that an ended container still has', { State: { Status: 'exited', Pid: 4711 } }, { pid: null }],
    ['a negative pid', { State: { Status: 'running', Pid: -1 } }, { pid: null }],
    ['a pid with a fraction', { State: { Status: 'running', Pid: 1.5 } }, { pid: null }],
    ['a pid in quotes', { State: { Status: 'running', Pid: '1' } }, { pid: null }],
    ['a limit past 2^53', { HostConfig: { Memory: 9_223_372_036_854_772_000 } }, { memoryLimitBytes: null }],
    ['a limit of -1', { HostConfig: { Memory: -1 } }, { memoryLimitBytes: null }],
    ['a new state', { State: { Status: 'hibernating', Running: true } }, { state: 'running' }],
    ['a state that is a property of objects', { State: { Status: 'constructor' } }, { state: 'unknown' }],
    ['flags alone', { State: { Running: true, Paused: true } }, { state: 'paused' }],
    ['a broken date', { State: { StartedAt: 'yesterday' } }, { startedAtMs: null }],
    ['labels that are null', { Config: { Labels: null } }, { labels: {} }],
    ['labels of other types', { Config: { Labels: { a: 1, b: 'x' } } }, { labels: { b: 'x' } }],
    ['a name without slash', { Name: 'web' }, { name: 'web' }],
    ['an empty name', { Name: '/' }, { name: id.slice(0, 12) }],
  ])('%s', (_, json, wanted) => {
    expect(factsOf({ Id: id, ...json })).toMatchObject(wanted)
  })

  it('keeps a label called __proto__ as a label', () => {
    const { labels } = factsOf(JSON.parse(`{"Id": "${id}", "Config": {"Labels": {"__proto__": "x"}}}`))
    expect(Object.entries(labels)).toEqual([['__proto__', 'x']])
  })

  it('never throws, and no pid or limit is ever 0, negative or broken', () => {
    const anything = fc.jsonValue()
    const document = fc.record(
      {
        Id: fc.constant(id),
        Name: anything,
        State: fc.oneof(
          anything,
          fc.dictionary(fc.constantFrom('Status', 'Pid', 'ExitCode', 'Health'), anything),
        ),
        HostConfig: fc.oneof(anything, fc.dictionary(fc.constantFrom('Memory', 'RestartPolicy'), anything)),
        Config: fc.oneof(anything, fc.dictionary(fc.constantFrom('Labels', 'Image'), anything)),
      },
      { requiredKeys: ['Id'] },
    )
    fc.assert(
      fc.property(document, (json) => {
        const { pid, memoryLimitBytes, name } = factsOf(json)
        expect(name).not.toBe('')
        for (const number of [pid, memoryLimitBytes])
          expect(number === null || (Number.isSafeInteger(number) && number > 0)).toBe(true)
      }),
    )
    fc.assert(fc.property(anything, (json) => void parseEngineContainer(json)))
  })
})
