import { type Finding, type Status, worstStatus } from '../core/finding.ts'
import { absent, type Reading } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import { type AnyHostCheck, type AnyServiceCheck, type HostContext, unreadable } from './check.ts'

/** What one check of the host has read, or the finding that it has a defect. */
export interface HostCheckRun {
  check: AnyHostCheck
  limits: unknown
  reading: Reading<unknown>
  /** There when the check threw, which is a defect of ours. */
  defect: Finding | null
  tookMs: number
  /** For the next run, by the check's name in `remembered`; null when there is nothing to remember. */
  remember: unknown
}

/**
 * Reads every check of the host, one after the other; one that fails or throws does not keep the others from it.
 *
 * @param limits by the check's name, as parsed; what is not there has its default
 * @param remembered what each run of the last time had in `remember`, by the check's name; of any shape
 */
export const readHostChecks = async (
  host: Host,
  checks: readonly AnyHostCheck[],
  limits: Readonly<Record<string, unknown>>,
  remembered: Readonly<Record<string, unknown>>,
): Promise<HostCheckRun[]> => {
  const runs: HostCheckRun[] = []
  for (const check of checks)
    runs.push(
      await readHostCheck(
        host,
        check,
        ownOf(limits, check.name) ?? check.limits.default,
        ownOf(remembered, check.name) ?? null,
      ),
    )
  return runs
}

/** The findings of all checks, in their order. What the host does not have (swap, PSI) is fine, and is said. */
export const judgeHost = (runs: readonly HostCheckRun[]): Finding[] => runs.flatMap(judgeRun)

/** A service with what was found on it. */
export interface JudgedService {
  facts: ServiceFacts
  status: Status
  findings: Finding[]
}

/** The limits of one service, as the config has them parsed. */
export interface ServiceLimits {
  /** By the check's config key. */
  checks: Readonly<Record<string, unknown>>
  features: Readonly<Record<string, unknown>>
}

/**
 * @param configured by the service's name in the config; a replica NAME/1 has the limits of NAME, what is not there
 * the defaults
 */
export const judgeServices = (
  services: readonly ServiceFacts[],
  checks: readonly AnyServiceCheck[],
  configured: Readonly<Record<string, ServiceLimits>>,
  context: HostContext,
): JudgedService[] =>
  services.map((facts) => {
    const limits = facts.configured ? limitsOf(facts.name, configured) : null
    const findings = checks.flatMap((check) => judgeService(check, facts, limits, context))
    return { facts, status: worstStatus(findings.map(({ status }) => status)), findings }
  })

/** The name a service has in the config: NAME of the replica NAME/1. */
export const configNameOf = (name: string): string => name.replace(/\/\d+$/, '')

const readHostCheck = async (
  host: Host,
  check: AnyHostCheck,
  limits: unknown,
  previous: unknown,
): Promise<HostCheckRun> => {
  const startedMs = host.elapsedMs()
  const finish = (
    reading: Reading<unknown>,
    remember: unknown,
    defect: Finding | null = null,
  ): HostCheckRun => ({
    check,
    limits,
    reading,
    defect,
    tookMs: host.elapsedMs() - startedMs,
    remember,
  })
  try {
    const reading = await check.read(host, limits, previous)
    // What could not be read this time may be read the next: the last sample is still the one to compare with.
    if (reading.kind !== 'value') return finish(reading, previous)
    return finish(reading, check.remember?.(reading.value) ?? null)
  } catch (error) {
    return finish(absent(check.name), previous, defectOf(check.name, error))
  }
}

const judgeRun = ({ check, limits, reading, defect }: HostCheckRun): Finding[] => {
  if (defect !== null) return [defect]
  if (reading.kind === 'absent') return [absence(check.name, reading.what)]
  if (reading.kind === 'failed') return [unreadable(check.name, reading)]
  try {
    return check.judge(reading.value, limits)
  } catch (error) {
    return [defectOf(check.name, error)]
  }
}

const judgeService = (
  check: AnyServiceCheck,
  facts: ServiceFacts,
  configured: ServiceLimits | null,
  context: HostContext,
): Finding[] => {
  try {
    return check.judge(facts, chosenLimits(check, configured) ?? check.limits.default, context)
  } catch (error) {
    return [defectOf(check.name, error)]
  }
}

const chosenLimits = ({ key, feature }: AnyServiceCheck, configured: ServiceLimits | null): unknown => {
  if (configured === null) return null
  if (key !== null) return ownOf(configured.checks, key)
  return feature === undefined ? null : ownOf(configured.features, feature)
}

const limitsOf = (
  name: string,
  configured: Readonly<Record<string, ServiceLimits>>,
): ServiceLimits | null => {
  const exact = ownOf(configured, name) ?? ownOf(configured, configNameOf(name))
  return (exact as ServiceLimits | undefined) ?? null
}

/** Names are a user's choice: `constructor` is one. */
const ownOf = (record: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(record, key) ? record[key] : undefined

const withoutValue = { value: null, unit: null, warn: null, crit: null }

const absence = (check: string, what: string): Finding => ({
  ...withoutValue,
  check,
  code: 'absent',
  status: 'ok',
  args: { what },
})

/** An error of ours in one check: never fine, and said with where it happened. */
const defectOf = (check: string, error: unknown): Finding => ({
  ...withoutValue,
  check,
  code: 'defect',
  status: 'unknown',
  args: {
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
  },
})
