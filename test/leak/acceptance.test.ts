import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AcceptanceSample, AcceptanceWindow, Criteria } from '../../src/core/acceptance.ts'
import { judgeAcceptance } from '../../src/leak/acceptance.ts'

const mib = 1024 ** 2
const minuteMs = 60_000
const startMs = 1_800_000_000_000

const none: Criteria = {
  maxMemoryBytes: null,
  maxGrowthBytesPerMinute: null,
  maxSwapBytes: null,
  maxCpuPercent: null,
  minUptimeSeconds: null,
  maxProcesses: null,
  warmUpSeconds: 0,
}

const noise = (i: number): number => (((i * 7919) % 13) - 6) * 0.1 * mib

/** A sample a minute; `mibAt` of the minute. */
const series = (
  minutes: number,
  mibAt: (minute: number) => number,
  more: (minute: number) => Partial<AcceptanceSample> = () => ({}),
): AcceptanceSample[] =>
  Array.from({ length: minutes }, (_, i) => {
    const bytes = mibAt(i) * mib + noise(i)
    return {
      atMs: startMs + i * minuteMs,
      memoryBytes: bytes,
      floorBytes: bytes,
      swapBytes: 0,
      cpuSeconds: i * 6,
      cpuFell: false,
      processes: 2,
      identity: 'a',
      ...more(i),
    }
  })

const windowOf = (minutes: number): AcceptanceWindow => ({
  fromMs: startMs,
  toMs: startMs + minutes * minuteMs,
  stepMs: minuteMs,
  expected: null,
})

const judge = (
  samples: AcceptanceSample[],
  criteria: Partial<Criteria>,
  minutes = 60,
  uptimeSeconds: number | null = null,
) => judgeAcceptance({ samples, window: windowOf(minutes), uptimeSeconds }, { ...none, ...criteria })

const resultOf = (...args: Parameters<typeof judge>): string => {
  const [only, ...more] = judge(...args)
  expect(more).toEqual([])
  const reason = only?.reason?.code
  return `${only?.result}${reason === undefined ? '' : ` ${reason}`}`
}

