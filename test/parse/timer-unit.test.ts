import { describe, expect, it } from 'vitest'
import { parseTimerUnit } from '../../src/parse/timer-unit.ts'
import { plannedJobs } from '../../src/plan/schedule.ts'
import { unitFiles } from '../../src/plan/timer-units.ts'

const periodOf = (line: string): number | null => parseTimerUnit(`[Timer]\n${line}\n`).everySeconds

describe('the period of a timer', () => {
  it.each([
    ['OnCalendar=*-*-* *:*:00/30', 30],
    ['OnCalendar=*:*:0', 60],
    ['OnCalendar=*-*-* *:03/10:00', 600],
    ['OnCalendar=*:0/15', 900],
    ['OnCalendar=*-*-* *:17:00', 3600],
    ['OnCalendar=*-*-* 01/2:17:00', 7200],
    ['OnCalendar=*-*-* 04:17:00', 86_400],
    ['OnCalendar=Mon *-*-* 04:17:00', 604_800],
    ['OnCalendar=hourly', 3600],
    ['OnCalendar=Weekly', 604_800],
    ['OnBootSec=1min\nOnUnitActiveSec=30s', 30],
    ['OnUnitInactiveSec=1h 30min', 5400],
    ['OnCalendar=*:0/15\nOnCalendar=hourly', 900],
  ])('%s', (line, seconds) => {
    expect(periodOf(line)).toBe(seconds)
  })

  it.each([
    '',
    'OnBootSec=5min',
    'OnCalendar=',
    'OnCalendar=Mon..Fri 10:00',
    'OnCalendar=2026-01-01 00:00',
    'OnCalendar=*:0/0',
    'OnCalendar=*:0,30',
    'OnUnitActiveSec=soon',
    // Two, of which one is not plain.
    'OnCalendar=hourly\nOnCalendar=Sat 3:00..5',
    `OnCalendar=${'*'.repeat(100_000)}`,
    '#OnCalendar=hourly',
  ])('not told: %.40s', (line) => {
    expect(periodOf(line)).toBeNull()
  })

  it('names the unit', () => {
    expect(parseTimerUnit('Unit=a.service\nUnit=b.service\n').unit).toBe('b.service')
    expect(parseTimerUnit('').unit).toBeNull()
  })

  it('is that of the job, of all timers that install writes', () => {
    for (const checkSeconds of [10, 30, 60, 300, 3600, 21_600, 86_400]) {
      const jobs = plannedJobs({
        periods: {
          check: checkSeconds,
          'cleanup-tmp': checkSeconds,
          limits: checkSeconds,
          'crash-report': 604_800,
        },
        seed: 'x',
        logDir: '/l',
      })
      const units = unitFiles(
        jobs,
        { program: ['/x'], options: [] },
        {
          scope: 'system',
          stateDir: '/s',
          logDir: '/l',
          runsPrograms: false,
          startsServices: false,
          cleanupPaths: [],
          mountPoints: [],
        },
      )
      for (const { command, everySeconds } of jobs) {
        const timer = units.find(({ name }) => name === `oratio-health-${command}.timer`)
        expect(parseTimerUnit(timer?.content ?? '').everySeconds).toBe(everySeconds)
      }
    }
  })
})
