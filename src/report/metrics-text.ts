import type { Finding, Status } from '../core/finding.ts'
import type { JobRun } from '../core/job.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import { counter, type Family, familyLines, gauge, type Labels, type Sample } from './prometheus-text.ts'

/** What the figures are made of. Stamps are epoch milliseconds. */
export interface MetricsFacts {
  version: string
  /** Of the last check; null: there was none. */
  host: { atMs: number; status: Status; findings: readonly Finding[] } | null
  services: readonly MeasuredService[]
  jobs: readonly MeasuredJob[]
  /** Of the restart history, by service. */
  restarts: readonly { service: string; by: 'oratio-health' | 'engine' | 'systemd'; count: number }[]
  actions: readonly { kind: string; outcome: string; count: number }[]
  /** By cleanup-tmp in all its runs; null: it never ran. */
  cleanedBytes: number | null
  stores: readonly { store: string; bytes: number }[]
  /** Of journald, where the config caps it. */
  journal: readonly { storage: string; bytes: number; capBytes: number }[]
}

export interface MeasuredService {
  facts: ServiceFacts
  status: Status
  findings: readonly Finding[]
  failedChecks: number
  hasGivenUp: boolean
}

export interface MeasuredJob {
  command: string
  newest: JobRun
  /** The newest that is over, with 137 where it was killed and a schedule starts it; while check writes this its own run is not. */
  ended: JobRun | null
}

/** The first line, by which a file is known as ours. */
export const metricsHead = '# Figures of oratio-health, written anew by each check. Do not edit.'

/** The last line, by which a copy is known as whole; a comment to who reads the format. */
export const metricsEnd = '# EOF'

const statusNumber: Record<Status, number> = { ok: 0, warning: 1, critical: 2, unknown: 3 }
const statusHelp = '0 ok, 1 warning, 2 critical, 3 unknown'

/**
 * The figures in Prometheus' text format. What was not measured has no line, never a 0.
 */
export const metricsText = (facts: MetricsFacts): string =>
  [
    metricsHead,
    ...[
      ...runFamilies(facts),
      ...serviceFamilies(facts),
      ...findingFamily(facts),
      ...ownFamilies(facts),
    ].flatMap(familyLines),
    metricsEnd,
    '',
  ].join('\n')

const runFamilies = ({ version, host, jobs }: MetricsFacts): Family[] => {
  const check = jobs.find(({ command }) => command === 'check')?.ended ?? null
  const duration =
    check === null || check.endedAtMs === null ? null : (check.endedAtMs - check.begunAtMs) / 1000
  return [
    gauge('build_info', 'The version that wrote this', [{ labels: { version }, value: 1 }]),
    gauge('last_run_timestamp_seconds', 'When the last check looked', [
      { labels: {}, value: host === null ? null : host.atMs / 1000 },
    ]),
    gauge('run_duration_seconds', 'How long the last check that ended took', [
      { labels: {}, value: duration },
    ]),
    gauge('host_status', `Of the host itself: ${statusHelp}`, [
      { labels: {}, value: host === null ? null : statusNumber[host.status] },
    ]),
    gauge(
      'job_exit_status',
      'Exit status of the last run of a command that has ended',
      jobs.map(({ command, ended }) => ({ labels: { job_name: command }, value: ended?.exitCode ?? null })),
    ),
    gauge(
      'job_last_run_timestamp_seconds',
      'When the last run of a command began',
      jobs.map(({ command, newest }) => ({ labels: { job_name: command }, value: newest.begunAtMs / 1000 })),
    ),
  ]
}

