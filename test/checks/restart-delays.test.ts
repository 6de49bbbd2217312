import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayBefore, delaysTogether, lastingDelay } from '../../src/checks/restart-delays.ts'

const settings = (delaySeconds: number, steps = 0, maxDelaySeconds: number | null = null) => ({
  restart: 'always',
  delaySeconds,
  steps,
  maxDelaySeconds,
  limitIntervalSeconds: 10,
  limitBurst: 5,
})

describe('the delays between restarts by systemd', () => {
  // As a unit with RestartSec=100ms RestartSteps=4 RestartMaxDelaySec=1600ms is restarted.
  it('grow in steps of equal ratio', () => {
    const growing = settings(0.1, 4, 1.6)
    for (const [n, seconds] of [0.1, 0.2, 0.4, 0.8, 1.6, 1.6].entries())
      expect(delayBefore(n + 1, growing)).toBeCloseTo(seconds, 10)
    expect(lastingDelay(growing)).toBe(1.6)
    expect(delaysTogether(1, 6, growing)).toBeCloseTo(4.7, 10)
    expect(delaysTogether(4, 3, growing)).toBeCloseTo(4, 10)
    expect(delaysTogether(400, 10_000_000, growing)).toBeCloseTo(16_000_000, 5)
    expect(delaysTogether(1, 4e9, settings(0.1, 4e9, 1.6))).toBeGreaterThan(4e8)
  })

  it.each([
    ['no steps', settings(5, 0, 60)],
    ['no longest', settings(5, 4)],
    ['a longest that is no longer', settings(5, 4, 5)],
    ['a shorter longest', settings(5, 4, 1)],
  ])('are RestartSec with %s', (_, same) => {
    expect([delayBefore(9, same), lastingDelay(same), delaysTogether(3, 5, same)]).toEqual([5, 5, 25])
  })

  it('RestartSec=0 stays 0', () => {
    expect(delaysTogether(1, 5, settings(0, 4, 60))).toBe(0)
  })

  it('property: between the shortest and the longest, and together their sum', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.nat({ max: 30 }),
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 40 }),
        (delay, steps, max, from, count) => {
          const some = settings(delay / 10, steps, max)
          const each = Array.from({ length: count }, (_, i) => delayBefore(from + i, some))
          for (const one of each) expect(one).toBeGreaterThanOrEqual(delay / 10)
          expect(delaysTogether(from, count, some)).toBeCloseTo(
            each.reduce((sum, one) => sum + one, 0),
            6,
          )
        },
      ),
    )
  })
})
