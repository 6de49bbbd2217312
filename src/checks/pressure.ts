import type { Pressure } from '../core/facts.ts'
import { numeric, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import type { Reading } from '../core/reading.ts'
import { parsePressure } from '../parse/pressure.ts'
import type { HostCheck } from './check.ts'

const limits = record(
  'Memory pressure: share of the last minute in which every task waited for memory (PSI full)',
  {
    warn: threshold(numeric('Percent of the time', 10, { min: 0, max: 100 })),
    crit: threshold(numeric('Percent of the time', 40, { min: 0, max: 100 })),
  },
)

export const pressure: HostCheck<typeof limits.default, Pressure> = {
  scope: 'host',
  name: 'pressure',
  limits,

  read(host): Reading<Pressure> {
    const text = host.files.readText('/proc/pressure/memory')
    return text.kind === 'value' ? parsePressure(text.value) : text
  },

  judge(facts, { warn, crit }): Finding[] {
    if (facts.full === null) return []
    const { avg10, avg60, avg300 } = facts.full
    return [
      {
        check: 'pressure',
        code: 'level',
        status: judgeLevel(avg60, warn, crit),
        value: avg60,
        unit: 'percent',
        warn,
        crit,
        args: { avg10, avg300, someAvg60: facts.some.avg60 },
      },
    ]
  },
}