const serviceFamilies = ({ services }: MetricsFacts): Family[] => {
  const of = (read: (service: MeasuredService) => number | null, more: Labels = {}): Sample[] =>
    services.map((service) => ({ labels: { service: service.facts.name, ...more }, value: read(service) }))
  const memory = ({ facts }: MeasuredService) => valueOrNull(facts.memory)
  const growth = ({ facts }: MeasuredService) => facts.growth
  return [
    gauge(
      'service_status',
      statusHelp,
      of(({ status }) => statusNumber[status]),
    ),
    gauge(
      'service_up',
      '1 while it runs; missing where it could not be asked',
      of(({ facts }) => (facts.state === 'unknown' ? null : facts.state === 'running' ? 1 : 0)),
    ),
    gauge('service_memory_bytes', 'leak: anonymous, shared and swapped; used: counts against its limit', [
      ...of((one) => memory(one)?.leakBytes ?? null, { kind: 'leak' }),
      ...of((one) => memory(one)?.usedBytes ?? null, { kind: 'used' }),
      ...of((one) => memory(one)?.swapBytes ?? null, { kind: 'swap' }),
    ]),
    gauge(
      'service_limit_bytes',
      'The tightest limit of its memory',
      of((one) => memory(one)?.limitBytes ?? null),
    ),
    gauge(
      'service_leak',
      '1: its memory leaks, 0: it does not; missing while too little is known',
      of(leakOf),
    ),
    gauge(
      'service_growth_bytes_per_second',
      'How fast its memory grows',
      of((one) => {
        const rate = growth(one)?.bytesPerMinute ?? null
        return rate === null ? null : rate / 60
      }),
    ),
    gauge('service_seconds_to_limit', 'Until its memory is at its limit, and the range of it', [
      ...of((one) => growth(one)?.secondsToLimit ?? null, { estimate: 'best' }),
      ...of((one) => growth(one)?.secondsToLimitLow ?? null, { estimate: 'low' }),
      ...of((one) => growth(one)?.secondsToLimitHigh ?? null, { estimate: 'high' }),
    ]),
    gauge(
      'service_processes',
      'Its processes',
      of(({ facts }) => valueOrNull(facts.processes)),
    ),
    gauge(
      'service_open_files',
      'Files it has open',
      of(({ facts }) => valueOrNull(facts.openFiles)),
    ),
    gauge(
      'service_threads',
      'Its threads',
      of(({ facts }) => valueOrNull(facts.threads)),
    ),
    gauge(
      'service_uptime_seconds',
      'How long it runs',
      of(({ facts }) => valueOrNull(facts.uptimeSeconds)),
    ),
    gauge(
      'service_failed_checks',
      'Failed checks in a row',
      of(({ failedChecks }) => failedChecks),
    ),
    gauge(
      'service_gave_up',
      '1: its budget of restarts is used up',
      of(({ hasGivenUp }) => (hasGivenUp ? 1 : 0)),
    ),
  ]
}

const leakOf = ({ facts }: MeasuredService): number | null =>
  facts.growth === undefined ? null : facts.growth.verdict === 'leak' ? 1 : 0

/** The worst of each check and code; without the item, which anybody can name and which would add series. */
const findingFamily = ({ host, services }: MetricsFacts): Family[] => {
  const worst = new Map<string, Sample>()
  const add = (labels: Labels, findings: readonly Finding[]): void => {
    for (const { check, code, status } of findings) {
      if (status === 'ok') continue
      const sample = { labels: { ...labels, check, code }, value: statusNumber[status] }
      const key = JSON.stringify(sample.labels)
      if ((worst.get(key)?.value ?? -1) < sample.value) worst.set(key, sample)
    }
  }
  add({ service: '' }, host?.findings ?? [])
  for (const { facts, findings } of services) add({ service: facts.name }, findings)
  return [
    gauge('finding_status', 'What is not well: 1 warning, 2 critical, 3 unknown; no service: the host', [
      ...worst.values(),
    ]),
  ]
}

const ownFamilies = ({ restarts, actions, cleanedBytes, stores, journal }: MetricsFacts): Family[] => [
  gauge(
    'journal_bytes',
    'What journald keeps',
    journal.map(({ storage, bytes }) => ({ labels: { storage }, value: bytes })),
  ),
  gauge(
    'journal_cap_bytes',
    'What it may keep by the config',
    journal.map(({ storage, capBytes }) => ({ labels: { storage }, value: capBytes })),
  ),
  counter(
    'service_restarts_total',
    'Restarts of a service in the restart history, by whom',
    restarts.map(({ service, by, count }) => ({ labels: { service, by }, value: count })),
  ),
  counter(
    'actions_total',
    'What was done, and how it went',
    actions.map(({ kind, outcome, count }) => ({ labels: { kind, outcome }, value: count })),
  ),
  counter('cleanup_removed_bytes_total', 'Space that cleanup-tmp has given back', [
    { labels: {}, value: cleanedBytes },
  ]),
  gauge(
    'store_bytes',
    'What oratio-health itself keeps',
    stores.map(({ store, bytes }) => ({ labels: { store }, value: bytes })),
  ),
]
