import type { Attribution } from '../core/composition.ts'
import type { Finding } from '../core/finding.ts'
import { type Reading, valueOrNull } from '../core/reading.ts'
import type { CheckResult, Consumer, ServiceFacts, ServiceResult } from '../core/service.ts'
import { isoStamp } from '../core/stamp.ts'
import { culpritWords } from './attribution-text.ts'
import { messageOf } from './sentence.ts'
import { totalMemoryBytes } from './summary.ts'

/**
 * The body of `check@1` (see schema/check-1.json); the common head comes from document-head.ts. What was not measured
 * is null and named in `unmeasured`, never 0. Names are as they were found, messages are safe to show. `wouldDo` is what a
 * dry run has left undone beside restarts; null: it was none.
 */
export const checkDocument = (
  result: CheckResult,
  wouldDo: readonly string[] | null = null,
): { schema: 'check@1'; body: Record<string, unknown> } => {
  const ram = totalMemoryBytes(result.findings)
  return {
    schema: 'check@1',
    body: {
      findings: result.findings.map((finding) => findingDocument(finding, 'host')),
      services: result.services.map((service) => serviceDocument(service, ram)),
      biggest: {
        processes: result.biggestProcesses.map((one) => ({ pid: one.pid, ...consumerDocument(one) })),
        names: result.biggestNames.map((one) => ({ processes: one.processes, ...consumerDocument(one) })),
      },
      ownFindings: result.ownFindings.map((finding) => findingDocument(finding, 'host')),
      ...(wouldDo === null ? {} : { wouldDo }),
    },
  }
}

/** A finding as it stands in every document. */
export const findingDocument = (finding: Finding, of: 'host' | 'service'): Record<string, unknown> => ({
  check: finding.check,
  code: finding.code,
  item: finding.item ?? null,
  status: finding.status,
  message: messageOf(finding, of),
  value: inUnit(finding.value, finding),
  unit: finding.unit,
  warn: inUnit(finding.warn, finding),
  crit: inUnit(finding.crit, finding),
})

/** Bytes and counts are whole; other figures keep four decimals, more would be noise. */
const inUnit = (value: number | null, { unit }: Finding): number | null => {
  if (value === null || !Number.isFinite(value)) return null
  return unit === 'bytes' ? Math.round(value) : Math.round(value * 10_000) / 10_000
}

/** A service as it stands in every document. */
export const serviceDocument = (service: ServiceResult, ram: number | null): Record<string, unknown> => {
  const { facts, status, findings, failedChecks, action } = service
  return {
    name: facts.name,
    kind: facts.kind,
    target: facts.target,
    configured: facts.configured,
    status,
    state: facts.state,
    stateDetail: facts.stateDetail,
    health: facts.health,
    mainPid: facts.mainPid,
    identity: facts.identity,
    metrics: metricsDocument(facts, ram),
    unmeasured: unmeasuredDocument(facts),
    attribution: facts.attribution === undefined ? null : attributionDocument(facts.attribution),
    findings: findings.map((finding) => findingDocument(finding, 'service')),
    failedChecks,
    action,
  }
}

/** What grew, in bytes and counts then and now; the culprit in words too. */
const attributionDocument = (attribution: Attribution): Record<string, unknown> => ({
  since: isoStamp(attribution.sinceMs),
  gainBytes: Math.round(attribution.gainBytes),
  kinds: attribution.kinds,
  processes: attribution.processes.map(({ name, pid, thenBytes, nowBytes }) => ({
    name,
    pid,
    thenBytes,
    nowBytes,
  })),
  names: attribution.names.map(({ pid: _, ...rest }) => rest),
  openFiles: attribution.openFiles,
  threads: attribution.threads,
  unreadProcesses: attribution.unread,
  culprit: attribution.culprit === null ? null : { ...attribution.culprit, text: culpritWords(attribution) },
})

/** `memoryPercent` is the share of the limit, without a limit that of RAM; `memoryPercentOf` says which. */
const metricsDocument = (facts: ServiceFacts, ram: number | null): Record<string, unknown> => {
  const memory = valueOrNull(facts.memory)
  const limit = memory?.limitBytes ?? null
  const percentOf = memory === null ? null : limit !== null ? 'limit' : ram === null ? null : 'ram'
  const total = percentOf === 'limit' ? limit : percentOf === 'ram' ? ram : null
  return {
    memoryBytes: whole(memory?.usedBytes),
    memoryLimitBytes: whole(limit),
    memoryLimitAt: memory?.limitAt ?? null,
    memoryPercent: memory && total ? Math.round((memory.usedBytes / total) * 1e6) / 1e4 : null,
    memoryPercentOf: total ? percentOf : null,
    leakBytes: whole(memory?.leakBytes),
    swapBytes: whole(memory?.swapBytes),
    processes: whole(valueOrNull(facts.processes)),
    matchedProcesses: whole(facts.matchedProcesses && valueOrNull(facts.matchedProcesses)),
    openFiles: whole(valueOrNull(facts.openFiles)),
    threads: whole(valueOrNull(facts.threads)),
    oomKills: whole(valueOrNull(facts.oomKills)),
    growthBytesPerMinute: whole(facts.growth?.bytesPerMinute),
    secondsToLimit: whole(facts.growth?.secondsToLimit),
    restarts: whole(valueOrNull(facts.restarts)),
    uptimeSeconds: whole(valueOrNull(facts.uptimeSeconds)),
  }
}

const whole = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null

/** Why a metric is null although the service has it; one that is null and not in here does not exist. */
const unmeasuredDocument = (facts: ServiceFacts): Record<string, unknown>[] => {
  const readings: [metric: string, reading: Reading<unknown> | undefined][] = [
    ['memoryBytes', facts.memory],
    ['processes', facts.processes],
    ['matchedProcesses', facts.matchedProcesses],
    ['openFiles', facts.openFiles],
    ['threads', facts.threads],
    ['oomKills', facts.oomKills],
    ['restarts', facts.restarts],
    ['uptimeSeconds', facts.uptimeSeconds],
  ]
  return readings.flatMap(([metric, reading]) =>
    reading?.kind === 'failed'
      ? [{ metric, cause: reading.cause, what: reading.what, detail: reading.detail }]
      : [],
  )
}

const consumerDocument = ({ name, rssBytes, swapBytes }: Consumer): Record<string, unknown> => ({
  name,
  rssBytes: whole(rssBytes),
  swapBytes: whole(swapBytes),
})
