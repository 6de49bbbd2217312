import { describe, expect, it } from 'vitest'
import { type CpuFacts, type CpuSample, cpu } from '../../src/checks/cpu.ts'
import { capturedHost, sceneNowMs } from '../support/captured-host.ts'

const limits = cpu.limits.default
const bootId = 'b0070000-0000-4000-8000-000000000001'

const read = (busy: number, idle: number, previous: unknown, boot = bootId): CpuFacts => {
  const files = {
    '/proc/stat': `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\n`,
    '/proc/sys/kernel/random/boot_id': `${boot}\n`,
  }
  const reading = cpu.read(capturedHost({ files }), limits, previous)
  if (!('kind' in reading) || reading.kind !== 'value') throw new Error('no reading')
  return reading.value
}

const sample = (ageMs: number, busy = 0, idle = 0): CpuSample => ({
  totalTicks: busy + idle,
  idleTicks: idle,
  atMs: sceneNowMs - ageMs,
  bootId,
})
const remembered = (...samples: CpuSample[]) => ({ samples })

describe('cpu', () => {
  it('is the mean since the run before', () => {
    // 900 busy and 100 idle ticks since then, whatever there was before.
    const facts = read(5900, 2100, remembered(sample(60_000, 5000, 2000)))
    expect(facts).toMatchObject({ busyPercent: 90, overSeconds: 60 })
    expect(cpu.judge(facts, limits)[0]).toMatchObject({ code: 'level', status: 'warning', value: 90 })
  })

  it('without a run before it is the mean since boot, which is never judged', () => {
    const facts = read(990, 10, null)
    expect(facts).toMatchObject({ busyPercent: 99, overSeconds: null })
    expect(cpu.judge(facts, limits)).toMatchObject([
      { code: 'since-boot', status: 'ok', value: 99, warn: null, crit: null },
    ])
  })

  it.each([
    ['too old', remembered(sample(3_600_001, 10, 10))],
    ['from the future, after the clock went back', remembered(sample(-1, 10, 10))],
    ['of another boot', remembered({ ...sample(60_000, 10, 10), bootId: 'other' })],
    ['of more ticks than there are now', remembered(sample(60_000, 9999, 9999))],
    ['no sample at all', { samples: [null, 7, {}, { atMs: 'x' }] }],
    ['of no shape', 'garbage'],
    ['a list', []],
  ])('a remembered sample that is %s is not used', (_, previous) => {
    expect(read(100, 100, previous).overSeconds).toBeNull()
  })

  it('without a boot id nothing is compared', () => {
    const nameless = { ...sample(60_000, 1, 1), bootId: '' }
    expect(read(100, 100, remembered(nameless), '').overSeconds).toBeNull()
  })

  it('an hour and ten seconds are the bounds, both usable', () => {
    expect(read(100, 100, remembered(sample(3_600_000, 1, 1))).overSeconds).toBe(3600)
    expect(read(100, 100, remembered(sample(10_000, 1, 1))).overSeconds).toBe(10)
    expect(read(100, 100, remembered(sample(9999, 1, 1))).overSeconds).toBeNull()
  })

  it('a run that follows too soon is compared with the sample before the last', () => {
    const facts = read(200, 200, remembered(sample(999, 190, 190), sample(60_000, 100, 200)))
    expect(facts).toMatchObject({ overSeconds: 60, busyPercent: 100 })
  })

  it('runs every 5 s keep the oldest sample until it is old enough', () => {
    const second = read(200, 100, remembered(sample(5000, 100, 100)))
    expect(second.overSeconds).toBeNull()
    expect(cpu.remember?.(second)).toEqual(remembered(sample(0, 200, 100), sample(5000, 100, 100)))
  })

  it('remembers what the next run needs, through JSON', () => {
    const first = read(100, 100, null)
    const kept: unknown = JSON.parse(JSON.stringify(cpu.remember?.(first)))
    expect(kept).toEqual(remembered(sample(0, 100, 100)))
    const second = cpu.remember?.(read(300, 100, remembered(sample(5000, 100, 100))))
    expect(second).toEqual(remembered(sample(0, 300, 100), sample(5000, 100, 100)))
  })

  it('idle time that goes back, as iowait may, counts as none', () => {
    expect(read(200, 90, remembered(sample(60_000, 100, 100))).busyPercent).toBe(100)
  })

  it('a host without the file, or with a broken one, could not be measured', () => {
    expect(cpu.read(capturedHost(), limits, null)).toMatchObject({ kind: 'failed', cause: 'io' })
    const broken = capturedHost({ files: { '/proc/stat': 'cpu' } })
    expect(cpu.read(broken, limits, null)).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it.each([
    [89.9, 'ok'],
    [90, 'warning'],
    [97.9, 'warning'],
    [98, 'critical'],
  ] as const)('%d %% is %s', (busyPercent, status) => {
    const facts: CpuFacts = { busyPercent, overSeconds: 60, now: sample(0), before: null }
    expect(cpu.judge(facts, limits)[0]?.status).toBe(status)
  })
})
