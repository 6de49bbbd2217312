import type { JudgedService } from '../checks/judge.ts'
import type { Config, ServiceConfig } from '../config/config.ts'
import type { Restart } from '../config/sections/restart.ts'
import { clip } from '../core/escape.ts'
import { type Finding, worstStatus } from '../core/finding.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceResult } from '../core/service.ts'
import { checkOutcome } from '../plan/check-outcome.ts'
import {
  afterReset,
  consecutiveFailures,
  countedFailures,
  type Decision,
  decideRestart,
  type RestartPolicy,
} from '../plan/restart.ts'
import { causeWords, forgottenWords, holdWords, notYetWords } from '../report/restart-words.ts'
import { freshRestarts, type ServiceRestarts } from '../store/restart-state.ts'
import type { State } from '../store/state.ts'
import type { RunContext } from './command.ts'
import { type Errands, type Healer, makeHealer } from './healer.ts'
import type { Look } from './look.ts'
import { findingsThatCount, inMaintenance, restartOf } from './service-config.ts'

export interface Healed {
  services: ServiceResult[]
  /** What the next run must know, of all services. */
  restarts: State['restarts']
  /** On this tool itself. */
  ownFindings: readonly Finding[]
  /** Of a dry run, a line for each restart and for what would be forgotten. */
  wouldDo: readonly string[]
  /** What --reset has forgotten; with -v why a service that has failed was left alone, where nothing else says so. */
  notes: readonly string[]
}

/**
 * Counts each service's check, and restarts what is due: first what a run before left unfinished, then what has failed
 * often enough, each followed by what depends on it.
 */
export const heal = async (
  context: RunContext,
  config: Config,
  seen: Look,
  state: State,
  errands: Errands = { teller: null, hooks: null },
): Promise<Healed> => {
  const { dryRun, verbose } = context.global
  const healer = makeHealer(context, config, seen, state, errands)
  const forgotten =
    context.options.reset === true ? seen.services.map(({ facts }) => reset(healer, facts.name, dryRun)) : []
  for (const { facts } of seen.services) noteRestartsOfOthers(healer, facts, state)
  await healer.takeUpUnfinished()
  const notes = dryRun ? [] : [...forgotten]
  for (const service of healer.dependenciesFirst()) {
    const why = await turn(healer, service)
    if (why !== null && verbose) notes.push(`${clip(service.facts.name, 200)}: ${why}`)
  }
  const services = seen.services.map((service) => resultOf(healer, service))
  const wouldRestart = services.flatMap(({ facts, action }) =>
    action?.outcome === 'dry-run' ? [clip(`would restart ${facts.name}: ${action.reason}`, 1000)] : [],
  )
  return {
    services,
    restarts: healer.kept(),
    ownFindings: healer.ownFindings,
    wouldDo: [...(dryRun ? forgotten : []), ...wouldRestart],
    notes,
  }
}

/** @returns what was forgotten, for who has asked for it */
const reset = (healer: Healer, name: string, isRehearsal: boolean): string => {
  const before = healer.of(name)
  const words = forgottenWords(before.memory, isRehearsal)
  healer.keep(name, { ...before, memory: afterReset(before.memory) })
  healer.note(name, 'reset', 'by hand')
  return `${clip(name, 200)}: ${words}`
}

/** A restart by the engine or by systemd is in the history like our own. */
const noteRestartsOfOthers = (
  healer: Healer,
  { name, kind }: JudgedService['facts'],
  before: State,
): void => {
  const count = total(healer.of(name)) - total(before.restarts[name] ?? freshRestarts)
  if (count > 0 && kind !== 'process')
    healer.note(name, kind === 'container' ? 'by-engine' : 'by-systemd', `${count} since the last check`)
}

const total = ({ others }: ServiceRestarts): number => others.reduce((sum, { count }) => sum + count, 0)

/** @returns why it was left alone though it has failed; null: it has not, or that is said elsewhere */
const turn = async (healer: Healer, { facts, findings: all }: JudgedService): Promise<string | null> => {
  const config = healer.configOf(facts.name)
  const restart = restartOf(config)
  const failOn = restart?.fail_on ?? 'critical'
  const findings = findingsThatCount(config, all, failOn)
  const policy = policyOf(restart)
  const before = healer.of(facts.name)
  const outcome = checkOutcome(findings, failOn)
  const { memory, decision } = decideRestart(before.memory, policy, {
    nowMs: healer.nowMs(),
    identity: facts.identity,
    outcome,
    uptimeSeconds: valueOrNull(facts.uptimeSeconds),
    heldBy: heldBy(healer, config, restart),
  })
  healer.keep(facts.name, { ...before, memory })
  // What was restarted already in this run, unfinished or as a dependent, was judged by how it was before.
  if (healer.wasActedOn(facts.name)) return null
  await carryOut(healer, facts, decision, () =>
    causeWords(
      decision.kind === 'restart' ? decision.why : 'failed-checks',
      consecutiveFailures(memory),
      findings,
      policy.every,
    ),
  )
  if (outcome !== 'failed' || config === null) return null
  if (decision.kind === 'none') return notYetWords(countedFailures(memory, policy), policy)
  return restart === null ? `not restarted: ${holdWords({ why: 'not-wanted' })}` : null
}

const carryOut = async (
  healer: Healer,
  facts: JudgedService['facts'],
  decision: Decision,
  cause: () => string,
): Promise<void> => {
  switch (decision.kind) {
    case 'none':
      return
    case 'hold':
      if (decision.why !== 'not-wanted') healer.skip(facts.name, holdWords(decision))
      return
    case 'given-up': {
      const { count, perSeconds } = decision.limit
      healer.find(facts.name, 'given-up', { restarts: decision.restarts, limitCount: count, perSeconds })
      if (decision.first) healer.note(facts.name, 'gave-up', `${decision.restarts} restarts`)
      return
    }
    case 'restart':
      await healer.restart(facts.name, cause(), { why: decision.why })
  }
}

const heldBy = (
  { acts, nowMs }: Healer,
  config: ServiceConfig | null,
  restart: Restart | null,
): 'no-act' | 'maintenance' | 'not-wanted' | null => {
  if (restart === null) return 'not-wanted'
  if (!acts) return 'no-act'
  return inMaintenance(config, nowMs()) ? 'maintenance' : null
}

/** Without `restart:` the checks are counted all the same, and nothing follows from it. */
const policyOf = (restart: Restart | null): RestartPolicy =>
  restart === null
    ? {
        after: 1,
        outOf: null,
        backoff: { after: 1, step: 0, max: 0 },
        limit: { count: 1, perSeconds: 1 },
        every: null,
        startGrace: 0,
      }
    : {
        after: restart.after,
        outOf: restart.out_of,
        backoff: restart.backoff,
        limit: restart.limit,
        every: restart.every,
        startGrace: restart.start_grace,
      }

const resultOf = (healer: Healer, service: JudgedService): ServiceResult => {
  const { name } = service.facts
  const findings: Finding[] = [...service.findings, ...healer.findingsOf(name)]
  return {
    ...service,
    findings,
    status: worstStatus(findings.map(({ status }) => status)),
    failedChecks: consecutiveFailures(healer.of(name).memory),
    action: healer.actionOf(name),
  }
}
