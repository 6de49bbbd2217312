import { describe, expect, it } from 'vitest'
import { serviceState } from '../../src/checks/service-state.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { serviceFacts } from '../support/service-facts.ts'

const judge = (part: Partial<ServiceFacts>) =>
  serviceState.judge(serviceFacts(part), true, { totalMemoryBytes: 1000 })

describe('state of a service', () => {
  it.each([
    ['running', 'ok', 'ok'],
    ['starting', 'ok', 'ok'],
    ['paused', 'warning', 'warning'],
    ['restarting', 'critical', 'critical'],
    ['failed', 'critical', 'critical'],
    ['missing', 'critical', 'critical'],
    ['stopped', 'critical', 'warning'],
    ['unknown', 'unknown', 'unknown'],
  ] as const)('%s is %s when configured, %s when found', (state, configured, found) => {
    expect(judge({ state, stateDetail: 'why' })).toMatchObject([
      { check: 'state', code: state, status: configured, args: { kind: 'container', detail: 'why' } },
    ])
    expect(judge({ state, configured: false })).toMatchObject([{ code: state, status: found }])
  })

  it.each(['running', 'starting'] as const)('%s and unhealthy is critical', (state) => {
    expect(judge({ state, health: 'unhealthy' })).toMatchObject([{ code: 'unhealthy', status: 'critical' }])
  })

  it('what does not run is that, whatever its health was', () => {
    expect(judge({ state: 'failed', health: 'unhealthy' })).toMatchObject([{ code: 'failed' }])
  })

  it('healthy and starting up are fine', () => {
    expect(judge({ health: 'healthy' })).toMatchObject([{ code: 'running', status: 'ok' }])
    expect(judge({ state: 'starting', health: 'starting' })).toMatchObject([
      { code: 'starting', status: 'ok' },
    ])
  })

  it('a oneshot unit may rest between its runs', () => {
    expect(judge({ kind: 'unit', state: 'stopped', restsBetweenRuns: true })).toMatchObject([
      { code: 'stopped', status: 'ok' },
    ])
    expect(judge({ kind: 'unit', state: 'failed', restsBetweenRuns: true })).toMatchObject([
      { code: 'failed', status: 'critical' },
    ])
  })
})
