import type { Criterion, Mark } from '../../core/acceptance.ts'
import { type Status, worstStatus } from '../../core/finding.ts'
import { isoStamp } from '../../core/stamp.ts'
import { type VerifiedService, verifyProblems, verifyText } from '../../report/verify-text.ts'
import type { CommandResult } from '../command.ts'
import { markBody } from './mark.ts'

const statusOf: Record<Criterion['result'], Status> = {
  pass: 'ok',
  fail: 'critical',
  insufficient: 'unknown',
}

/** As it is told; of what has no error the worst criterion is the status. `mark`: from which on it was judged. */
export const resultOf = (services: readonly VerifiedService[], mark: Mark | null): CommandResult => {
  const status = worstStatus(
    services.flatMap(({ criteria, error }) =>
      error === null ? criteria.map(({ result }) => statusOf[result]) : ['unknown' as const],
    ),
  )
  return {
    status,
    document: {
      schema: 'verify@1',
      body: {
        criteria: services.flatMap(criteriaBody),
        services: services.map(serviceBody),
        mark: mark === null ? null : markBody(mark),
      },
    },
    text: (view) => verifyText(services, mark, view),
    textWhen: 'always',
    problems: verifyProblems(services),
  }
}

const criteriaBody = ({ name, criteria, before }: VerifiedService): Record<string, unknown>[] =>
  criteria.map((one) => ({
    name: one.name,
    service: name,
    measured: one.measured,
    measuredLow: one.range?.low ?? null,
    measuredHigh: one.range?.high ?? null,
    bound: one.bound,
    unit: unitOf[one.name],
    result: one.result,
    reason: one.reason?.code ?? null,
    before: before?.find((other) => other.name === one.name)?.measured ?? null,
  }))

const unitOf: Record<Criterion['name'], string> = {
  'max-memory': 'bytes',
  'max-growth': 'bytes-per-minute',
  'max-swap': 'bytes',
  'max-cpu': 'percent',
  'min-uptime': 'seconds',
  'max-processes': 'count',
}

const serviceBody = ({ name, window, samples, error }: VerifiedService): Record<string, unknown> => ({
  service: name,
  from: window === null ? null : isoStamp(window.fromMs),
  to: window === null ? null : isoStamp(window.toMs),
  samples,
  expectedSamples: window?.expected ?? null,
  error,
})
