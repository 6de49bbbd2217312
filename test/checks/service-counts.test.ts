import { describe, expect, it } from 'vitest'
import { serviceFiles } from '../../src/checks/service-files.ts'
import { serviceLimit } from '../../src/checks/service-limit.ts'
import { serviceOom } from '../../src/checks/service-oom.ts'
import { serviceProcesses } from '../../src/checks/service-processes.ts'
import { serviceThreads } from '../../src/checks/service-threads.ts'
import { absent, failed, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { serviceFacts, serviceMemoryOf } from '../support/service-facts.ts'

const context = { totalMemoryBytes: 1000 }
const denied = failed('denied', '/proc/7/fd', 'EACCES')

describe('processes of a service', () => {
  const judge = (part: Partial<ServiceFacts>, limits: { match?: string; warn?: number; crit?: number }) =>
    serviceProcesses.judge(serviceFacts(part), { match: null, warn: null, crit: null, ...limits }, context)

  it.each([
    [9, 'ok'],
    [10, 'warning'],
    [49, 'warning'],
    [50, 'critical'],
  ] as const)('%i are %s', (processes, status) => {
    expect(judge({ processes: value(processes) }, { warn: 10, crit: 50 })).toMatchObject([
      { check: 'processes', code: 'count', status, value: processes, unit: 'count', warn: 10, crit: 50 },
    ])
  })

  it('with a pattern those count that it matches', () => {
    const part = { processes: value(3), matchedProcesses: value(200) }
    expect(judge(part, { match: 'python', warn: 10 })).toMatchObject([
      { status: 'warning', value: 200, args: { match: 'python' } },
    ])
  })

  it('0 matching ones are a count, those that could not be counted are unknown', () => {
    const limits = { match: 'python', warn: 10 }
    expect(judge({ matchedProcesses: value(0) }, limits)).toMatchObject([{ status: 'ok', value: 0 }])
    expect(judge({ matchedProcesses: denied }, limits)).toMatchObject([{ status: 'unknown' }])
  })

  it('are not judged without thresholds, nor when the service does not run', () => {
    expect(judge({ processes: denied }, {})).toEqual([])
    expect(judge({ processes: absent('a running process') }, { warn: 1 })).toEqual([])
  })
})

describe.each([
  ['open_files', serviceFiles, 'openFiles'],
  ['threads', serviceThreads, 'threads'],
] as const)('%s of a service', (name, check, figure) => {
  const judge = (reading: ServiceFacts['openFiles'], limits: { warn?: number; crit?: number }) =>
    check.judge(serviceFacts({ [figure]: reading }), { warn: null, crit: null, ...limits }, context)

  it.each([
    [99, 'ok'],
    [100, 'warning'],
    [999, 'warning'],
    [1000, 'critical'],
  ] as const)('%i are %s', (n, status) => {
    expect(check.key).toBe(name)
    expect(judge(value(n), { warn: 100, crit: 1000 })).toMatchObject([
      { check: name, code: 'count', status, value: n },
    ])
  })

  it('are unknown when they are asked for and cannot be counted, and nothing otherwise', () => {
    expect(judge(denied, { warn: 1 })).toMatchObject([{ code: 'unreadable', status: 'unknown' }])
    expect(judge(denied, {})).toEqual([])
    expect(judge(absent('a running process'), { warn: 1 })).toEqual([])
  })
})

describe('limit of a service', () => {
  const judge = (part: Partial<ServiceFacts>, wanted: { memory: number | null } | null) =>
    serviceLimit.judge(
      serviceFacts({ memory: value(serviceMemoryOf()), ...part }),
      wanted && { reservation: null, ...wanted },
      context,
    )

  it('a container without one is a note until the config wants one', () => {
    expect(judge({}, null)).toMatchObject([{ code: 'no-limit', status: 'ok', value: null }])
    expect(judge({}, { memory: null })).toMatchObject([{ code: 'no-limit', status: 'ok' }])
    expect(judge({}, { memory: 500 })).toMatchObject([
      { code: 'no-limit', status: 'warning', args: { wantedBytes: 500 } },
    ])
  })

  it('one that has a limit is fine', () => {
    const memory = value(serviceMemoryOf({ limitBytes: 700, limitAt: '/docker/x' }))
    expect(judge({ memory }, { memory: 500 })).toMatchObject([
      { code: 'limit', status: 'ok', value: 700, args: { limitAt: '/docker/x' } },
    ])
  })

  it('units and processes are asked only when the config wants one', () => {
    expect(judge({ kind: 'unit' }, null)).toEqual([])
    expect(judge({ kind: 'unit' }, { memory: 5 })).toMatchObject([{ code: 'no-limit', status: 'warning' }])
  })

  it('what does not run or cannot be read has no finding here', () => {
    expect(judge({ memory: absent('a running process') }, { memory: 5 })).toEqual([])
    expect(judge({ memory: failed('vanished', 'x', 'y') }, { memory: 5 })).toEqual([])
  })
})

describe('OOM kills of a service', () => {
  const judge = (part: Partial<ServiceFacts>) => serviceOom.judge(serviceFacts(part), true, context)

  it.each([
    [0, 'ok'],
    [1, 'warning'],
    [12, 'warning'],
  ] as const)('%i are %s', (kills, status) => {
    expect(judge({ oomKills: value(kills) })).toMatchObject([{ code: 'kills', status, value: kills }])
  })

  it('not counted is no finding, failed is unknown and said once', () => {
    expect(judge({ oomKills: absent('a count') })).toEqual([])
    expect(judge({ oomKills: denied })).toMatchObject([{ code: 'unreadable', status: 'unknown' }])
    expect(judge({ oomKills: denied, memory: denied })).toEqual([])
  })
})
