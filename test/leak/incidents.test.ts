import { describe, expect, it } from 'vitest'
import { randomOf } from '../../bench/leak/random.ts'
import type { LeakVerdict } from '../../src/leak/series.ts'
import { judgeLeak } from '../../src/leak/verdict.ts'

const mib = 1024 ** 2
const startMs = 1_750_000_000_000

interface Curve {
  mibAt: (minutes: number) => number
  /** Minutes between samples. */
  every?: number
  minutes: number
  noise?: number
  seed?: number
  limitMib?: number
  identityAt?: (minutes: number) => string
}

const seriesOf = ({ mibAt, every = 1, minutes, noise = 3, seed = 1, identityAt }: Curve) => {
  const random = randomOf(seed)
  return Array.from({ length: Math.floor(minutes / every) + 1 }, (_, i) => ({
    atMs: startMs + i * every * 60_000,
    bytes: Math.max(0, mibAt(i * every) + noise * random.normal()) * mib,
    identity: identityAt?.(i * every) ?? 'one',
  }))
}

const judge = (curve: Curve): LeakVerdict => {
  const points = seriesOf(curve)
  const ceiling =
    curve.limitMib === undefined
      ? null
      : { limitBytes: curve.limitMib * mib, usedBytes: points.at(-1)?.bytes ?? 0 }
  return judgeLeak(points, ceiling)
}

const perMinute = (verdict: LeakVerdict): number => (verdict.slopeBytesPerMinute ?? 0) / mib
const onsetMinutes = ({ onsetAtMs }: LeakVerdict): number => ((onsetAtMs ?? 0) - startMs) / 60_000

const expectForecast = ({ secondsToLimit }: LeakVerdict, minutes: number): void => {
  expect(secondsToLimit).not.toBeNull()
  expect((secondsToLimit?.low ?? 0) / 60).toBeLessThanOrEqual(minutes)
  expect((secondsToLimit?.high ?? 0) / 60).toBeGreaterThanOrEqual(minutes)
  expect(Math.abs((secondsToLimit?.best ?? 0) / 60 - minutes)).toBeLessThan(minutes * 0.2 + 1)
}

it('E: 200 forks, one every two minutes after an hour of health, on a host of 91 GiB', () => {
  const mibAt = (minutes: number): number => 100 + 314 * Math.max(0, Math.floor((minutes - 60) / 2))
  const verdict = judge({ mibAt, minutes: 180, limitMib: 91 * 1024 })
  expect(verdict.verdict).toBe('leak')
  expect(perMinute(verdict)).toBeCloseTo(157, -1)
  expect(Math.abs(onsetMinutes(verdict) - 60)).toBeLessThan(18)
  expectForecast(verdict, (91 * 1024 - mibAt(180)) / 157)
})

it('V: 400 MB an hour from 1.9 GB, within the hour, and when the 8 GB are used up', () => {
  const curve = { mibAt: (minutes: number) => 1900 + (400 / 60) * minutes, limitMib: 8192, noise: 10 }
  const verdict = judge({ ...curve, minutes: 60 })
  expect(verdict.verdict).toBe('leak')
  expect(perMinute(verdict) * 60).toBeCloseTo(400, -2)
  expectForecast(verdict, ((8192 - 2300) / 400) * 60)
  expectForecast(judge({ ...curve, minutes: 600, every: 0.5 }), ((8192 - 5900) / 400) * 60)
})

it('O: 123 MB/min from 241 MB is a leak in minutes', () => {
  const verdict = judge({ mibAt: (minutes) => 241 + 123 * minutes, minutes: 5 })
  expect(verdict.verdict).toBe('leak')
  expect(perMinute(verdict)).toBeCloseTo(123, -1)
})