describe('judgeAcceptance', () => {
  it('has one line for each criterion that is asked for, in the order of the flags', () => {
    const all = { ...none, maxMemoryBytes: 1, maxGrowthBytesPerMinute: 1, maxSwapBytes: 1, maxCpuPercent: 1 }
    const table = judge(
      series(60, () => 500),
      { ...all, minUptimeSeconds: 1, maxProcesses: 1 },
    )
    expect(table.map(({ name }) => name)).toEqual([
      'max-memory',
      'max-growth',
      'max-swap',
      'max-cpu',
      'min-uptime',
      'max-processes',
    ])
  })

  it.each([
    ['below', 600, 'pass'],
    ['above', 499, 'fail'],
  ])('memory %s the bound', (_, bound, expected) => {
    expect(
      resultOf(
        series(60, () => 500),
        { maxMemoryBytes: bound * mib },
      ),
    ).toBe(expected)
  })

  it('fails by one sample above, and is never passed with samples missing', () => {
    const spike = series(60, (i) => (i === 30 ? 3000 : 500))
    expect(resultOf(spike, { maxMemoryBytes: 2048 * mib })).toBe('fail')
    const holed = series(60, () => 500).filter((_, i) => i < 20 || i > 40)
    expect(resultOf(holed, { maxMemoryBytes: 2048 * mib })).toBe('insufficient gaps')
    expect(
      resultOf(
        series(50, () => 500),
        { maxMemoryBytes: 2048 * mib },
      ),
    ).toBe('insufficient gaps')
    expect(resultOf([], { maxMemoryBytes: 2048 * mib })).toBe('insufficient no-samples')
    // A hole hides no failure.
    const holedSpike = spike.filter((_, i) => i < 5 || i > 25)
    expect(resultOf(holedSpike, { maxMemoryBytes: 2048 * mib })).toBe('fail')
  })

  it('wants every look of a plan', () => {
    const planned = { ...windowOf(4), expected: 5 }
    const samples = series(5, () => 500)
    const facts = { samples, window: planned, uptimeSeconds: null }
    expect(judgeAcceptance(facts, { ...none, maxProcesses: 2 })[0]?.result).toBe('pass')
    const [short] = judgeAcceptance({ ...facts, samples: samples.slice(1) }, { ...none, maxProcesses: 2 })
    expect(short).toMatchObject({ result: 'insufficient', reason: { code: 'gaps', had: 4, expected: 5 } })
  })

  it('takes what was not measured for missing, not for zero', () => {
    const samples = series(
      60,
      () => 500,
      (i) => ({ swapBytes: i === 7 ? null : 0 }),
    )
    expect(resultOf(samples, { maxSwapBytes: 0 })).toBe('insufficient gaps')
    const never = series(
      60,
      () => 500,
      () => ({ swapBytes: null, cpuSeconds: null, processes: null }),
    )
    expect(resultOf(never, { maxSwapBytes: 0 })).toBe('insufficient not-measured')
    expect(resultOf(never, { maxCpuPercent: 40 })).toBe('insufficient not-measured')
    expect(resultOf(never, { maxProcesses: 2 })).toBe('insufficient not-measured')
  })

  it('takes a bound of 0 at its word', () => {
    expect(
      resultOf(
        series(60, () => 500),
        { maxSwapBytes: 0 },
      ),
    ).toBe('pass')
    expect(
      resultOf(
        series(
          60,
          () => 500,
          (i) => ({ swapBytes: i === 59 ? 4096 : 0 }),
        ),
        { maxSwapBytes: 0 },
      ),
    ).toBe('fail')
  })

  it('tells a leak of 220 MiB/min, with its range, from a warm-up that is over', () => {
    const leak = judge(
      series(60, (i) => 500 + 220 * i),
      { maxGrowthBytesPerMinute: (50 / 60) * mib },
    )
    expect(leak[0]).toMatchObject({ result: 'fail' })
    expect((leak[0]?.measured ?? 0) / mib).toBeCloseTo(220, 0)
    expect((leak[0]?.range?.low ?? 0) / mib).toBeGreaterThan(200)
    const warmUp = series(60, (i) => 500 + 1000 * (1 - Math.exp(-i / 5)))
    expect(resultOf(warmUp, { maxGrowthBytesPerMinute: (50 / 60) * mib })).toBe('pass')
  })

  it('passes growth only when all of its range is within, and says when it cannot tell', () => {
    const noisy = series(20, (i) => 500 + (((i * 7919) % 13) - 6) * 10)
    expect(resultOf(noisy, { maxGrowthBytesPerMinute: (1 / 60) * mib }, 20)).toBe('insufficient uncertain')
    expect(
      resultOf(
        series(5, () => 500),
        { maxGrowthBytesPerMinute: mib },
        5,
      ),
    ).toBe('insufficient too-few')
  })

  it('needs few samples for a plain leak', () => {
    const leak = series(5, (i) => 30 + 180 * i)
    expect(resultOf(leak, { maxGrowthBytesPerMinute: mib }, 5)).toBe('fail')
  })

  it('does not let a restart hide growth', () => {
    const lives = series(
      60,
      (i) => 500 + 20 * (i % 20),
      (i) => ({ identity: String(Math.floor(i / 20)) }),
    )
    expect(resultOf(lives, { maxGrowthBytesPerMinute: mib })).toBe('fail')
  })

  it('leaves the warm-up of each start out, of memory and growth alone', () => {
    const late = series(60, (i) => (i < 30 ? 3000 - 80 * i : 600))
    expect(resultOf(late, { maxMemoryBytes: 2048 * mib })).toBe('fail')
    expect(resultOf(late, { maxMemoryBytes: 2048 * mib, warmUpSeconds: 1800 })).toBe('pass')
    // All of it is warm-up: nothing is left to judge.
    expect(resultOf(late, { maxMemoryBytes: 2048 * mib, warmUpSeconds: 7200 })).toBe(
      'insufficient not-measured',
    )
    // It started long before the window.
    expect(resultOf(late, { maxMemoryBytes: 2048 * mib, warmUpSeconds: 1800 }, 60, 7200)).toBe('fail')
  })

  it('counts CPU over the window, in percent of one CPU, and over no restart', () => {
    expect(
      judge(
        series(60, () => 500),
        { maxCpuPercent: 40 },
      )[0],
    ).toMatchObject({ measured: 10, result: 'pass' })
    const lives = series(
      60,
      () => 500,
      (i) => ({ identity: i < 30 ? 'a' : 'b', cpuSeconds: i < 30 ? 5000 + i * 6 : (i - 30) * 60 }),
    )
    expect(judge(lives, { maxCpuPercent: 40 })[0]).toMatchObject({ result: 'fail' })
  })

  it('does not pass CPU over a fall, since more was used than is seen; a bound that is broken all the same is', () => {
    const workers = series(
      60,
      () => 500,
      (i) => ({ cpuSeconds: 1000 + (i % 10) * 6 }),
    )
    expect(judge(workers, { maxCpuPercent: 40 })[0]).toMatchObject({
      result: 'insufficient',
      reason: { code: 'cpu-lost', times: 5 },
    })
    expect(resultOf(workers, { maxCpuPercent: 5 })).toBe('fail')
    // Each sample stands for a time in which it fell.
    const coarse = series(
      60,
      () => 500,
      () => ({ cpuFell: true }),
    )
    expect(judge(coarse, { maxCpuPercent: 40 })[0]).toMatchObject({
      measured: 10,
      reason: { code: 'cpu-lost', times: 60 },
    })
    expect(resultOf(coarse, { maxCpuPercent: 5 })).toBe('fail')
  })

  it.each([
    ['it is up for longer', 60, 3600, 30 * 60, 'pass'],
    ['the samples alone show it', 60, null, 50 * 60, 'pass'],
    ['it is up, but not for so long yet', 60, 3600, 8 * 3600, 'insufficient too-young'],
  ])('uptime: %s', (_, minutes, uptime, bound, expected) => {
    expect(
      resultOf(
        series(minutes, () => 500),
        { minUptimeSeconds: bound },
        minutes,
        uptime,
      ),
    ).toBe(expected)
  })

  it('uptime: a restart in the window fails it, and is named', () => {
    const lives = series(
      60,
      () => 500,
      (i) => ({ identity: i < 40 ? 'a' : 'b' }),
    )
    expect(judge(lives, { minUptimeSeconds: 3600 }, 60, 1200)[0]).toMatchObject({
      result: 'fail',
      measured: 1200,
      reason: { code: 'restarted', restarts: 1, atMs: startMs + 40 * minuteMs },
    })
    const gone = series(30, () => 500)
    expect(resultOf(gone, { minUptimeSeconds: 600 }, 60)).toBe('insufficient gaps')
    const nameless = series(
      60,
      () => 500,
      () => ({ identity: null }),
    )
    expect(resultOf(nameless, { minUptimeSeconds: 600 })).toBe('insufficient not-measured')
  })

  it('whatever is left out of passing samples, it never becomes a failure; of failing ones, a pass only by the sample', () => {
    const good = series(60, () => 500)
    fc.assert(
      fc.property(fc.subarray(good), (some) => {
        const table = judge(some, { maxMemoryBytes: 600 * mib, maxSwapBytes: 0, maxProcesses: 2 })
        expect(table.every(({ result }) => result !== 'fail')).toBe(true)
        if (some.length < 50) expect(table.every(({ result }) => result === 'insufficient')).toBe(true)
      }),
    )
  })
})
