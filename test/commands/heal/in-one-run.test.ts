import { mkdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { heal } from '../../../src/commands/heal.ts'
import type { Look } from '../../../src/commands/look.ts'
import type { Config } from '../../../src/config/config.ts'
import type { ActionResult } from '../../../src/core/action.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import type { Finding, Status } from '../../../src/core/finding.ts'
import { value } from '../../../src/core/reading.ts'
import { freshMemory } from '../../../src/core/restart-memory.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import { makeSave } from '../../../src/host/save.ts'
import { freshRestarts, restartBounds } from '../../../src/store/restart-state.ts'
import { freshState, type State } from '../../../src/store/state.ts'
import { liveBase } from '../../support/bases.ts'
import { container } from '../../support/captured-host.ts'
import { serviceFacts } from '../../support/service-facts.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, tempHost } from '../temp-host.ts'

const top = tempFolder('room')

const failed: Finding = {
  check: 'state',
  code: 'failed',
  status: 'critical',
  value: null,
  unit: null,
  warn: null,
  crit: null,
}
const restart = {
  after: 1,
  out_of: null,
  fail_on: 'critical',
  backoff: { after: 3, step: 60, max: 3600 },
  limit: { count: 5, perSeconds: 86_400 },
  every: null,
  start_grace: 0,
  evidence: false,
}

/** What `heal` makes of services that were looked at, of which those `failing` have failed; nothing is really changed. */
const healed = async (
  folder: string,
  looked: readonly Partial<ServiceFacts>[],
  failing: readonly string[],
  {
    services = {},
    containers = [],
    args = [],
    findings = [failed],
    restarts = {},
    verbose = false,
    options = {},
    dryRun = false,
  }: Arrangement = {},
) => {
  const applied: string[] = []
  const host = {
    ...tempHost(`${top}/${folder}`, { files: {}, containers: value(containers) }),
    timer: () => ({ done: Promise.resolve(), cancel: () => {} }),
    save: makeSave(liveBase, Date.now),
    apply: async (action: unknown): Promise<ActionResult> => {
      applied.push(JSON.stringify(action))
      return { outcome: 'done', detail: '' }
    },
  }
  const features = { restart }
  const names = looked.map(({ name = '' }) => name)
  const entries = names.map((name) => [name, { features, checks: {} }])
  const config = { services: { ...Object.fromEntries(entries), ...services } } as unknown as Config
  const seen = {
    services: looked.map((facts) => ({
      facts: serviceFacts(facts),
      findings: failing.includes(facts.name ?? '') ? findings : [],
      status: 'ok',
    })),
    containers,
    restarts,
  } as unknown as Look
  const stateDir = `${top}/${folder}/state`
  const context = {
    ...contextOf(host, { stateDir, logDir: `${top}/${folder}/log`, verbose, dryRun }),
    args: [...args],
    options,
  }
  return { ...(await heal(context, config, seen, freshState())), applied, stateDir }
}

interface Arrangement {
  /** Of the config, beside those that were looked at. */
  services?: Readonly<Record<string, unknown>>
  containers?: ContainerFacts[]
  args?: readonly string[]
  /** Of those that fail. */
  findings?: readonly Finding[]
  /** As the run before has left them. */
  restarts?: State['restarts']
  verbose?: boolean
  options?: Record<string, unknown>
  dryRun?: boolean
}

const unit = (name: string) => ({
  ...{ name, kind: 'unit' as const },
  target: { type: 'unit' as const, ref: `${name}.service` },
})

it('what there is no room to count is not restarted, and that is said', async () => {
  const names = Array.from({ length: restartBounds.services + 1 }, (_, i) => `unit-${i}`)
  const [first, last] = [names[0] as string, names.at(-1) as string]
  const { services, restarts, applied } = await healed('room', names.map(unit), [first, last])
  expect(services.at(-1)?.action).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('no room for one more service'),
  })
  expect(services.at(-1)?.status).toBe('critical')
  expect(applied.filter((action) => action.includes(first)).length).toBeGreaterThan(0)
  expect(applied.filter((action) => action.includes(last))).toEqual([])
  expect(Object.keys(restarts)).toHaveLength(restartBounds.services)
})

it('what cannot be counted on the disk is not restarted, and uses nothing of the budget', async () => {
  const looked = [{ ...unit('web'), identity: 'a' }]
  // The journal beside it can be written, as on a disk that has room for the smaller file alone.
  mkdirSync(`${top}/full/state/state.json`, { recursive: true })
  const { services, restarts, applied } = await healed('full', looked, ['web'])
  expect(services[0]?.action).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('the state cannot be written'),
  })
  expect(restarts.web?.memory).toEqual({ ...freshMemory, identity: 'a', recentFailures: [true] })
  expect(applied).toEqual([])
})

it('with -v says of each that has failed and is left alone why', async () => {
  const known = (recentFailures: boolean[]) => ({
    ...freshRestarts,
    memory: { ...freshMemory, identity: 'a', recentFailures },
  })
  const configured = (features: object) => ({ features, checks: {} })
  const arrangement = {
    services: {
      first: configured({ restart: { ...restart, after: 3 } }),
      among: configured({ restart: { ...restart, after: 4, out_of: 6 } }),
      bare: configured({ restart: null }),
      well: configured({ restart: { ...restart, after: 3 } }),
    },
    restarts: { first: known([true, false, true]), among: known([true, true, false]), well: known([true]) },
  }
  const looked = ['first', 'among', 'bare', 'well'].map((name) => ({ ...unit(name), identity: 'a' }))
  const failing = ['first', 'among', 'bare']
  const { notes } = await healed('notes', looked, failing, { ...arrangement, verbose: true })
  expect(notes).toEqual([
    'first: not restarted yet: 2 of 3 failed checks in a row',
    'among: not restarted yet: 3 of 4 failed checks among the last 6',
    'bare: not restarted: it has no `restart:` in the config',
  ])
  expect((await healed('notes', looked, failing, arrangement)).notes).toEqual([])
})

