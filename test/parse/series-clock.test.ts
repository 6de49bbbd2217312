import fc from 'fast-check'
import { expect, it } from 'vitest'
import { clockReader } from '../../src/parse/series-clock.ts'

it('goes on into the next day at midnight, on either clock', () => {
  const clock = clockReader()
  expect(clock.header('Linux 6.1.0 (box) \t2026-01-31 \t_x86_64_\t(2 CPU)')).toBe(true)
  expect(clock.toMs(['23:59:59'], 0)).toBe(new Date(2026, 0, 31, 23, 59, 59).getTime())
  expect(clock.toMs(['12:00:01', 'AM'], 0)).toBe(new Date(2026, 1, 1, 0, 0, 1).getTime())
  expect(clock.toMs(['01:00:00', 'PM'], 0)).toBe(new Date(2026, 1, 1, 13).getTime())
})

it('takes other lines for no header and other cells for no time', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const clock = clockReader()
      expect(clock.header(text)).toBe(false)
      const at = clock.toMs([text], 0)
      expect(at === null || Number.isFinite(at)).toBe(true)
    }),
  )
})