describe('T: 220 MB/min under MemoryMax=6G', () => {
  const mibAt = (minutes: number): number => 500 + 220 * minutes

  it.each([1, 2, 3, 4, 5])('is called with the fifth sample, and when it ends (seed %i)', (seed) => {
    const verdict = judge({ mibAt, minutes: 4, seed, limitMib: 6144 })
    expect(verdict.verdict).toBe('leak')
    expectForecast(verdict, (6144 - 1380) / 220)
  })

  const lives = (minutes: number) => ({
    mibAt: (m: number) => mibAt(m % 25),
    identityAt: (m: number) => `life ${Math.floor(m / 25)}`,
    minutes,
    limitMib: 6144,
  })

  it('is still known right after its restart, from the lives before, which is said', () => {
    for (const minutes of [75, 76, 77, 78]) {
      const verdict = judge(lives(minutes))
      expect(verdict).toMatchObject({ verdict: 'leak', reason: { code: 'leaked-before' } })
      expect(onsetMinutes(verdict)).toBeLessThan(8)
    }
  })

  it('is one more life that leaks with its fifth sample, as the first was', () => {
    for (const minutes of [29, 79, 90])
      expect(judge(lives(minutes)).reason.code, `${minutes}`).toBe('leaks-across-restarts')
  })
})

describe('T7: warm-up from 500 MB to 1.5 GB', () => {
  it.each([5, 10])('is no leak at any minute (time constant %i min)', (constant) => {
    for (const seed of [1, 2, 3])
      for (let minutes = 4; minutes <= 120; minutes += minutes < 30 ? 1 : 10) {
        const { verdict } = judge({
          mibAt: (m) => 500 + 1000 * (1 - Math.exp(-m / constant)),
          minutes,
          noise: 5,
          seed,
        })
        expect(verdict, `after ${minutes} minutes, seed ${seed}`).not.toBe('leak')
      }
  })

  it('is stable once it is over, and said to have levelled off', () => {
    const verdict = judge({ mibAt: (m) => 500 + 1000 * (1 - Math.exp(-m / 10)), minutes: 240 })
    expect(verdict).toMatchObject({ verdict: 'stable', onsetAtMs: null, reason: { code: 'levelled-off' } })
  })
})

describe('P: an unbounded cache, out of memory after two days', () => {
  const mibAt = (minutes: number): number => 300 + (36 / 60) * minutes + 40 * Math.sin(minutes / 229) ** 2

  it.each([5, 60])('is called on the first day, sampled every %i minutes', (every) => {
    const verdict = judge({ mibAt, minutes: 20 * 60, every, limitMib: 2048, noise: 8 })
    expect(verdict.verdict).toBe('leak')
    expect(perMinute(verdict) * 60).toBeCloseTo(36, -1)
    expectForecast(verdict, ((2048 - mibAt(1200)) / 36) * 60)
  })
})

it('too few samples are insufficient, never stable', () => {
  for (let minutes = 0; minutes < 10; minutes++)
    expect(judge({ mibAt: () => 500, minutes }).verdict).toBe('insufficient')
  expect(judgeLeak([], null).verdict).toBe('insufficient')
  const seconds = Array.from({ length: 10 }, (_, i) => ({
    atMs: i * 1000,
    bytes: mib * 2 ** i,
    identity: null,
  }))
  expect(judgeLeak(seconds, null)).toMatchObject({ verdict: 'insufficient' })
})

it('a fix that holds is not blamed for the lives before it', () => {
  const verdict = judge({
    mibAt: (minutes) => (minutes < 120 ? 500 + 10 * (minutes % 60) : 500),
    identityAt: (minutes) => (minutes < 120 ? `old ${Math.floor(minutes / 60)}` : 'fixed'),
    minutes: 240,
  })
  expect(verdict.verdict).toBe('stable')
})

it('bears any points: not finite, negative, doubled, out of order', () => {
  const points = seriesOf({ mibAt: (minutes) => 500 + 20 * minutes, minutes: 60 })
  const broken = [Number.NaN, -1, Number.POSITIVE_INFINITY].map((bytes) => ({
    atMs: startMs,
    bytes,
    identity: null,
  }))
  const verdict = judgeLeak([...[...points].reverse(), ...points, ...broken], null)
  expect(verdict.verdict).toBe('leak')
  expect(judgeLeak(broken, null).verdict).toBe('insufficient')
})
