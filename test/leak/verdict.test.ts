import { expect, it } from 'vitest'
import { judgeLeak } from '../../src/leak/verdict.ts'

const minute = 60_000
const mib = 1024 ** 2

it('calls 220 MB/min a leak within five samples', () => {
  const points = [0, 1, 2, 3, 4].map((i) => ({
    atMs: i * minute,
    bytes: (500 + 220 * i) * mib,
    identity: 'a',
  }))
  const verdict = judgeLeak(points, { limitBytes: 6144 * mib, usedBytes: 1380 * mib })
  expect(verdict.verdict).toBe('leak')
  expect(verdict.slopeBytesPerMinute).toBeCloseTo(220 * mib, -6)
  expect(verdict.secondsToLimit?.best).toBeCloseTo(((6144 - 1380) / 220) * 60, -1)
})

it('says that it does not know, from too few samples', () => {
  expect(judgeLeak([], null).verdict).toBe('insufficient')
  expect(judgeLeak([{ atMs: 0, bytes: 1, identity: null }], null).verdict).toBe('insufficient')
})
