import { type Status, worstStatus } from '../core/finding.ts'
import {
  boundedText,
  type GatheredCheck,
  type GatheredForm,
  type GatheredProblem,
  type GatheredService,
  type NoCheck,
} from '../core/gathered.ts'
import { fieldsOf, type JsonFields, textOf } from './json-fields.ts'
import { parseRfc3339 } from './rfc3339.ts'

const forms: Readonly<Record<string, GatheredForm>> = {
  'oratio-health/check@1': 'check',
  'oratio-health/status@1': 'status',
  'oratio-health/error@1': 'error',
}

/**
 * The last check by what `check --json` or `status --json` printed. What is not as their schema has it is never well: a
 * status that is missing is unknown. The answer has no words of a file that is none of these: it may be anything.
 */
export const gatheredDocument = (text: string): GatheredCheck | NoCheck => {
  const document = parsed(text)
  if (document === null)
    return { kind: 'broken', why: 'is no whole JSON document: half-written, or not JSON' }
  const form = forms[textOf(document.schema) ?? '']
  if (form === undefined) return { kind: 'foreign', why: 'is no document of oratio-health check --json' }
  // `status` tells of a check that was before it.
  const stamp = form === 'status' ? (textOf(document.seenAt) ?? document.startedAt) : document.finishedAt
  const atMs = parseRfc3339(textOf(stamp) ?? '')
  if (atMs === null) return { kind: 'broken', why: 'does not tell when it was made' }
  const services = listOf(document.services).map(serviceOf)
  const problems = [...ownProblems(document, form), ...services.flatMap((one) => one.problems)]
  const hasLists = form === 'error' || (Array.isArray(document.services) && Array.isArray(document.findings))
  return {
    form,
    hostname: boundedText(textOf(document.host) ?? '') || null,
    atMs,
    version: boundedText(textOf(document.version) ?? '') || null,
    status: worstStatus([
      statusOf(document.status),
      ...(hasLists ? [] : (['unknown'] as const)),
      ...services.map(({ service }) => service.status),
      ...problems.map(({ status }) => status),
    ]),
    services: services.map(({ service }) => service),
    problems,
  }
}

const parsed = (text: string): JsonFields | null => {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? fieldsOf(json) : null
  } catch {
    return null
  }
}

/** Of the host, and of the tool itself. */
const ownProblems = (document: JsonFields, form: GatheredForm): GatheredProblem[] => {
  if (form === 'error') {
    const message = textOf(fieldsOf(document.error).message) ?? 'it does not say why'
    return [
      { service: null, check: 'check', status: 'unknown', message: boundedText(`check ended: ${message}`) },
    ]
  }
  const trouble = textOf(document.trouble)
  return [
    ...[...listOf(document.findings), ...listOf(document.ownFindings)].flatMap((one) => problemOf(one, null)),
    ...(trouble === null
      ? []
      : [{ service: null, check: 'check', status: 'unknown' as const, message: boundedText(trouble) }]),
    ...listOf(document.jobs).flatMap(overdueJob),
  ]
}

const overdueJob = (job: JsonFields): GatheredProblem[] =>
  job.isOverdue === true
    ? [
        {
          ...{ service: null, check: 'jobs', status: 'warning' },
          message: boundedText(`job ${textOf(job.command) ?? ''} is overdue`),
        },
      ]
    : []

const serviceOf = (raw: JsonFields): { service: GatheredService; problems: GatheredProblem[] } => {
  const name = boundedText(textOf(raw.name) ?? '')
  const metrics = fieldsOf(raw.metrics)
  const trend = fieldsOf(raw.trend)
  const findings = listOf(raw.findings)
  const { secondsToLimit } = metrics
  return {
    service: {
      name,
      status: statusOf(raw.status),
      isLeaking:
        trend.verdict === 'leak' || findings.some(({ check, code }) => check === 'growth' && code === 'leak'),
      secondsToLimit:
        typeof secondsToLimit === 'number' && Number.isFinite(secondsToLimit) && secondsToLimit >= 0
          ? secondsToLimit
          : null,
    },
    problems: findings.flatMap((one) => problemOf(one, name)),
  }
}

const problemOf = (raw: JsonFields, service: string | null): GatheredProblem[] => {
  const status = statusOf(raw.status)
  if (status === 'ok') return []
  const check = boundedText(textOf(raw.check) ?? '')
  return [{ service, check, status, message: boundedText(textOf(raw.message) ?? check) }]
}

const listOf = (json: unknown): JsonFields[] => (Array.isArray(json) ? json.map(fieldsOf) : [])

const statusOf = (json: unknown): Status =>
  json === 'ok' || json === 'warning' || json === 'critical' ? json : 'unknown'
