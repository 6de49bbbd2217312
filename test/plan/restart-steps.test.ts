import { describe, expect, it } from 'vitest'
import { absent } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { type RestartWish, restartSteps } from '../../src/plan/restart-steps.ts'

const nothing = absent('a figure')
const facts = (over: Partial<ServiceFacts>): ServiceFacts => ({
  name: 'web',
  kind: 'process',
  target: { type: 'process', match: 'web', user: null, exe: null },
  configured: true,
  state: 'running',
  stateDetail: '',
  identity: 'boot:7:70',
  mainPid: 7,
  pids: [7],
  memory: nothing,
  processes: nothing,
  openFiles: nothing,
  threads: nothing,
  restarts: nothing,
  uptimeSeconds: nothing,
  oomKills: nothing,
  health: null,
  ...over,
})

const process = { pid: 7, startTicks: 70, words: 'web' }
const wish = (over: Partial<ServiceFacts>, more: Partial<RestartWish> = {}): RestartWish => ({
  facts: facts(over),
  reason: '3 failed checks in a row',
  graceSeconds: 3,
  start: ['/usr/bin/web', '--port', '80'],
  startWords: '/usr/bin/web --port 80',
  scope: { processes: [process], newcomers: { sessions: [7] }, protectedOnes: [] },
  files: { pidFile: '/run/web.pid', outputFile: '/var/log/web.log' },
  ...more,
})

const namesOf = (steps: ReturnType<typeof restartSteps>): string[] =>
  Array.isArray(steps) ? steps.map(({ name, action }) => `${name} ${action.kind}`) : [steps.impossible]

describe('the steps of a restart', () => {
  it('a container is stopped with its grace, then started', () => {
    const steps = restartSteps(wish({ kind: 'container', containerId: 'abc' }))
    expect(namesOf(steps)).toEqual(['stop stop-container', 'start start-container'])
    expect(Array.isArray(steps) && steps[0]?.action).toMatchObject({ id: 'abc', graceSeconds: 3 })
  })
  it('a container that is not there cannot be restarted', () => {
    expect(namesOf(restartSteps(wish({ kind: 'container' })))).toEqual(['there is no such container'])
  })
  it('a unit is left to systemd, which is waited for longer than its own 90 s only for a longer grace', () => {
    const unit = { kind: 'unit', target: { type: 'unit', ref: 'web' } } as const
    const steps = restartSteps(wish(unit, { graceSeconds: 120 }))
    expect(steps).toMatchObject([{ name: 'restart', action: { unit: 'web', timeoutMs: 150_000 } }])
    expect(restartSteps(wish(unit))).toMatchObject([{ action: { timeoutMs: 90_000 } }])
    expect(namesOf(restartSteps(wish({ ...unit, state: 'missing' })))).toEqual(['there is no such unit'])
  })
  it('a process is ended, then started', () => {
    const steps = restartSteps(wish({}))
    expect(namesOf(steps)).toEqual(['stop end-processes', 'start start-process'])
    expect(Array.isArray(steps) && steps[0]?.action).toMatchObject({ processes: [process], graceMs: 3000 })
    expect(Array.isArray(steps) && steps[1]?.action).toMatchObject({ argv: ['/usr/bin/web', '--port', '80'] })
  })
  it('one that does not run is only started', () => {
    const scope = { processes: [], newcomers: { sessions: [] }, protectedOnes: [] }
    expect(namesOf(restartSteps(wish({ state: 'missing' }, { scope })))).toEqual(['start start-process'])
  })
  it('is never ended without a way to start it again, nor started while it cannot be seen', () => {
    expect(namesOf(restartSteps(wish({}, { start: [] })))[0]).toMatch(/start:/)
    expect(namesOf(restartSteps(wish({ state: 'unknown' })))).toEqual([
      'what is running of it could not be seen',
    ])
  })
})
