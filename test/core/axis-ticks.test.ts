import { describe, expect, it } from 'vitest'
import { sizeTicks, timeTicks } from '../../src/core/axis-ticks.ts'
import { civilTime, clockText, dayText } from '../../src/core/civil-time.ts'

const at = (text: string): number => Date.parse(text) / 1000
const labels = (ticks: { label: string }[]): string[] => ticks.map(({ label }) => label)

describe('civil time', () => {
  it('is that of UTC and an offset, over leap days and before 1970', () => {
    for (const text of [
      '2024-02-29T23:59:30Z',
      '2026-11-26T17:14:16Z',
      '1969-12-31T23:59:00Z',
      '2000-03-01T00:00:00Z',
    ]) {
      const time = civilTime(at(text), 0)
      expect(`${dayText(time)}T${clockText(time)}`).toBe(text.slice(0, 16))
    }
    const ahead = civilTime(at('2026-12-31T23:00:00Z'), 330)
    expect(`${dayText(ahead)} ${clockText(ahead)}`).toBe('2027-01-01 04:30')
  })
})

describe('ticks', () => {
  it('of time are round by the clock of the host', () => {
    const day = timeTicks(at('2026-11-26T10:07:00Z'), at('2026-11-27T10:07:00Z'), 5, [[0, 60]])
    expect(labels(day)).toEqual(['12:00', '18:00', '27 Nov', '06:00'])
    const week = timeTicks(at('2026-11-19T10:00:00Z'), at('2026-11-26T10:00:00Z'), 7, [[0, 0]])
    expect(labels(week)).toEqual(['20 Nov', '21 Nov', '22 Nov', '23 Nov', '24 Nov', '25 Nov', '26 Nov'])
  })

  it('never are more than asked for, give or take the one at the edge', () => {
    for (const span of [60, 3600, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400])
      for (const most of [2, 5, 12]) {
        const { length } = timeTicks(1_800_000_000, 1_800_000_000 + span, most, [[0, 60]])
        expect(length).toBeLessThanOrEqual(most + 1)
        expect(length).toBeGreaterThan(0)
      }
  })

  it('of size are round in one unit', () => {
    expect(labels(sizeTicks(0, 2.2 * 1024 ** 3, 5))).toEqual([
      '0',
      '0.5 GiB',
      '1.0 GiB',
      '1.5 GiB',
      '2.0 GiB',
    ])
    expect(labels(sizeTicks(0, 120 * 1024 ** 2, 4))).toEqual(['0', '50 MiB', '100 MiB'])
    expect(labels(sizeTicks(1.0e9, 1.01e9, 3)).length).toBeGreaterThan(0)
    expect(new Set(labels(sizeTicks(1.0e9, 1.01e9, 3))).size).toBe(sizeTicks(1.0e9, 1.01e9, 3).length)
  })
})
