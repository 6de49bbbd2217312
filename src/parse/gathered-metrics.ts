import { type Status, worse, worstStatus } from '../core/finding.ts'
import {
  boundedText,
  type GatheredCheck,
  type GatheredProblem,
  type GatheredService,
  type NoCheck,
} from '../core/gathered.ts'
import { type MetricSample, readSamples } from './metrics-samples.ts'

const prefix = 'oratio_health_'
/** What report/metrics-text.ts begins and ends with. */
export const figuresHead = '# Figures of oratio-health'
export const figuresEnd = '# EOF'

const statuses: readonly Status[] = ['ok', 'warning', 'critical', 'unknown']

/**
 * The last check by its figures: the file that `metrics.textfile` names, or what node_exporter made of it at `/metrics`. A
 * file that was cut off anywhere is none.
 */
export const gatheredMetrics = (text: string): GatheredCheck | NoCheck => {
  const services = new Map<string, GatheredService>()
  const problems: GatheredProblem[] = []
  const host = {
    atSeconds: null as number | null,
    status: 'unknown' as Status,
    version: null as string | null,
  }
  const leaks = new Set<string>()
  const left = new Map<string, number>()
  let count = 0
  const take = ({ name, labels, value }: MetricSample): void => {
    count++
    const service = boundedText(labels.get('service') ?? '')
    switch (name.slice(prefix.length)) {
      case 'build_info':
        host.version = boundedText(labels.get('version') ?? '') || null
        break
      case 'last_run_timestamp_seconds':
        host.atSeconds = value
        break
      case 'host_status':
        host.status = statusOf(value)
        break
      case 'service_status': {
        const status = worse(statusOf(value), services.get(service)?.status ?? 'ok')
        services.set(service, { name: service, status, isLeaking: false, secondsToLimit: null })
        break
      }
      case 'service_leak':
        if (value === 1) leaks.add(service)
        break
      case 'service_seconds_to_limit':
        if (labels.get('estimate') === 'best' && value >= 0 && Number.isFinite(value))
          left.set(service, value)
        break
      case 'finding_status':
        problems.push(problemOf(labels, statusOf(value)))
    }
  }
  const badLine = readSamples(text, prefix, take)
  if (count === 0 && badLine === null)
    return text.startsWith(figuresHead)
      ? { kind: 'broken', why: 'is half-written: no figure is in it' }
      : { kind: 'foreign', why: 'holds no figures of oratio-health' }
  if (badLine !== null)
    return { kind: 'broken', why: `is broken or half-written: line ${badLine} is no figure` }
  if (!isWhole(text)) return { kind: 'broken', why: 'is half-written: its end is missing' }
  const { atSeconds, status, version } = host
  if (atSeconds === null || !(atSeconds >= 0 && atSeconds < 8e12))
    return { kind: 'broken', why: 'does not tell when a check was made' }
  for (const service of services.values()) {
    service.isLeaking = leaks.has(service.name)
    service.secondsToLimit = left.get(service.name) ?? null
  }
  return {
    ...{ form: 'metrics', hostname: null, atMs: Math.round(atSeconds * 1000), version },
    status: worstStatus([status, ...[...services.values(), ...problems].map((one) => one.status)]),
    services: [...services.values()],
    problems,
  }
}

/** Our own file ends with its last line; in what an exporter prints, figures of others come after ours. */
const isWhole = (text: string): boolean => {
  if (!text.endsWith('\n')) return false
  const last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -1)
  return text.startsWith(figuresHead) ? last === figuresEnd : last === figuresEnd || !last.startsWith(prefix)
}

const statusOf = (value: number): Status => statuses[value] ?? 'unknown'

const problemOf = (labels: ReadonlyMap<string, string>, status: Status): GatheredProblem => {
  const [check, code] = [labels.get('check') ?? '', labels.get('code') ?? '']
  return {
    service: boundedText(labels.get('service') ?? '') || null,
    check: boundedText(check),
    status,
    message: boundedText(code === '' || code === 'level' ? check : `${check}: ${code}`),
  }
}
