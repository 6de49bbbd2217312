import type { Pressure, PressureLine } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'

/**
 * A PSI file, of the host (/proc/pressure/memory) or of a cgroup (memory.pressure), as the kernel's
 * Documentation/accounting/psi.rst has it: `some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459`, then `full …`.
 * `full` is missing in the cpu file before Linux 5.13. Percentages of time, and microseconds.
 */
export const parsePressure = (text: string): Reading<Pressure> => {
  const some = lineOf(text, 'some')
  return some === null
    ? failed('malformed', 'pressure file', 'no "some" line')
    : value({ some, full: lineOf(text, 'full') })
}

const lineOf = (text: string, kind: 'some' | 'full'): PressureLine | null => {
  const number = '(\\d{1,3}\\.\\d\\d)'
  const pattern = new RegExp(`^${kind} avg10=${number} avg60=${number} avg300=${number} total=(\\d+)$`, 'm')
  const match = pattern.exec(text)
  return match === null
    ? null
    : {
        avg10: Number(match[1]),
        avg60: Number(match[2]),
        avg300: Number(match[3]),
        totalMicroseconds: Number(match[4]),
      }
}
