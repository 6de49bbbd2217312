import { clip } from '../core/escape.ts'
import type { Finding, Unit } from '../core/finding.ts'
import { formatBytes, formatDuration, formatPercent, formatRate } from '../core/units.ts'

/** A number in its unit as people read it: `1.2 GiB`, `96%`, `2h 10m`, `20.0 MiB/min`, `12`. */
export const formatValue = (value: number, unit: Unit | null): string => {
  switch (unit) {
    case 'bytes':
      return formatBytes(value)
    case 'percent':
      // `0.0%` would look as if it meant more than `0%`.
      return formatPercent(value < 0.05 && value > 0 ? 0 : value)
    case 'seconds':
      return formatDuration(value)
    case 'bytes-per-minute':
      return formatRate(value)
    case 'count':
    case null:
      return Number.isInteger(value) ? String(value) : value.toFixed(1)
  }
}

/** An argument that should be a number, or null. */
export const numberArg = (finding: Finding, name: string): number | null => {
  const arg = finding.args?.[name]
  return typeof arg === 'number' && Number.isFinite(arg) ? arg : null
}

/** An argument as text that is safe to show; empty when it is not there. */
export const textArg = (finding: Finding, name: string, width = 120): string => {
  const arg = finding.args?.[name]
  return arg === undefined || arg === null ? '' : clip(String(arg), width)
}

/** The value and what it is a share of: `96% of 8.0 GiB`; empty without a value. */
export const figureOf = (finding: Finding): string => {
  if (finding.value === null) return ''
  const figure = formatValue(finding.value, finding.unit)
  const whole = numberArg(finding, 'totalBytes') ?? numberArg(finding, 'limitBytes')
  return whole === null || finding.unit === 'bytes-per-minute' || finding.unit === 'seconds'
    ? figure
    : `${figure} of ${formatBytes(whole)}`
}

/** The threshold that was reached: `critical from 95%`, where low is bad `critical below 2h`; empty if none was. */
export const boundOf = ({ status, value, warn, crit, unit }: Finding): string => {
  const bound = status === 'critical' ? crit : status === 'warning' ? warn : null
  if (bound === null || value === null) return ''
  return `${status} ${value < bound ? 'below' : 'from'} ${formatValue(bound, unit)}`
}

/** Parts of a sentence, empty ones left out. */
export const listed = (...parts: string[]): string => parts.filter((part) => part !== '').join(', ')
