import { type Finding, judgeLevel, type Status } from '../core/finding.ts'
import type { Reading } from '../core/reading.ts'
import type { ServiceMemory } from '../core/service.ts'
import type { Ceiling, LeakVerdict } from '../leak/series.ts'
import { unreadable } from './check.ts'
import { usualGrowth } from './usual-growth.ts'

interface Thresholds {
  warn: number | null
  crit: number | null
}

/**
 * Of `services.NAME.memory` in the config: bytes a minute, and seconds left. A `forecast` of null is not asked for;
 * `growth` has thresholds of its own then.
 */
export interface GrowthLimits {
  growth: Thresholds | null
  forecast: Thresholds | null
}

const isGiven = (given: Thresholds | null | undefined): given is Thresholds =>
  given !== null && given !== undefined && (given.warn !== null || given.crit !== null)

/** The nearest end of the memory a service may have. */
export interface ServiceCeiling extends Ceiling {
  of: 'limit' | 'host'
  limitAt: string | null
}

/**
 * Its own limit, or what is left on the host, whichever is hit first; null when neither is known.
 *
 * @param availableBytes MemAvailable of the host
 */
export const ceilingOf = (memory: ServiceMemory, availableBytes: number | null): ServiceCeiling | null => {
  const { usedBytes, limitBytes, limitAt } = memory
  if (limitBytes !== null && (availableBytes === null || limitBytes - usedBytes <= availableBytes))
    return { limitBytes, usedBytes, of: 'limit', limitAt }
  return availableBytes === null
    ? null
    : { limitBytes: usedBytes + availableBytes, usedBytes, of: 'host', limitAt: null }
}

/** What the config asks of growth; too little data is unknown, never ok, where it asks. */
export const judgeGrowth = (
  { growth, forecast }: GrowthLimits,
  verdict: Reading<LeakVerdict>,
  ceiling: ServiceCeiling | null,
): Finding[] => {
  const asked = [...(isGiven(growth) ? ['growth'] : []), ...(isGiven(forecast) ? ['forecast'] : [])]
  if (verdict.kind === 'failed')
    return [...(growth === null ? ['growth'] : []), ...asked].map((check) => unreadable(check, verdict))
  if (verdict.kind === 'absent') return asked.map((check) => noHistory(check))
  return [
    ...(growth === null ? unasked(verdict.value) : []),
    ...(isGiven(growth) ? [rateFinding(growth, verdict.value)] : []),
    ...(isGiven(forecast) ? [timeFinding(forecast, verdict.value, ceiling)] : []),
  ]
}

/** Told when it is a leak, and only then: nobody asked, so a warm-up and too little data are no news. */
const unasked = (verdict: LeakVerdict): Finding[] =>
  verdict.verdict === 'leak'
    ? [rateFinding(usualGrowth, verdict)].filter(({ status }) => status !== 'ok')
    : []

const rateFinding = ({ warn, crit }: Thresholds, verdict: LeakVerdict): Finding => ({
  check: 'growth',
  code: verdict.verdict,
  status: bounded(verdict, judgeLevel(verdict.slopeBytesPerMinute ?? 0, warn, crit)),
  value: verdict.slopeBytesPerMinute,
  unit: 'bytes-per-minute',
  warn,
  crit,
  args: {
    ...verdict.reason.args,
    reason: verdict.reason.code,
    slopeLow: verdict.slopeLow,
    slopeHigh: verdict.slopeHigh,
    onsetAtMs: verdict.onsetAtMs,
    confidence: verdict.confidence,
  },
})

const timeFinding = (
  { warn, crit }: Thresholds,
  verdict: LeakVerdict,
  ceiling: ServiceCeiling | null,
): Finding => {
  const left = verdict.secondsToLimit
  const reached = (at: number | null): boolean => left !== null && at !== null && left.best <= at
  const status = reached(crit) ? 'critical' : reached(warn) ? 'warning' : 'ok'
  const grows = verdict.verdict === 'leak' || verdict.verdict === 'growing'
  const isUnlimited = ceiling === null && grows
  return {
    check: 'forecast',
    code: isUnlimited ? 'no-ceiling' : left === null ? verdict.verdict : 'time-left',
    status: grows && left === null ? 'unknown' : bounded(verdict, status),
    value: left?.best ?? null,
    unit: 'seconds',
    warn,
    crit,
    args: {
      ...verdict.reason.args,
      reason: verdict.reason.code,
      slope: verdict.slopeBytesPerMinute,
      lowSeconds: left?.low ?? null,
      highSeconds: left?.high ?? null,
      limitBytes: ceiling?.limitBytes ?? null,
      ceilingOf: ceiling?.of ?? null,
      limitAt: ceiling?.limitAt ?? null,
    },
  }
}

/** Growth that may still level off warns and no more: a warm-up is nothing to restart a service for. */
const bounded = ({ verdict }: LeakVerdict, status: Status): Status => {
  if (verdict === 'insufficient') return 'unknown'
  if (verdict === 'stable') return 'ok'
  return verdict === 'growing' && status === 'critical' ? 'warning' : status
}

const noHistory = (check: string): Finding => ({
  check,
  code: 'no-history',
  status: 'unknown',
  value: null,
  unit: null,
  warn: null,
  crit: null,
})
