import { bootIdOf } from '../checks/boot-id.ts'
import type { JudgedService } from '../checks/judge.ts'
import type { Config, ServiceConfig } from '../config/config.ts'
import type { ContainerFacts } from '../core/facts.ts'
import type { Finding } from '../core/finding.ts'
import { type Dependent, dependenciesFirst, dependentsOf } from '../plan/dependents.ts'
import { afterRestart, budgetIsLeft } from '../plan/restart.ts'
import { followWords } from '../report/restart-words.ts'
import type { DueRestart } from '../store/action-journal.ts'
import type { JournalEntry } from '../store/journal-text.ts'
import { statePath } from '../store/paths.ts'
import { keptRestarts } from '../store/restart-kept.ts'
import { appendLedger, type LedgerEvent } from '../store/restart-ledger.ts'
import { freshRestarts, type ServiceRestarts } from '../store/restart-state.ts'
import { keepsRestartsOf, type State, saveState } from '../store/state.ts'
import type { RunContext } from './command.ts'
import type { Look } from './look.ts'
import { performRestart } from './perform-restart.ts'
import { recordsRun } from './record.ts'
import type { Acted } from './restart-service.ts'
import type { HookRunner } from './run-hooks.ts'
import { openRunJournal } from './run-journal.ts'
import { configOf, inMaintenance, restartOf } from './service-config.ts'
import { takeUpUnfinished } from './take-up.ts'
import type { Teller } from './tell.ts'

/** What healing knows and does in one run; the services are those of the look, by name. */
export interface Healer {
  readonly acts: boolean
  readonly bootId: string
  /** What the next run must know, as it stands, within what there is room for. */
  kept(): State['restarts']
  nowMs(): number
  of(name: string): ServiceRestarts
  keep(name: string, restarts: ServiceRestarts): void
  configOf(name: string): ServiceConfig | null
  /** A line in the restart history. */
  note(name: string, event: LedgerEvent, detail: string): void
  /** Says why a restart that is due is not made. */
  skip(name: string, reason: string): void
  find(name: string, code: string, args: NonNullable<Finding['args']>): void
  findingsOf(name: string): readonly Finding[]
  actionOf(name: string): Acted | null
  wasActedOn(name: string): boolean
  /** Else what depends on a service could be restarted before it, on its own account. */
  dependenciesFirst(): JudgedService[]
  /** Restarts it, and then what depends on it. */
  restart(name: string, cause: string, more?: RestartDetails): Promise<void>
  /** By its own budget and windows: what fails every hour must not take all that hangs on it along for ever. */
  restartDependent(name: string, on: string, why?: RestartDetails['why']): Promise<void>
  /** A restart that was found done: what is left of it is to restart what depends on it. */
  finishWithDependents(entry: JournalEntry): Promise<void>
  takeUpUnfinished(): Promise<void>
  readonly config: Config
  /** Null: nobody is to be told. */
  readonly teller: Teller | null
  /** Null: no service has hooks. */
  readonly hooks: HookRunner | null
  /** On the action journal itself. */
  readonly ownFindings: readonly Finding[]
}

/** What goes along with a restart; null: nothing of the kind is in the config. */
export type Errands = Pick<Healer, 'teller' | 'hooks'>

export interface RestartDetails {
  /** `scheduled` is not of the budget. */
  why?: 'failed-checks' | 'scheduled'
  /** Of a run before, which was killed in the middle. */
  unfinished?: JournalEntry
}

