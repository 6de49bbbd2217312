import { describe, expect, it } from 'vitest'
import { notYet } from '../../src/commands/not-yet.ts'
import { defaultConfig } from '../../src/config/schema.ts'

const target = { type: 'unit', ref: 'web.service' } as const
const service = (features: Record<string, unknown>, checks: Record<string, unknown> = {}) => ({
  services: { web: { target, features, checks } },
})

describe('what the config may say and this version does not act on', () => {
  it('nothing without a config, nor for what is acted on', () => {
    expect(notYet(defaultConfig())).toEqual([])
    const quiet = service(
      { hooks: [{ every: 60 }], restart: { after: 3 }, probes: [{}] },
      { memory: { growth: null, forecast: null } },
    )
    expect(notYet({ ...defaultConfig(), ...quiet })).toEqual([])
  })

  it.each([
    ['growth', service({}, { memory: { growth: { warn: 1 } } }), 'services.web.memory.growth'],
    ['forecast', service({}, { memory: { forecast: { warn: 1 } } }), 'services.web.memory.forecast'],
    ['metrics', { metrics: { textfile: '/x.prom' } }, 'metrics.textfile'],
  ])('%s is named, as a warning', (_, over, key) => {
    expect(notYet({ ...defaultConfig(), ...over })).toMatchObject([
      { status: 'warning', args: { keys: key } },
    ])
  })

  it('of many only the first are named', () => {
    const services = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `s${i}`,
        { target, features: {}, checks: { memory: { growth: { warn: 1 } } } },
      ]),
    )
    expect(notYet({ ...defaultConfig(), services })[0]?.args?.keys).toMatch(/s4\.memory\.growth and 4 more$/)
  })
})
