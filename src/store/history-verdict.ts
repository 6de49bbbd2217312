import type { PositionedFile } from '../host/host.ts'
import type { Ceiling, LeakVerdict, LeakVerdictKind } from '../leak/series.ts'
import { judgeLeak } from '../leak/verdict.ts'
import { seriesOf } from './history-series.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const wideDays = 14

/**
 * The leak verdict of what was recorded: of the last day by the minute, where leaks that are fast are seen within
 * minutes, and of two weeks by the half hour, where slow ones and daily patterns are.
 */
export const verdictOf = (file: PositionedFile, nowMs: number, ceiling: Ceiling | null): LeakVerdict => {
  const day = judgeLeak(seriesOf(file, nowMs - dayMs, nowMs, nowMs), ceiling)
  const points = seriesOf(file, nowMs - wideDays * dayMs, nowMs, nowMs)
  const firstMs = points[0]?.atMs ?? nowMs
  return nowMs - firstMs < 2 * dayMs ? day : together(day, judgeLeak(points, ceiling), nowMs)
}

const together = (day: LeakVerdict, weeks: LeakVerdict, nowMs: number): LeakVerdict => {
  if (day.verdict === 'leak') return isKnown(weeks) && isOld(day, nowMs) ? weeks : day
  return rank[weeks.verdict] > rank[day.verdict] ? weeks : day
}

/** It rises like this every day, or did in an earlier life: the minutes of one day cannot know. */
const isKnown = ({ verdict, reason }: LeakVerdict): boolean =>
  verdict === 'stable' && (reason.code === 'daily' || reason.code === 'as-before')

/** Old enough for half hours to show it. */
const isOld = ({ onsetAtMs }: LeakVerdict, nowMs: number): boolean =>
  onsetAtMs !== null && nowMs - onsetAtMs > 3 * hourMs

const rank: Record<LeakVerdictKind, number> = { insufficient: 0, stable: 1, growing: 2, leak: 3 }
