import { exitCode, HealthError } from '../../core/errors.ts'
import { type AppliedLimit, loadAppliedLimits, saveAppliedLimits } from '../../store/applied-limits.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { recordsRun } from '../record.ts'
import { setLimit } from './apply.ts'
import { changesResult, type LimitChange } from './results.ts'

/** Puts back what was before `apply`, and forgets it. What apply never set is left alone. */
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
  const changes: LimitChange[] = []
  for (const limit of chosen) changes.push(await putBack(context, limit))
  return changesResult(changes, [])
}

const putBack = async (context: RunContext, limit: AppliedLimit): Promise<LimitChange> => {
  const { host, global } = context
  const { service, via, ref, before, runtime } = limit
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
