import type { PositionedFile } from '../host/host.ts'
import {
  type Ceiling,
  type LeakVerdict,
  type LeakVerdictKind,
  ofEarlierLives,
  type SeriesPoint,
} from '../leak/series.ts'
import { judgeLeak } from '../leak/verdict.ts'
import { seriesOf } from './history-series.ts'

const dayMs = 86_400_000
const wideDays = 14

/**
 * The leak verdict of what was recorded: of the last day by the minute, where leaks that are fast are seen within
 * minutes, and of two weeks by the half hour, where slow ones and daily patterns are.
 */
export const verdictOf = (file: PositionedFile, nowMs: number, ceiling: Ceiling | null): LeakVerdict => {
  const newest = seriesOf(file, nowMs - dayMs, nowMs, nowMs)
  const day = judgeLeak(newest, ceiling)
  const points = seriesOf(file, nowMs - wideDays * dayMs, nowMs, nowMs)
  const before = points.filter(({ atMs }) => atMs < nowMs - dayMs)
  if (nowMs - (points[0]?.atMs ?? nowMs) < 2 * dayMs) return day
  const weeks = judgeLeak(points, ceiling)
  // What the present life shows itself is more than what the lives before it let expect.
  if (isInherited(day) && weeks.verdict === 'leak') return weeks
  if (day.verdict === 'leak') return isKnown(weeks) && !isNewHigh(newest, before) ? weeks : day
  return rank[weeks.verdict] > rank[day.verdict] ? weeks : day
}

/** It rises like this every day, or did in an earlier life: the minutes of one day cannot know. */
const isKnown = ({ verdict, reason }: LeakVerdict): boolean =>
  verdict === 'stable' && (reason.code === 'daily' || reason.code === 'as-before')

const isInherited = ({ reason }: LeakVerdict): boolean => reason.code === ofEarlierLives

/** Higher than on any day before: then it is not what recurs, whatever half hours can see of it yet. */
const isNewHigh = (newest: readonly SeriesPoint[], before: readonly SeriesPoint[]): boolean =>
  (newest.at(-1)?.bytes ?? 0) > before.reduce((highest, { bytes }) => Math.max(highest, bytes), 0)

const rank: Record<LeakVerdictKind, number> = { insufficient: 0, stable: 1, growing: 2, leak: 3 }
