import { readMemoryInfo } from '../../checks/memory.ts'
import { observeServices } from '../../checks/observe/services.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { refusalOf } from '../../plan/limits.ts'
import { type AppliedLimit, loadAppliedLimits, saveAppliedLimits } from '../../store/applied-limits.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { recordsRun } from '../record.ts'
import { setLimit } from './apply.ts'
import { refusalWords, usedBytesOf } from './refusal.ts'
import { changesResult, type LimitChange } from './results.ts'

/**
 * Puts back what was before `apply`, and forgets it. What apply never set is left alone, and a limit that the service has
 * outgrown meanwhile stays, unless forced.
 */
export const removeLimits = async (context: RunContext): Promise<CommandResult> => {
  const { host, global, args } = context
  const applied = loadAppliedLimits(host.save, global.stateDir)
  const chosen = args.length === 0 ? applied : applied.filter(({ service }) => args.includes(service))
  const unknown = args.find((name) => !applied.some(({ service }) => service === name))
  if (unknown !== undefined)
    throw new HealthError(
      exitCode.usage,
      `limits apply has set nothing on ${unknown}`,
      'limits status shows what is set',
    )
  const services = await observeLimited(host, chosen)
  const changes: LimitChange[] = []
  for (const limit of chosen) changes.push(await putBack(context, limit, services.get(limit.service)))
  return changesResult(changes, [])
}

/** As they are now, by what the limits were set on: the config may not name them any more. */
const observeLimited = async (
  host: Host,
  limits: readonly AppliedLimit[],
): Promise<Map<string, ServiceFacts>> => {
  // Without any, observing would look at all that runs.
  if (limits.length === 0) return new Map()
  const wanted = limits.map(({ service, via, ref }) => [
    service,
    { target: { type: via, ref }, processMatch: null } as const,
  ])
  const observed = await observeServices(
    host,
    Object.fromEntries(wanted),
    valueOrNull(readMemoryInfo(host))?.shmemBytes ?? null,
  )
  return new Map(observed.services.map((facts) => [facts.name, facts]))
}

const putBack = async (
  context: RunContext,
  limit: AppliedLimit,
  facts: ServiceFacts | undefined,
): Promise<LimitChange> => {
  const { host, global, options } = context
  const { service, via, ref, before, runtime } = limit
  const refusal = facts === undefined || options.force === true ? null : refusalOf(before, usedBytesOf(facts))
  if (refusal !== null && facts !== undefined)
    return { service, outcome: 'failed', detail: refusalWords(host, facts, refusal), lines: [] }
  const result = await setLimit(
    host,
    { via, ref, name: service, runtime },
    before,
    'asked for by limits remove',
  )
  // A container that is gone took its limit along.
  const isGone = result.outcome === 'failed' && /no such container/.test(result.detail)
  if (recordsRun(context) && (result.outcome === 'done' || isGone)) {
    const left = loadAppliedLimits(host.save, global.stateDir).filter(
      (one) => !(one.service === service && one.ref === ref),
    )
    saveAppliedLimits(host.save, global.stateDir, left)
  }
  return isGone
    ? { service, outcome: 'skipped', detail: 'it is gone, and its limit with it', lines: [] }
    : { service, outcome: result.outcome, detail: result.detail, lines: [] }
}
