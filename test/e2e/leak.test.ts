import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHouse, removeAll, start } from './docker-house.ts'
import type { FindingDocument } from './environment.ts'

const MiB = 1024 ** 2
const minuteMs = 60_000
const leakMebibytesPerMinute = 60
// Six minutes: one more than a leak may take, and four behind the end of the warm-ups.
const checks = 7

const leaking = `
import time
began = time.monotonic()
kept = [b"x" * (40 << 20)]
while True:
    due = int((time.monotonic() - began) * ${leakMebibytesPerMinute} / 60)
    while len(kept) <= due: kept.append(b"x" * (1 << 20))
    time.sleep(0.2)
`

// A cache of 24,000 answers of 8 KiB: each request for one that is not there adds it, so it fills more and more slowly.
const warming = `
import time
answers = {}
state = 1
while True:
    for _ in range(55):
        state = (state * 1103515245 + 12345) % 2147483648
        key = (state >> 8) % 24000
        if key not in answers: answers[key] = b"x" * 8192
    time.sleep(0.1)
`

// Loads its data at an even rate for two minutes, as fast as the leak is, and is done.
const loading = `
import time
began = time.monotonic()
kept = [b"x" * (60 << 20)]
while True:
    due = int(min(time.monotonic() - began, 120))
    while len(kept) <= due: kept.append(b"x" * (1 << 20))
    time.sleep(0.2)
`

const asked = 'memory: { growth: { warn: 20M/min, crit: 50M/min }, forecast: { warn: 24h, crit: 2h } }'

type Seen = Awaited<ReturnType<ReturnType<typeof dockerHouse>['check']>>

const growthOf = (seen: Seen, name: string): FindingDocument | undefined =>
  seen.of(name).findings.find(({ check }) => check === 'growth')

/** A minute is one record: each check has to begin in one of its own, also on a busy host. */
const earlyInAMinute = async (): Promise<void> => {
  const into = Date.now() % minuteMs
  if (into > 40_000) await wait(minuteMs - into)
}

describe('a check each real minute', { timeout: 9 * minuteMs }, () => {
  const house = dockerHouse()
  const seen: Seen[] = []

  beforeAll(async () => {
    await removeAll()
    house.configure(
      `  leaking: { container: leaking, ${asked} }
  unnamed: { container: leaking }
  warming: { container: warming, ${asked} }
  loading: { container: loading, ${asked} }
`,
    )
    await earlyInAMinute()
    const small = ['--network', 'none', '-m']
    await Promise.all([
      start('leaking', [...small, '1g'], 'python3', '-c', leaking),
      start('warming', [...small, '512m'], 'python3', '-c', warming),
      start('loading', [...small, '512m'], 'python3', '-c', loading),
    ])
    const beganMs = Date.now()
    for (let i = 0; i < checks; i++) {
      await wait(Math.max(0, beganMs + i * minuteMs - Date.now()))
      seen.push(await house.check())
    }
    for (const [i, one] of seen.entries())
      console.log(
        `minute ${i}: ${['leaking', 'unnamed', 'warming', 'loading']
          .map((name) => {
            const held = Math.round((one.of(name).metrics.memoryBytes ?? 0) / MiB)
            const growth = growthOf(one, name)
            return `${name} ${held} MiB ${growth?.code ?? '-'} ${growth?.status ?? '-'}`
          })
          .join(' | ')}`,
      )
  }, 9 * minuteMs)

  afterAll(removeAll)

  it('calls a leaking container within five minutes, with its rate and the time to its limit', () => {
    const call = seen.findIndex((one) => growthOf(one, 'leaking')?.code === 'leak')
    expect(call).toBeGreaterThan(0)
    expect(call).toBeLessThanOrEqual(5)
    const called = seen[call] as Seen
    const growth = growthOf(called, 'leaking')
    expect(growth).toMatchObject({ status: 'critical' })
    expect((growth?.value ?? 0) / MiB / leakMebibytesPerMinute).toBeGreaterThan(0.85)
    expect((growth?.value ?? 0) / MiB / leakMebibytesPerMinute).toBeLessThan(1.15)
    expect(called.exitCode).toBe(2)
    const { memoryBytes, memoryLimitBytes, secondsToLimit } = called.of('leaking').metrics
    const trueSeconds = (((memoryLimitBytes ?? 0) - (memoryBytes ?? 0)) / (leakMebibytesPerMinute * MiB)) * 60
    expect((secondsToLimit ?? 0) / trueSeconds).toBeGreaterThan(0.8)
    expect((secondsToLimit ?? 0) / trueSeconds).toBeLessThan(1.2)
    for (const one of seen.slice(call)) expect(growthOf(one, 'leaking')?.code).toBe('leak')
  })

  it('calls it as well where the config does not name growth, and says nothing before', () => {
    const call = seen.findIndex((one) => growthOf(one, 'leaking')?.code === 'leak')
    for (const [i, one] of seen.entries()) {
      expect(growthOf(one, 'unnamed')?.code).toBe(i < call ? undefined : 'leak')
      expect(one.of('unnamed').status).toBe(i < call ? 'ok' : 'critical')
      expect(one.of('unnamed').failedChecks).toBe(0)
    }
  })

  it.each(['warming', 'loading'])('never calls %s a leak', (name) => {
    for (const one of seen) {
      expect(growthOf(one, name)?.code).not.toBe('leak')
      expect(one.of(name).status).not.toBe('critical')
    }
    // It did grow, and it did level off.
    const held = seen.map((one) => one.of(name).metrics.memoryBytes ?? 0)
    expect((held.at(-1) as number) / (held[0] as number)).toBeGreaterThan(2)
    expect((held.at(-1) as number) / (held.at(-3) as number)).toBeLessThan(1.03)
  })
})
