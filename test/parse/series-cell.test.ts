import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesCell, dateToMs, numberCell, timeUnitOf } from '../../src/parse/series-cell.ts'

it('tells the unit of a time by its size', () => {
  expect([0, 86_400, 1.7e9, 1.7e12, 1.7e15, 1.7e18].map(timeUnitOf)).toEqual([
    'since-start',
    'since-start',
    'seconds',
    'milliseconds',
    'microseconds',
    'nanoseconds',
  ])
})

it('takes no number for what is none', () => {
  for (const cell of ['', ' ', 'NaN', 'Infinity', '1e999', '0x10', '1_000', '1,5', '--1', '.', 'e5'])
    expect(numberCell(cell), cell).toBeNull()
  expect(numberCell('-1.5e3')).toBe(-1500)
})

it('takes no date for what is none', () => {
  for (const cell of [
    '',
    '2026',
    '2026-1-1',
    '2026-02-30',
    '2026-01-01T24:00:00',
    '2026-01-01T00:00:00+99:00',
  ])
    expect(dateToMs(cell), cell).toBeNull()
  expect(dateToMs('2026-01-31 03:00:00 UTC')).toBe(Date.UTC(2026, 0, 31, 3))
})

it('gives a size from 0 to what a double counts, or null, whatever the cell', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String)), (cell) => {
      const bytes = bytesCell(cell, 1024)
      expect(bytes === null || (bytes >= 0 && bytes < 2 ** 53)).toBe(true)
      const at = dateToMs(cell)
      expect(at === null || Number.isFinite(at)).toBe(true)
    }),
  )
})
