import { describe, expect, it } from 'vitest'
import { serviceMemory } from '../../src/checks/service-memory.ts'
import type { Level } from '../../src/core/field.ts'
import { absent, failed, value } from '../../src/core/reading.ts'
import type { ServiceMemory } from '../../src/core/service.ts'
import { serviceFacts, serviceMemoryOf } from '../support/service-facts.ts'

const defaults = serviceMemory.limits.default
const judge = (
  part: Partial<ServiceMemory>,
  thresholds: { warn?: Level | null; crit?: Level | null } = {},
  totalMemoryBytes: number | null = 10_000,
) =>
  serviceMemory.judge(
    serviceFacts({ memory: value(serviceMemoryOf(part)) }),
    { ...defaults, ...thresholds },
    { totalMemoryBytes },
  )

describe('memory of a service', () => {
  it.each([
    [849, 'ok'],
    [850, 'warning'],
    [949, 'warning'],
    [950, 'critical'],
    [1100, 'critical'],
  ] as const)('%i of a limit of 1000 is %s', (usedBytes, status) => {
    expect(judge({ usedBytes, limitBytes: 1000, limitAt: '/a' })).toMatchObject([
      {
        check: 'memory',
        code: 'level',
        status,
        value: usedBytes / 10,
        unit: 'percent',
        warn: 85,
        crit: 95,
        args: { ceilingBytes: 1000, ceilingOf: 'limit', limitAt: '/a' },
      },
    ])
  })

  it('without a limit the share is of the RAM', () => {
    expect(judge({ usedBytes: 8500 })).toMatchObject([
      { status: 'warning', value: 85, args: { ceilingBytes: 10_000, ceilingOf: 'ram' } },
    ])
  })

  it.each([
    [4999, 'ok'],
    [5000, 'warning'],
    [8499, 'warning'],
    [8500, 'critical'],
  ] as const)('found on the host and without a limit, %i of 10,000 of RAM are %s', (usedBytes, status) => {
    const found = (part: Partial<ServiceMemory>) =>
      serviceMemory.judge(
        serviceFacts({ configured: false, memory: value(serviceMemoryOf(part)) }),
        defaults,
        { totalMemoryBytes: 10_000 },
      )
    expect(found({ usedBytes })[0]).toMatchObject({ status, args: { ceilingOf: 'ram' } })
    // With a limit of its own it is that which counts.
    expect(found({ usedBytes: 500, limitBytes: 1000 })[0]?.status).toBe('ok')
  })

  it('a limit above the RAM is none', () => {
    expect(judge({ usedBytes: 8500, limitBytes: 20_000 })).toMatchObject([
      { status: 'warning', args: { ceilingOf: 'ram' } },
    ])
  })

  it('swapped-out memory does not count against a limit', () => {
    expect(judge({ usedBytes: 100, leakBytes: 5000, swapBytes: 4900, limitBytes: 1000 })).toMatchObject([
      { status: 'ok', value: 10, args: { leakBytes: 5000 } },
    ])
  })

  it('but counts for a size', () => {
    const sizes = { warn: { bytes: 500 }, crit: { bytes: 1000 } }
    expect(judge({ usedBytes: 100, leakBytes: 1000, swapBytes: 900, limitBytes: 4000 }, sizes)).toMatchObject(
      [{ code: 'size', status: 'critical', value: 1000, unit: 'bytes', warn: 500, crit: 1000 }],
    )
  })

  it.each([
    [499, 'ok'],
    [500, 'warning'],
    [999, 'warning'],
    [1000, 'critical'],
  ] as const)('%i bytes against 500 and 1000 are %s', (usedBytes, status) => {
    expect(judge({ usedBytes }, { warn: { bytes: 500 }, crit: { bytes: 1000 } })[0]?.status).toBe(status)
  })

  it('a size and a share together are told in bytes', () => {
    const mixed = { warn: { bytes: 500 }, crit: { percent: 90 } }
    expect(judge({ usedBytes: 500, limitBytes: 1000 }, mixed)).toMatchObject([
      { code: 'size', status: 'warning', unit: 'bytes', value: 500, warn: 500, crit: 900 },
    ])
    expect(judge({ usedBytes: 900, limitBytes: 1000 }, mixed)[0]?.status).toBe('critical')
    // 2,000 swapped out are over the size, and not near the limit.
    expect(judge({ usedBytes: 100, leakBytes: 2100, limitBytes: 1000 }, mixed)[0]?.status).toBe('warning')
  })

  it('a share of nothing known is unknown', () => {
    expect(judge({ usedBytes: 1 }, {}, null)).toMatchObject([{ code: 'no-ceiling', status: 'unknown' }])
    const mixed = { warn: { bytes: 500 }, crit: { percent: 90 } }
    expect(judge({ usedBytes: 600 }, mixed, null)).toMatchObject([{ code: 'no-ceiling', status: 'unknown' }])
    const sureOf = { warn: { percent: 80 }, crit: { bytes: 500 } }
    expect(judge({ usedBytes: 600 }, sureOf, null)).toMatchObject([{ code: 'size', status: 'critical' }])
  })

  it('thresholds that are off are not judged', () => {
    const off = { warn: null, crit: null }
    expect(judge({ usedBytes: 1000, limitBytes: 1000 }, off)[0]?.status).toBe('ok')
    expect(judge({ usedBytes: 1000 }, off, null)).toMatchObject([{ code: 'size', status: 'ok', value: 1000 }])
    expect(judge({ usedBytes: 950, limitBytes: 1000 }, { warn: null })[0]?.status).toBe('critical')
  })

  it('nothing there is no finding, what failed is unknown', () => {
    const of = (memory: Parameters<typeof serviceFacts>[0]) =>
      serviceMemory.judge(serviceFacts(memory), defaults, { totalMemoryBytes: 1 })
    expect(of({ memory: absent('a running process') })).toEqual([])
    expect(of({ memory: failed('vanished', '/docker/x', 'gone') })).toMatchObject([
      { code: 'unreadable', status: 'unknown', args: { cause: 'vanished' } },
    ])
  })
})