it('--reset says what was forgotten, and under --dry-run what would be', async () => {
  const memory = {
    ...{ ...freshMemory, identity: 'a', recentFailures: [true, false, true, true] },
    ...{ restartedAtMs: [1, 2, 3, 4, 5], gaveUpAtMs: 6 },
  }
  const restarts = { web: { ...freshRestarts, memory } }
  const looked = ['web', 'new'].map((name) => ({ ...unit(name), identity: 'a' }))
  const done = await healed('reset', looked, [], { restarts, options: { reset: true } })
  expect(done.notes).toEqual([
    'web: forgot 3 failed checks, 5 restarts, that it was given up',
    'new: there was nothing to forget',
  ])
  expect(done.restarts.web?.memory.restartedAtMs).toEqual([])
  const tried = await healed('reset-n', looked, [], { restarts, options: { reset: true }, dryRun: true })
  expect(tried.notes).toEqual([])
  expect(tried.wouldDo[0]).toBe('web: would forget 3 failed checks, 5 restarts, that it was given up')
})

describe('a leak that only the lives before have shown', () => {
  const growth = (status: Status): Finding => ({
    ...{ ...failed, check: 'growth', code: 'leak', status },
    args: { reason: 'leaked-before' },
  })
  const forecast: Finding = { ...growth('critical'), check: 'forecast' }
  const ofLimit: Finding = { ...failed, check: 'memory', code: 'level' }
  const left = { ...freshMemory, identity: 'a', recentFailures: [true, true], restartsInARow: 2 }
  const named = { memory: { growth: { warn: null, crit: 1 }, forecast: null } }

  /** The third check of a life, of which two have failed. */
  const third = async (
    folder: string,
    findings: readonly Finding[],
    { checks = named, fail_on = 'critical', gaveUpAtMs = null as number | null } = {},
  ) => {
    const { services, restarts } = await healed(folder, [{ ...unit('web'), identity: 'a' }], ['web'], {
      findings,
      services: { web: { features: { restart: { ...restart, fail_on, after: 3 } }, checks } },
      restarts: { web: { ...freshRestarts, memory: { ...left, gaveUpAtMs } } },
    })
    return { memory: restarts.web?.memory, action: services[0]?.action }
  }
  const well = { ...left, recentFailures: [true, true, false], restartsInARow: 0 }

  it('is neither a failed check nor a good one: count, backoff and giving up stay as they were', async () => {
    const gaveUpAtMs = 1_700_000_000_000
    expect(await third('leak-1', [growth('critical')], { gaveUpAtMs })).toEqual({
      memory: { ...left, gaveUpAtMs },
      action: null,
    })
    expect(await third('leak-2', [forecast])).toEqual({ memory: left, action: null })
    expect((await third('leak-3', [growth('warning')], { fail_on: 'warning' })).memory).toEqual(left)
  })

  it('hides nothing that is measured: what crosses its limit is restarted, and called by that', async () => {
    const { action } = await third('leak-4', [growth('critical'), ofLimit])
    expect(action).toMatchObject({ outcome: 'done', reason: expect.stringMatching(/in a row: memory/) })
  })

  it('is a good check where it would be none that failed in the present life either', async () => {
    const unnamed = { memory: { growth: null, forecast: null } } as unknown as typeof named
    expect((await third('leak-5', [growth('critical')], { checks: unnamed })).memory).toEqual(well)
    expect((await third('leak-6', [growth('warning')])).memory).toEqual(well)
  })
})

it('what shares its network and is not named on the command line is due in the next run of all', async () => {
  const of = (name: string, digit: string, networkMode: string) =>
    container({ id: digit.repeat(64), name, networkMode, pid: 7, startedAtMs: 1 })
  const [vpn, front, other] = [
    of('vpn', 'a', 'bridge'),
    of('front', 'b', `container:${'a'.repeat(64)}`),
    of('other', 'c', 'bridge'),
  ]
  const config = (name: string, features: object = { restart }) => ({
    [name]: { target: { type: 'container', ref: name }, features, checks: {} },
  })
  const looked = [{ name: 'vpn', containerId: vpn.id, identity: `${vpn.id}:1` }]
  const { services, stateDir, applied } = await healed('network', looked, ['vpn'], {
    services: { ...config('front'), ...config('other'), ...config('watched', {}) },
    containers: [vpn, front, other],
    args: ['vpn'],
  })
  expect(services.map(({ action }) => action)).toEqual([
    {
      kind: 'restart',
      outcome: 'done',
      reason: expect.stringMatching(/; front depends on it; its turn comes/),
    },
  ])
  const { entries } = JSON.parse(readFileSync(`${stateDir}/journal.json`, 'utf8'))
  expect(entries).toMatchObject([{ service: 'front', follows: 'vpn', identity: `${front.id}:1`, steps: [] }])
  expect(applied.join()).not.toContain(front.id)
})
