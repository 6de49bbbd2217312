import type { ActionResult, MemoryLimits } from '../../core/action.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { decideLimit } from '../../plan/limits.ts'
import { composeLines, unitLines } from '../../report/limits-text.ts'
import { type AppliedLimit, loadAppliedLimits, saveAppliedLimits } from '../../store/applied-limits.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { recordsRun } from '../record.ts'
import { gatherLimits, type LimitedService } from './gather.ts'
import { refusalWords, usedBytesOf } from './refusal.ts'
import { changesResult, type LimitChange } from './results.ts'

/** Sets live what the config wants, looks whether it holds, and says what makes it permanent. */
export const applyLimits = async (context: RunContext): Promise<CommandResult> => {
  const services = (await gatherLimits(context)).filter(({ wanted }) => wanted !== null)
  if (services.length === 0)
    throw new HealthError(
      exitCode.usage,
      'the config wants no limit on these services',
      'add one: services: { NAME: { …, limit: { memory: 2G, reservation: 512M } } }',
    )
  const changes: LimitChange[] = []
  for (const service of services) changes.push(await applyOne(context, service))
  const after =
    recordsRun(context) && changes.some(({ outcome }) => outcome === 'done')
      ? await gatherLimits(context)
      : services
  const verified = changes.map((change) => verify(context.host, change, after))
  return changesResult(
    verified,
    after.filter(({ wanted }) => wanted !== null),
  )
}

const applyOne = async (context: RunContext, service: LimitedService): Promise<LimitChange> => {
  const { host, options } = context
  const { facts, via, ref, wanted } = service
  const said = (outcome: LimitChange['outcome'], detail: string): LimitChange => ({
    service: facts.name,
    outcome,
    detail,
    lines: [],
  })
  if (wanted === null) return said('skipped', 'nothing is wanted')
  if (via === null || ref === null)
    return facts.kind === 'process'
      ? said('failed', 'a plain process cannot be limited: run it in a unit or a container')
      : said('failed', clip(facts.stateDetail || `it is ${facts.state}`, 200))
  const now = {
    memoryBytes: service.memoryBytes,
    reservationBytes: service.reservationBytes,
    usedBytes: usedBytesOf(facts),
  }
  const decision = decideLimit(now, wanted, options.force === true)
  switch (decision.kind) {
    case 'as-wanted':
      return said('skipped', asWanted)
    case 'use-not-known':
    case 'too-low':
      return said('failed', refusalWords(host, facts, decision))
    case 'set': {
      const runtime = options.runtime === true
      const remembered: AppliedLimit = {
        service: facts.name,
        via,
        ref,
        before: {
          ...(decision.limits.memoryBytes === undefined ? {} : { memoryBytes: now.memoryBytes }),
          ...(decision.limits.reservationBytes === undefined
            ? {}
            : { reservationBytes: now.reservationBytes }),
        },
        runtime,
      }
      // What was before is on the disk first: else nobody could put it back.
      if (recordsRun(context) && !keep(context, remembered))
        return said('failed', 'what was before could not be written down')
      const result = await setLimit(
        host,
        { via, ref, name: facts.name, runtime },
        decision.limits,
        'wanted by the config',
      )
      return {
        service: facts.name,
        outcome: result.outcome,
        detail: result.detail,
        lines: result.outcome === 'failed' ? [] : permanentLines(service),
      }
    }
  }
}

export const setLimit = (
  host: Host,
  { via, ref, name, runtime }: { via: 'container' | 'unit'; ref: string; name: string; runtime: boolean },
  limits: MemoryLimits,
  reason: string,
): Promise<ActionResult> =>
  via === 'container'
    ? host.apply({ kind: 'limit-container', id: ref, name, ...limits, reason })
    : host.apply({ kind: 'limit-unit', unit: ref, runtime, ...limits, reason })

/** What was before us stays what is put back, however often we set another. */
const keep = ({ host, global }: RunContext, limit: AppliedLimit): boolean => {
  const applied = loadAppliedLimits(host.save, global.stateDir)
  const earlier = applied.find(({ service, ref }) => service === limit.service && ref === limit.ref)
  const others = applied.filter(({ service }) => service !== limit.service)
  const kept = {
    ...limit,
    before: { ...limit.before, ...earlier?.before },
    // What was once set over a reboot is put back over a reboot.
    runtime: limit.runtime && earlier?.runtime !== false,
  }
  return saveAppliedLimits(host.save, global.stateDir, [...others, kept]).kind === 'value'
}

const permanentLines = ({ facts, via, wanted }: LimitedService): string[] => {
  const limits = {
    name: facts.name,
    memoryBytes: wanted?.memoryBytes ?? null,
    reservationBytes: wanted?.reservationBytes ?? null,
  }
  const { target } = facts
  if (via === 'unit')
    return ['set-property keeps it over a reboot; in the unit itself it would be:', ...unitLines(limits)]
  const ref = target.type === 'container' ? target.ref : facts.name
  const name = ref.includes('/') ? (ref.split('/')[1] ?? ref) : ref
  return ['gone with the container; in its compose file it would be:', ...composeLines({ ...limits, name })]
}

const asWanted = 'as wanted'

/** By this run or one before. */
const isSet = ({ outcome, detail }: LimitChange): boolean =>
  outcome === 'done' || (outcome === 'skipped' && detail === asWanted)

/** Done only when the kernel has it: the cgroup's own file, or what is tighter above it, whatever engine or systemd say. */
const verify = (host: Host, change: LimitChange, after: readonly LimitedService[]): LimitChange => {
  const service = after.find(({ facts }) => facts.name === change.service)
  const wantedBytes = service?.wanted?.memoryBytes ?? null
  // Of what does not run, or runs on another host, there is no cgroup to look at.
  if (!isSet(change) || wantedBytes === null || service?.facts.memory.kind !== 'value') return change
  const failure = (detail: string): LimitChange => ({ ...change, outcome: 'failed', detail })
  const { cgroup } = service.facts
  if (cgroup === undefined)
    return failure('it is set, and does nothing: this kernel counts no memory by cgroup (doctor says why)')
  const memory = host.cgroups.memory(cgroup)
  if (memory.kind !== 'value') return failure('it is set; whether the kernel has it could not be read')
  const { limitBytes } = memory.value
  return limitBytes !== null && limitBytes <= wantedBytes + 65_536
    ? change
    : failure(`it is set, and the cgroup has ${limitBytes === null ? 'no limit' : formatBytes(limitBytes)}`)
}
