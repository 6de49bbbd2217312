import { bootIdOf } from '../checks/boot-id.ts'
import type { JudgedService } from '../checks/judge.ts'
import type { Config, ServiceConfig } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'
import { dependenciesFirst, dependentsOf } from '../plan/dependents.ts'
import { afterRestart, budgetIsLeft, mayTakeUp } from '../plan/restart.ts'
import { restartSteps } from '../plan/restart-steps.ts'
import { openJournal } from '../store/action-journal.ts'
import type { JournalEntry } from '../store/journal-text.ts'
import { journalPath, statePath } from '../store/paths.ts'
import { appendLedger, type LedgerEvent } from '../store/restart-ledger.ts'
import { freshRestarts, type ServiceRestarts } from '../store/restart-state.ts'
import { type State, saveState } from '../store/state.ts'
import type { RunContext } from './command.ts'
import { endScopeOf } from './end-scope-of.ts'
import { takeEvidence } from './evidence.ts'
import type { Look } from './look.ts'
import { recordsRun } from './record.ts'
import { type Acted, type Restarted, refused, rehearseRestart, restartService } from './restart-service.ts'
import { configOf, inMaintenance, restartOf } from './service-config.ts'

/** What healing knows and does in one run; the services are those of the look, by name. */
export interface Healer {
  readonly acts: boolean
  readonly bootId: string
  /** What the next run must know, as it stands. */
  readonly restarts: State['restarts']
  nowMs(): number
  of(name: string): ServiceRestarts
  keep(name: string, restarts: ServiceRestarts): void
  configOf(name: string): ServiceConfig | null
  /** A line in the restart history. */
  note(name: string, event: LedgerEvent, detail: string): void
  report(name: string, acted: Acted): void
  find(name: string, code: string, args: NonNullable<Finding['args']>): void
  findingsOf(name: string): readonly Finding[]
  actionOf(name: string): Acted | null
  wasActedOn(name: string): boolean
  /** Else what depends on a service could be restarted before it, on its own account. */
  dependenciesFirst(): JudgedService[]
  /** Restarts it, and then what depends on it. */
  restart(name: string, cause: string): Promise<void>
  takeUpUnfinished(): Promise<void>
}

