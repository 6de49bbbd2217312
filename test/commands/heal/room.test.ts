import { expect, it } from 'vitest'
import { heal } from '../../../src/commands/heal.ts'
import type { Look } from '../../../src/commands/look.ts'
import type { Config } from '../../../src/config/config.ts'
import type { Finding } from '../../../src/core/finding.ts'
import { absent } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeSave } from '../../../src/host/save.ts'
import { restartBounds } from '../../../src/store/restart-state.ts'
import { freshState } from '../../../src/store/state.ts'
import { liveBase } from '../../support/bases.ts'
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

it('what there is no room to count is not restarted, and that is said', async () => {
  const names = Array.from({ length: restartBounds.services + 1 }, (_, i) => `unit-${i}`)
  const [first, last] = [names[0] as string, names.at(-1) as string]
  const applied: string[] = []
  const host = {
    ...tempHost(top, { files: {} }),
    save: makeSave(liveBase, Date.now),
    apply: async (action: unknown) => {
      applied.push(JSON.stringify(action))
      return absent('systemd')
    },
  } as unknown as Host
  const features = { restart }
  const config = {
    services: Object.fromEntries(names.map((name) => [name, { features, checks: {} }])),
  } as unknown as Config
  const seen = {
    services: names.map((name) => ({
      facts: serviceFacts({ name, kind: 'unit', target: { type: 'unit', ref: `${name}.service` } }),
      findings: name === first || name === last ? [failed] : [],
      status: 'ok',
    })),
    containers: [],
    restarts: {},
  } as unknown as Look
  const { services, restarts } = await heal(
    contextOf(host, { stateDir: `${top}/state`, logDir: `${top}/log` }),
    config,
    seen,
    freshState(),
  )
  expect(services.at(-1)?.action).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('no room for one more service'),
  })
  expect(services.at(-1)?.status).toBe('critical')
  expect(applied.filter((action) => action.includes(first)).length).toBeGreaterThan(0)
  expect(applied.filter((action) => action.includes(last))).toEqual([])
  expect(Object.keys(restarts)).toHaveLength(restartBounds.services)
})
