import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maintenance } from '../../src/config/sections/restart.ts'
import type { ScalarField } from '../../src/core/field.ts'
import { localClock } from '../../src/core/stamp.ts'
import { insideWindow } from '../../src/plan/maintenance.ts'

const [sun, mon, tue, wed, thu, fri, sat] = [0, 1, 2, 3, 4, 5, 6] as const
const at = (weekday: number, time: string) => ({
  weekday,
  minutes: Number(time.slice(0, 2)) * 60 + Number(time.slice(3)),
})

describe('insideWindow', () => {
  it.each([
    ['02:00-04:00', wed, '02:00', true],
    ['02:00-04:00', wed, '03:59', true],
    ['02:00-04:00', wed, '04:00', false],
    ['02:00-04:00', wed, '01:59', false],
    ['Sun 02:00-04:00', sun, '03:00', true],
    ['Sun 02:00-04:00', mon, '03:00', false],
    ['Mon-Fri 22:00-06:00', fri, '23:00', true],
    ['Mon-Fri 22:00-06:00', sat, '05:59', true],
    ['Mon-Fri 22:00-06:00', sat, '06:00', false],
    ['Mon-Fri 22:00-06:00', sat, '23:00', false],
    ['Mon-Fri 22:00-06:00', mon, '05:00', false],
    ['Sat 22:00-06:00', sun, '05:00', true],
    ['Fri-Mon 00:00-24:00', sun, '23:59', true],
    ['Fri-Mon 00:00-24:00', tue, '00:00', false],
    ['Sun,Tue-Thu 01:00-02:00', wed, '01:00', true],
    ['Sun,Tue-Thu 01:00-02:00', mon, '01:00', false],
    ['Mon-Wed-Fri 01:00-02:00', thu, '01:30', true],
    ['22:00-24:00', thu, '23:59', true],
    ['22:00-24:00', thu, '00:00', false],
    ['05:00-05:00', thu, '04:00', true],
    ['Thu 05:00-05:00', thu, '04:59', false],
    ['Thu 05:00-05:00', fri, '04:59', true],
  ])('%s on day %i at %s: %s', (window, weekday, time, inside) => {
    expect(insideWindow([window], at(weekday, time))).toBe(inside)
  })

  it('any of several; none without any, nor in nonsense', () => {
    expect(insideWindow(['01:00-02:00', '03:00-04:00'], at(sun, '03:30'))).toBe(true)
    expect(insideWindow([], at(sun, '03:30'))).toBe(false)
    expect(insideWindow(['', 'always', 'Xyz 00:00-24:00', 'Mon-Xyz 00:00-24:00'], at(sun, '03:30'))).toBe(
      false,
    )
  })

  it('property: reads whatever the config accepts; of a week each window covers as much as it says', () => {
    const day = fc.constantFrom('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')
    const time = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((n) => String(n).padStart(2, '0')).join(':'))
    const pattern = (maintenance.of as ScalarField<string>).pattern
    fc.assert(
      fc.property(day, time, fc.oneof(time, fc.constant('24:00')), (one, from, to) => {
        const window = `${one} ${from}-${to}`
        expect(window).toMatch(pattern ?? /never/)
        let covered = 0
        for (let weekday = 0; weekday < 7; weekday++)
          for (let minutes = 0; minutes < 1440; minutes++)
            if (insideWindow([window], { weekday, minutes })) covered++
        const [begin, end] = [at(0, from).minutes, at(0, to).minutes]
        expect(covered).toBe(begin < end ? end - begin : end - begin + 1440)
      }),
      { numRuns: 20 },
    )
  })

  it('the local clock', () => {
    expect(localClock(new Date(2026, 0, 31, 3, 5, 59).getTime())).toEqual({ weekday: 6, minutes: 185 })
    expect(localClock(new Date(2026, 1, 1, 0, 0, 0).getTime())).toEqual({ weekday: 0, minutes: 0 })
  })
})