export const makeHealer = (
  context: RunContext,
  config: Config,
  seen: Look,
  state: State,
  { teller, hooks }: Errands,
): Healer => {
  const { host, global } = context
  const records = recordsRun(context)
  const { journal, findings: ownFindings } = openRunJournal(context)
  const bootId = bootIdOf(host)
  const services = new Map(seen.services.map((service) => [service.facts.name, service]))
  // No prototype: a service may be called `constructor`.
  const restarts: State['restarts'] = Object.assign(Object.create(null), seen.restarts)
  const actions = new Map<string, Acted>()
  const found = new Map<string, Finding[]>()
  const actedOn = new Set<string>()

  const healer: Healer = {
    config,
    teller,
    hooks,
    acts: host.live && context.options.act !== false,
    bootId,
    kept: () => keptRestarts(restarts, byNeed(), context.args.length === 0, host.now()),
    nowMs: host.now,
    of: (name) => restarts[name] ?? freshRestarts,
    keep: (name, kept) => {
      restarts[name] = kept
    },
    configOf: (name) => configOf(config.services, name),
    note(service, event, detail) {
      if (records) appendLedger(host.save, global.logDir, { atMs: host.now(), service, event, detail })
    },
    skip: (name, reason) => actions.set(name, { kind: 'restart', outcome: 'skipped', reason }),
    find(name, code, args) {
      const finding: Finding = {
        check: 'restart',
        code,
        status: 'critical',
        value: null,
        unit: null,
        warn: null,
        crit: null,
        args,
      }
      found.set(name, [...(found.get(name) ?? []), finding])
    },
    findingsOf: (name) => found.get(name) ?? [],
    actionOf: (name) => actions.get(name) ?? null,
    wasActedOn: (name) => actedOn.has(name),
    dependenciesFirst: () => dependenciesFirst(dependents()).flatMap((name) => services.get(name) ?? []),
    async restart(name, cause, more = {}) {
      const due = await dueAfter(name)
      await restartOne(name, cause, due, more)
      const acted = actions.get(name)
      if (acted?.outcome !== 'done' && acted?.outcome !== 'dry-run') return
      await restartDue(name, due, more.why)
      const later = due.flatMap(({ service }) => (services.has(service) ? [] : [service]))
      if (later.length > 0) actions.set(name, { ...acted, reason: `${acted.reason}; ${followWords(later)}` })
    },
    async restartDependent(name, on, why = 'failed-checks') {
      if (actedOn.has(name)) return
      const config = healer.configOf(name)
      const limit = restartOf(config)?.limit
      const cause = `it depends on ${on}, which was restarted`
      // These two stay in the journal: a later run does it.
      if (!healer.acts) return healer.skip(name, `${cause}, but this run does not act`)
      if (inMaintenance(config, host.now()))
        return healer.skip(name, `${cause}, but it is a maintenance window`)
      const counts = why !== 'scheduled' && limit !== undefined
      if (counts && !budgetIsLeft(healer.of(name).memory, limit, host.now()))
        healer.skip(name, `${cause}, but its budget of restarts is used up`)
      else await restartOne(name, cause, [], { why })
      // Refused or without a budget it is said, and not tried again and again.
      const left = journal.entries().find(({ service, follows }) => service === name && follows !== undefined)
      if (left !== undefined) journal.finish(left)
    },
    async finishWithDependents(entry) {
      const due = await dueAfter(entry.service)
      journal.finish(entry, due)
      await restartDue(entry.service, due)
    },
    async takeUpUnfinished() {
      // A captured host has a past of its own, of which nothing is known.
      if (host.live) await takeUpUnfinished(healer, journal, services)
    },
    ownFindings,
  }

  /** Those that may be restarted before those that are only watched. */
  const byNeed = (): string[] => {
    const isRestartable = (name: string): boolean => restartOf(healer.configOf(name)) !== null
    const names = [...services.keys()]
    return [...names.filter(isRestartable), ...names.filter((name) => !isRestartable(name))]
  }

  /** What depends on it, in the order in which it is to be restarted; what was not looked at is so for a later run. */
  const dueAfter = async (name: string): Promise<DueRestart[]> => {
    const isPartial = host.live && context.args.length > 0
    const outside = isPartial
      ? await (await import('./look-outside.ts')).lookOutside(host, config, [...services.keys()])
      : { services: [], containers: [] }
    const all = [...seen.services.map(({ facts }) => facts), ...outside.services]
    const identities = new Map(all.map((facts) => [facts.name, facts.identity]))
    return dependentsOf(name, dependents(all, [...seen.containers, ...outside.containers]))
      .filter((service) => !actedOn.has(service))
      .map((service) => ({
        service,
        cause: `it depends on ${name}, which was restarted`,
        beganAtMs: host.now(),
        identity: identities.get(service) ?? null,
        bootId,
        follows: name,
      }))
  }

  const restartDue = async (
    on: string,
    due: readonly DueRestart[],
    why?: RestartDetails['why'],
  ): Promise<void> => {
    for (const { service } of due) if (services.has(service)) await healer.restartDependent(service, on, why)
  }

  const restartOne = async (
    name: string,
    cause: string,
    due: readonly DueRestart[],
    details: RestartDetails,
  ): Promise<void> => {
    const service = services.get(name)
    if (service === undefined) return
    actedOn.add(name)
    const acted = await performRestart(context, healer, journal, {
      service,
      cause,
      due,
      unfinished: details.unfinished ?? null,
      count: () => count(name, details.why),
    })
    actions.set(name, acted)
    if (acted.outcome === 'failed') healer.find(name, 'failed', { reason: acted.reason })
  }

  /** On the disk before anything is touched. */
  const count = (name: string, why: RestartDetails['why']): string | null => {
    const before = healer.of(name)
    healer.keep(name, { ...before, memory: afterRestart(before.memory, host.now(), why) })
    const uncounted = saveCounted(name)
    // It is not made, so it must not use up the budget in the state that this run saves at its end, maybe in /run.
    if (uncounted !== null) healer.keep(name, before)
    return uncounted
  }

  const saveCounted = (name: string): string | null => {
    const next = { ...state, restarts: healer.kept() }
    if (!keepsRestartsOf(next, name))
      return 'the state has no room for one more service, so it would not be counted'
    const saved = saveState(host.save, statePath(global.stateDir), next, host.now())
    return saved.kind === 'value' ? null : 'the state cannot be written, so it would not be counted'
  }

  const dependents = (
    all = seen.services.map(({ facts }) => facts),
    containers: readonly ContainerFacts[] = seen.containers,
  ): Dependent[] =>
    all.map(({ name, containerId }) => ({
      name,
      after: (healer.configOf(name)?.features.after ?? []) as string[],
      containers: containers.filter(({ id }) => id === containerId),
      restartable: restartOf(healer.configOf(name)) !== null,
    }))

  return healer
}
