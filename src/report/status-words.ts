import { type JobState, wasInterrupted } from '../core/job.ts'
import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import { formatValue } from './figure.ts'
import type { ActionKind, ServiceStatus } from './status-report.ts'

export const ago = (atMs: number, nowMs: number): string =>
  `${formatDuration(Math.max(0, nowMs - atMs) / 1000)} ago`

/** `–`: there is none; `?`: could not be measured. */
export const usedText = ({ seen: { facts } }: ServiceStatus): string =>
  facts.memory.kind === 'value'
    ? formatBytes(facts.memory.value.usedBytes)
    : facts.memory.kind === 'absent'
      ? '–'
      : '?'

/** Of its limit; null: it has none, or it was not measured. */
export const usedPercent = ({ seen: { facts } }: ServiceStatus): number | null => {
  if (facts.memory.kind !== 'value') return null
  const { usedBytes, limitBytes } = facts.memory.value
  return limitBytes === null || limitBytes <= 0 ? null : (usedBytes / limitBytes) * 100
}

export const percentText = (percent: number | null): string =>
  percent === null ? '' : formatValue(percent, 'percent')

export const limitText = ({ seen: { facts } }: ServiceStatus): string => {
  if (facts.memory.kind !== 'value') return facts.memory.kind === 'absent' ? '–' : '?'
  const { limitBytes } = facts.memory.value
  return limitBytes === null ? 'none' : formatBytes(limitBytes)
}

/** Of one that does not run nothing grows. */
export const isGrowing = ({ verdict, seen }: ServiceStatus): boolean =>
  seen.facts.memory.kind === 'value' && (verdict?.verdict === 'leak' || verdict?.verdict === 'growing')

export const growthText = (service: ServiceStatus): string => {
  const { verdict, seen } = service
  if (verdict === null || seen.facts.memory.kind !== 'value') return '–'
  if (isGrowing(service)) return formatRate(verdict.slopeBytesPerMinute ?? 0)
  return verdict.verdict === 'stable' ? 'stable' : 'too short'
}

export const leftText = (service: ServiceStatus): string => {
  const left = isGrowing(service) ? service.verdict?.secondsToLimit : null
  return left ? formatDuration(left.best) : '–'
}

const actionWords: Record<ActionKind, string> = {
  restarted: 'restarted',
  'scheduled-restart': 'restarted by schedule',
  'by-engine': 'restarted by engine',
  'by-systemd': 'restarted by systemd',
  'gave-up': 'given up',
}

export const actionText = ({ lastAction }: ServiceStatus, nowMs: number): string =>
  lastAction === null ? '–' : `${actionWords[lastAction.kind]} ${ago(lastAction.atMs, nowMs)}`

const codeWords: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'warning',
  2: 'critical',
  3: 'unknown',
  77: 'no permission',
  78: 'config invalid',
}

/** How its last run ended. */
export const endText = ({ lastRunAtMs, isRunning, exitCode }: JobState): string => {
  if (lastRunAtMs === null) return '–'
  if (isRunning) return 'runs now'
  if (exitCode === null) return 'was killed'
  return wasInterrupted(exitCode) ? 'was interrupted' : (codeWords[exitCode] ?? `status ${exitCode}`)
}

export const dueText = ({ dueAtMs, isOverdue, lastRunAtMs }: JobState, nowMs: number): string => {
  if (dueAtMs === null) return 'not scheduled'
  if (isOverdue)
    return lastRunAtMs === null ? 'never ran' : `overdue by ${formatDuration((nowMs - dueAtMs) / 1000)}`
  return dueAtMs <= nowMs ? 'now' : `in ${formatDuration((dueAtMs - nowMs) / 1000)}`
}
