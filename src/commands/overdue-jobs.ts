import type { Finding } from '../core/finding.ts'
import type { State } from '../store/state.ts'
import type { RunContext } from './command.ts'

/** What `check` remembers of its looks at the jobs. */
interface Remembered {
  /** Since when runs are recorded. */
  sinceMs: number
  lookedAtMs: number
  /** Some were overdue: then the next run looks again. */
  isOverdue: boolean
  /** The commands that a schedule started then. */
  scheduled: string[]
}

const lookEveryMs = 15 * 60_000

/** Since when jobs are recorded; null: no check has run yet that does. */
export const jobsRecordedSince = ({ remembered }: State): number | null =>
  rememberedOf(remembered.jobs)?.sinceMs ?? null

/** Empty: none, or not looked yet. */
export const jobsScheduled = (remembered: unknown): readonly string[] =>
  rememberedOf(remembered)?.scheduled ?? []

/**
 * Jobs that their schedule starts and that do not run. Reading crontabs costs some milliseconds, so it is looked every
 * quarter of an hour only, and at each run while one is overdue.
 */
export const overdueJobs = async (
  context: RunContext,
  state: State,
): Promise<{ findings: Finding[]; remember: Remembered | undefined }> => {
  const { host, args } = context
  const nowMs = host.now()
  const before = rememberedOf(state.remembered.jobs)
  const isDue = before === null || before.isOverdue || Math.abs(nowMs - before.lookedAtMs) >= lookEveryMs
  if (args.length > 0 || !isDue) return { findings: [], remember: before ?? undefined }
  const sinceMs = Math.min(before?.sinceMs ?? nowMs, nowMs)
  const { overdueFindings } = await import('./status/overdue-findings.ts')
  const { findings, scheduled } =
    before === null ? { findings: [], scheduled: [] } : await overdueFindings(context, sinceMs)
  return { findings, remember: { sinceMs, lookedAtMs: nowMs, isOverdue: findings.length > 0, scheduled } }
}

const rememberedOf = (raw: unknown): Remembered | null => {
  const { sinceMs, lookedAtMs, isOverdue, scheduled } = (raw ?? {}) as Record<string, unknown>
  return typeof sinceMs === 'number' && typeof lookedAtMs === 'number'
    ? {
        ...{ sinceMs, lookedAtMs, isOverdue: isOverdue === true },
        scheduled: Array.isArray(scheduled) ? scheduled.filter((one) => typeof one === 'string') : [],
      }
    : null
}
