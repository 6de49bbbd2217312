import type { JobState } from '../core/job.ts'
import { isoStamp } from '../core/stamp.ts'
import type { LeakVerdict } from '../leak/series.ts'
import { findingDocument, serviceDocument } from './check-document.ts'
import type { ServiceStatus, StatusPoint, StatusReport } from './status-report.ts'

/** The body of `status@1` (see schema/status-1.json). What was not recorded is null, never 0. */
export const statusDocument = (
  report: StatusReport,
): { schema: 'status@1'; body: Record<string, unknown> } => {
  const { seen, trouble, services, jobs } = report
  return {
    schema: 'status@1',
    body: {
      seenAt: seen && isoStamp(seen.host.atMs),
      isOld: seen?.isOld ?? null,
      checkEverySeconds: seen?.everyMs == null ? null : Math.round(seen.everyMs / 1000),
      trouble: trouble?.what ?? null,
      hostStatus: seen === null || seen.isOld ? 'unknown' : seen.host.status,
      findings: seen?.host.findings.map((finding) => findingDocument(finding, 'host')) ?? [],
      services: services.map(serviceOf),
      jobs: jobs.map(jobOf),
    },
  }
}

/** The service of the last `check@1`, and what its history says. */
const serviceOf = (service: ServiceStatus): Record<string, unknown> => {
  const { seen, status, isOld, points, verdict, restartsToday, lastAction, culprit } = service
  return {
    ...serviceDocument(seen, null),
    status,
    seenStatus: seen.status,
    seenAt: isoStamp(seen.atMs),
    isOld,
    trend: verdict && trendOf(verdict),
    culprit,
    restartsToday,
    lastAction: lastAction && { at: isoStamp(lastAction.atMs), kind: lastAction.kind },
    history: { points: points.map(pointOf) },
  }
}

const trendOf = ({ verdict, slopeBytesPerMinute, secondsToLimit, confidence, reason }: LeakVerdict) => ({
  verdict,
  growthBytesPerMinute: whole(slopeBytesPerMinute),
  secondsToLimit: whole(secondsToLimit?.best),
  secondsToLimitLow: whole(secondsToLimit?.low),
  secondsToLimitHigh: whole(secondsToLimit?.high),
  confidence,
  reasonCode: reason.code,
})

const pointOf = ({ atMs, floorBytes, meanBytes, peakBytes, usedBytes, limitBytes }: StatusPoint) => ({
  at: isoStamp(atMs),
  floorBytes: whole(floorBytes),
  meanBytes: whole(meanBytes),
  peakBytes: whole(peakBytes),
  usedBytes: whole(usedBytes),
  limitBytes: whole(limitBytes),
})

const jobOf = ({ command, lastRunAtMs, endedAtMs, exitCode, isRunning, dueAtMs, isOverdue }: JobState) => ({
  command,
  lastRunAt: lastRunAtMs === null ? null : isoStamp(lastRunAtMs),
  endedAt: endedAtMs === null ? null : isoStamp(endedAtMs),
  exitCode,
  isRunning,
  dueAt: dueAtMs === null ? null : isoStamp(dueAtMs),
  isOverdue,
})

const whole = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null
