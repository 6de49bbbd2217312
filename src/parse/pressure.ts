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

const keys = ['avg10', 'avg60', 'avg300', 'total'] as const

/** Cut up, not matched as a whole: the first use of a long pattern costs more than the whole file (1 ms). */
const lineOf = (text: string, kind: 'some' | 'full'): PressureLine | null => {
  const line = text.split('\n').find((one) => one.startsWith(`${kind} `))
  const fields = line?.split(' ').slice(1) ?? []
  if (fields.length !== keys.length) return null
  const figures = keys.map((key, i) => figureOf(fields[i] ?? '', key))
  const [avg10, avg60, avg300, totalMicroseconds] = figures
  return avg10 == null || avg60 == null || avg300 == null || totalMicroseconds == null
    ? null
    : { avg10, avg60, avg300, totalMicroseconds }
}

const figureOf = (field: string, key: (typeof keys)[number]): number | null => {
  if (!field.startsWith(`${key}=`)) return null
  const digits = field.slice(key.length + 1)
  const isWritten = key === 'total' ? /^\d+$/.test(digits) : /^\d{1,3}\.\d\d$/.test(digits)
  return isWritten ? Number(digits) : null
}
