import type { Budget, Level } from '../core/field.ts'

/**
 * Parsed values written back as the config has them: exact, short, and read again as the same value. (The formatters
 * of core/units.ts round, as a table wants it.)
 */

const sizeSteps: readonly (readonly [string, number])[] = [
  ['P', 1024 ** 5],
  ['T', 1024 ** 4],
  ['G', 1024 ** 3],
  ['M', 1024 ** 2],
  ['K', 1024],
]

const timeSteps: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]

/** `512M`; bytes that are no multiple of 1024 as `1000B`. */
export const writeSize = (bytes: number): string => {
  const step = sizeSteps.find(([, unit]) => bytes >= unit && bytes % unit === 0)
  return step ? `${bytes / step[1]}${step[0]}` : `${bytes}B`
}

/** `1h 30m`; below a second in `ms`. */
export const writeDuration = (seconds: number): string => {
  let rest = Math.floor(seconds)
  const parts: string[] = []
  for (const [name, unit] of timeSteps) {
    if (rest < unit) continue
    parts.push(`${Math.floor(rest / unit)}${name}`)
    rest %= unit
  }
  const ms = Math.round((seconds - Math.floor(seconds)) * 1000)
  if (ms > 0) parts.push(`${ms}ms`)
  return parts.length === 0 ? '0s' : parts.join(' ')
}

/** In the first of min, h, day, week that makes whole bytes: 50M/h is 873813.33… bytes a minute. */
export const writeRate = (bytesPerMinute: number): string => {
  for (const [name, minutes] of [
    ['min', 1],
    ['h', 60],
    ['day', 1440],
    ['week', 10_080],
  ] as const) {
    const bytes = bytesPerMinute * minutes
    const whole = Math.round(bytes)
    if (Math.abs(bytes - whole) <= whole * 1e-12) return `${writeSize(whole)}/${name}`
  }
  return `${writeSize(Math.round(bytesPerMinute))}/min`
}

export const writePercent = (percent: number): string => `${percent}%`

export const writeLevel = (level: Level): string =>
  'bytes' in level ? writeSize(level.bytes) : writePercent(level.percent)

export const writeBudget = (budget: Budget): string =>
  `${budget.count} per ${writeDuration(budget.perSeconds)}`
