import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeLimit } from '../../src/parse/compose-limits.ts'
import type { PlainMap } from '../../src/parse/compose-merge.ts'

describe('the limit of a service', () => {
  const limit = (raw: PlainMap) => composeLimit('web', raw)

  it('of compose v2, of deploy, and none', () => {
    expect(limit({ mem_limit: '1g', mem_reservation: '512m' })).toMatchObject({
      limitBytes: 1024 ** 3,
      reservationBytes: 512 * 1024 ** 2,
      from: 'mem_limit',
      problems: [],
    })
    expect(
      limit({
        deploy: { resources: { limits: { memory: '1g' }, reservations: { memory: '1m' } } },
      }),
    ).toMatchObject({
      limitBytes: 1024 ** 3,
      reservationBytes: 1024 ** 2,
      from: 'deploy.resources.limits.memory',
    })
    expect(limit({})).toMatchObject({ limitBytes: null, reservationBytes: null, from: null, problems: [] })
    expect(limit({ mem_limit: 0 })).toMatchObject({ limitBytes: null, from: null, problems: [] })
  })

  it('says what is no size, and what contradicts itself', () => {
    expect(limit({ mem_limit: 'lots' })).toMatchObject({
      limitBytes: null,
      problems: ['services.web.mem_limit: "lots" is no size such as 512m or 2g'],
    })
    expect(
      limit({ mem_limit: '1g', deploy: { resources: { limits: { memory: '2g' } } } }).problems[0],
    ).toMatch(/differ/)
  })

  it('ends on any data', () => {
    fc.assert(fc.property(fc.object(), (raw) => composeLimit('x', raw as PlainMap).service === 'x'))
  })
})