export const makeHealer = (context: RunContext, config: Config, seen: Look, state: State): Healer => {
  const { host, global } = context
  const records = recordsRun(context)
  const journal = openJournal(host.save, journalPath(global.stateDir), host.now)
  const bootId = bootIdOf(host)
  const services = new Map(seen.services.map((service) => [service.facts.name, service]))
  // No prototype: a service may be called `constructor`.
  const restarts: State['restarts'] = Object.assign(Object.create(null), seen.restarts)
  const actions = new Map<string, Acted>()
  const found = new Map<string, Finding[]>()
  const actedOn = new Set<string>()

  const healer: Healer = {
    acts: host.live && context.options.act !== false,
    bootId,
    restarts,
    nowMs: host.now,
    of: (name) => restarts[name] ?? freshRestarts,
    keep: (name, kept) => {
      restarts[name] = kept
    },
    configOf: (name) => configOf(config.services, name),
    note(service, event, detail) {
      if (records) appendLedger(host.save, global.logDir, { atMs: host.now(), service, event, detail })
    },
    report: (name, acted) => actions.set(name, acted),
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
    async restart(name, cause) {
      await restartOne(name, cause, null)
      if (actions.get(name)?.outcome !== 'done') return
      for (const dependent of dependentsOf(name, dependents()))
        if (!actedOn.has(dependent)) await restartDependent(dependent, name)
    },
    async takeUpUnfinished() {
      if (!records) return
      for (const entry of journal.entries()) await takeUp(entry)
    },
  }

  /** By its own budget and windows: what fails every hour must not take all that hangs on it along for ever. */
  const restartDependent = async (name: string, on: string): Promise<void> => {
    const config = healer.configOf(name)
    const limit = restartOf(config)?.limit
    const cause = `it depends on ${on}, which was restarted`
    const refusal = inMaintenance(config, host.now())
      ? 'it is a maintenance window'
      : limit !== undefined && !budgetIsLeft(healer.of(name).memory, limit, host.now())
        ? 'its budget of restarts is used up'
        : null
    if (refusal === null) await restartOne(name, cause, null)
    else healer.report(name, { kind: 'restart', outcome: 'skipped', reason: `${cause}, but ${refusal}` })
  }

  const restartOne = async (name: string, cause: string, unfinished: JournalEntry | null): Promise<void> => {
    const service = services.get(name)
    if (service === undefined) return
    actedOn.add(name)
    const { acted } = await perform(service, cause, unfinished)
    healer.report(name, acted)
    if (acted.outcome === 'failed') healer.find(name, 'failed', { reason: acted.reason })
  }

  const perform = async (
    service: JudgedService,
    cause: string,
    unfinished: JournalEntry | null,
  ): Promise<Restarted> => {
    const { facts } = service
    const settings = healer.configOf(facts.name)
    const restart = restartOf(settings)
    const scope = endScopeOf(host, facts)
    if ('impossible' in scope) return refused(scope.impossible)
    const steps = restartSteps({
      facts,
      reason: cause,
      graceSeconds: restart?.grace ?? 3,
      start: (settings?.features.start ?? []) as string[],
      scope,
      files: filesOf(facts, global),
    })
    if ('impossible' in steps) return refused(steps.impossible)
    if (!records) return rehearseRestart(host, cause, steps)
    context.holdTimeout()
    const wantsEvidence = restart?.evidence !== false && unfinished === null
    return restartService({
      host,
      journal,
      service: facts.name,
      cause,
      identity: facts.identity,
      bootId,
      unfinished,
      steps,
      count: () => count(facts.name),
      tell: ({ outcome, reason }) =>
        healer.note(facts.name, outcome === 'done' ? 'restarted' : 'restart-failed', reason),
      evidence: wantsEvidence ? () => keepEvidence(service, cause) : null,
    })
  }

  /** On the disk before anything is touched. */
  const count = (name: string): string | null => {
    const before = healer.of(name)
    healer.keep(name, { ...before, memory: afterRestart(before.memory, host.now()) })
    const saved = saveState(host.save, statePath(global.stateDir), { ...state, restarts }, host.now())
    return saved.kind === 'value' ? null : 'the state cannot be written, so it would not be counted'
  }

  const keepEvidence = async (service: JudgedService, cause: string): Promise<string> => {
    const { path, why } = await takeEvidence(context, service, cause)
    return path === null ? `no evidence kept: ${why ?? 'it could not be written'}` : `evidence in ${path}`
  }

  /** A run before this one died in the middle: it is brought to its end, unless that has happened by itself. */
  const takeUp = async (entry: JournalEntry): Promise<void> => {
    const service = services.get(entry.service)
    if (service === undefined) {
      // Not asked about in this run; what the config no longer has is nobody's to restart.
      if (healer.configOf(entry.service) === null) journal.finish(entry)
      return
    }
    const { facts } = service
    const restart = restartOf(healer.configOf(entry.service))
    const runsAnew = facts.state === 'running' && facts.identity !== null && facts.identity !== entry.identity
    if (runsAnew) {
      journal.finish(entry)
      healer.note(
        entry.service,
        'restarted',
        `${entry.cause}; the run that did it was ended before it could say so`,
      )
    } else if (!healer.acts || restart === null) {
      healer.find(entry.service, 'unfinished', { cause: entry.cause })
    } else if (mayTakeUp(healer.of(entry.service).memory, restart.limit, host.now())) {
      await restartOne(entry.service, `taken up again: ${entry.cause}`, entry)
    } else {
      // From here on it is a service that fails and has no budget left.
      healer.note(entry.service, 'restart-failed', `${entry.cause}; each run was ended in the middle of it`)
      journal.finish(entry)
    }
  }

  const dependents = () =>
    seen.services.map(({ facts }) => ({
      name: facts.name,
      after: (healer.configOf(facts.name)?.features.after ?? []) as string[],
      containers: seen.containers.filter(({ id }) => id === facts.containerId),
      restartable: restartOf(healer.configOf(facts.name)) !== null,
    }))

  return healer
}

const filesOf = (
  { name, target }: JudgedService['facts'],
  { stateDir, logDir }: { stateDir: string; logDir: string },
): { pidFile: string; outputFile: string } => {
  // A name may hold what no file name should.
  const fileName = name.replace(/[^\w.@-]/g, '_').slice(0, 100)
  return {
    pidFile: target.type === 'pidfile' ? target.path : `${stateDir}/${fileName}.pid`,
    outputFile: `${logDir}/output_${fileName}.log`,
  }
}
