import type { Config } from '../config/config.ts'
import type { Finding } from '../core/finding.ts'
import type { CheckResult } from '../core/service.ts'
import { observedOf, type Transition, transition } from '../core/transition.ts'
import { checkLog } from '../report/check-log.ts'
import type { Notice } from '../report/notice.ts'
import { journalPath } from '../store/paths.ts'
import type { State } from '../store/state.ts'
import { asksWho, compositionIsDue } from './attribution-due.ts'
import { commandResult, resultOf, withOwn } from './check-result.ts'
import { chosenServices, requireFound } from './chosen-services.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { isGrowthDue } from './growth-due.ts'
import type { Healed } from './heal.ts'
import type { Errands } from './healer.ts'
import { type Look, look } from './look.ts'
import { jobsScheduled, overdueJobs } from './overdue-jobs.ts'
import { openState, recordState, recordStateAnew, recordsRun, showUnlogged, writeLog } from './record.ts'
import { recordLast, recordMetrics } from './record-results.ts'
import { hooksOf, startOf } from './service-config.ts'
import { frozenFindings, thawLeft } from './thaw-left.ts'

export const command: Command = {
  arguments: '[service...]',
  options: [
    { flags: '--no-act', help: 'look, judge and record, but restart nothing' },
    {
      flags: '--reset',
      help: 'forget failed checks, restarts and budget of the services named (all without a name)',
    },
  ],
  config: 'load',
  lock: true,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: 50,
  showsElapsed: true,
  run: (context) => check(context),
}

const check = async (context: RunContext): Promise<CommandResult> => {
  const { host, loaded, args } = context
  if (loaded === null) throw new Error('check runs with a config')
  const startedAtMs = host.now()
  const before = openState(context)
  const stillFrozen = frozenFindings(await thawLeft(context))
  const errands = await errandsFor(context, loaded.config)
  const { teller, hooks } = errands
  teller?.start()
  const looked = await look(
    host,
    loaded.config,
    chosenServices(loaded.config, args),
    before.state,
    context.remainingMs,
  )
  const observed = await withLeftovers(context, chosen(looked, args), before.state)
  const unrecorded = await recorded(context, observed, before.state)
  const withServices = await attributed(context, await withHistory(context, loaded.config, observed))
  const seen = await withOrphans(context, loaded.config, withServices)
  const rehearsed = (await hooks?.runDue(seen.services)) ?? []
  const jobs = recordsRun(context) ? await overdueJobs(context, before.state) : null
  const healed = await healing(context, loaded.config, seen, before.state, errands)
  const uncut = await outputsCut(context, loaded.config, seen)
  const ownFindings = [
    ...before.findings,
    ...stillFrozen,
    ...unrecorded,
    ...uncut,
    ...(jobs?.findings ?? []),
    ...healed.ownFindings,
  ]
  const seenAndOwn = resultOf(context, seen, healed, ownFindings, startedAtMs)
  const lines = checkLog(seenAndOwn)
  // Before the problems are compared with those told of: a log that cannot be written is told once, not at every run.
  const unlogged = writeLog(context, 'health', lines)
  const result = withOwn(seenAndOwn, unlogged)
  const settle = async (settled: CheckResult): Promise<Settled> => {
    const due = transition(
      before.state.told,
      observedOf(settled),
      startedAtMs,
      loaded.config.notify.remindSeconds,
      args.length === 0 ? null : args,
      Object.keys(loaded.config.services),
    )
    const notice = teller === null ? null : await noticeFor(settled, due)
    // On the disk before the state says that it was told.
    teller?.keep(notice)
    return { due, notice, state: nextState(before.state, seen, healed, due, jobs?.remember) }
  }
  const expected = await settle(result)
  const troubles = recordState(context, expected.state)
  const recordedWhole = withOwn(result, troubles)
  await recordLast(context, recordedWhole)
  const figures = await recordMetrics(context, loaded.config, healed, jobsScheduled(jobs?.remember))
  const whole = withOwn(recordedWhole, figures)
  // Told like all others: once, and not by each run anew.
  const late = [...troubles, ...figures].filter(({ code }) => code !== 'not-pruned')
  const { due, notice, state } = late.length === 0 ? expected : await settle(withOwn(result, late))
  if (late.length > 0) recordStateAnew(context, state)
  if (unlogged.length > 0 && (await isNews(whole, due))) showUnlogged(context, lines)
  const said = teller === null ? [] : await teller.finish(await endOf(whole))
  const wouldDo = context.global.dryRun
    ? [...rehearsed, ...healed.wouldDo, ...(teller?.rehearse(notice) ?? [])]
    : []
  return commandResult(context, whole, due, wouldDo, [...healed.notes, ...said])
}

/** What people are to be told now, and what the next run must know of it. */
interface Settled {
  due: Transition
  notice: Notice | null
  state: State
}

/** What cleanup-tmp should have removed, where it has rules. */
const withLeftovers = async (context: RunContext, seen: Look, state: State): Promise<Look> => {
  const { host, loaded } = context
  if (!host.live || (loaded?.config.cleanup.length ?? 0) === 0) return seen
  const { leftovers } = await import('./cleanup/leftovers.ts')
  const { findings, remember } = await leftovers(context, state.remembered.cleanup)
  return {
    ...seen,
    findings: [...seen.findings, ...findings],
    remembered: { ...seen.remembered, cleanup: remember },
  }
}

/** Adds what was seen to the history. */
const recorded = async (context: RunContext, seen: Look, state: State): Promise<Finding[]> => {
  if (!recordsRun(context)) return []
  const { recordHistory } = await import('./record-history.ts')
  return recordHistory(
    context,
    seen.services.map(({ facts }) => facts),
    state.savedAtMs,
  )
}

/** What services print that we have started is kept small. */
const outputsCut = async (context: RunContext, config: Config, seen: Look): Promise<Finding[]> => {
  const startsAny = Object.values(config.services).some((service) => startOf(service).length > 0)
  if (!startsAny || !recordsRun(context)) return []
  const { cutOutputs } = await import('./cut-outputs.ts')
  return cutOutputs(context, config, seen)
}

/** Growth and forecast, where they are asked for or stand out; the sample of this run is recorded already. */
const withHistory = async (context: RunContext, { services }: Config, seen: Look): Promise<Look> => {
  if (!context.host.live || seen.services.length === 0) return seen
  const due = new Set(seen.services.filter((service) => isGrowthDue(context, services, service)))
  if (due.size === 0) return seen
  const { withGrowth } = await import('./service-growth.ts')
  return { ...seen, services: withGrowth(context, services, seen.services, due) }
}

/** Who grows in a service; what services are made of is written down now and then, to compare with later. */
const attributed = async (context: RunContext, seen: Look): Promise<Look> => {
  if (!context.host.live || seen.services.length === 0) return seen
  const records = recordsRun(context)
  const isWanted = seen.services.some(
    (service) => asksWho(service) || (records && compositionIsDue(context, service.facts)),
  )
  if (!isWanted) return seen
  const { withAttribution } = await import('./attribute.ts')
  return { ...seen, services: withAttribution(context, seen.services) }
}

/** What the rules for orphans would end; most configs have none, and a captured host none that could be ended. */
const withOrphans = async (context: RunContext, config: Config, seen: Look): Promise<Look> => {
  if (!context.host.live || config.orphans.length === 0) return seen
  const { orphansLeft } = await import('./orphans/orphans-left.ts')
  return { ...seen, findings: [...seen.findings, ...(await orphansLeft(context, config))] }
}

/** Most configs have neither targets nor hooks, and load nothing of them. */
const errandsFor = async (context: RunContext, config: Config): Promise<Errands> =>
  config.notify.targets.length > 0 ||
  Object.values(config.services).some((service) => hooksOf(service).length > 0)
    ? (await import('./errands.ts')).makeErrands(context, config)
    : { teller: null, hooks: null }

const noticeFor = async (result: CheckResult, due: Transition): Promise<Notice | null> =>
  (await import('../report/notice.ts')).noticeOf(result, due)

/** Without it not even a run whose log cannot be written says anything, or cron would mail each. */
const isNews = async (result: CheckResult, due: Transition): Promise<boolean> =>
  (await import('../report/check-problems.ts')).checkProblems(result, due).length > 0

/** The state of all, for a dead man's switch. */
const endOf = async (result: CheckResult): Promise<Notice> =>
  (await import('../report/notice.ts')).endNotice(result)

/** Without a service there is nothing to count and nothing to heal, unless a run before has left something. */
const healing = async (
  context: RunContext,
  config: Config,
  seen: Look,
  state: State,
  errands: Errands,
): Promise<Healed> => {
  const { host, global } = context
  const isIdle = seen.services.length === 0 && host.save.info(journalPath(global.stateDir)).kind === 'absent'
  if (host.live && isIdle)
    return { services: [], restarts: seen.restarts, ownFindings: [], wouldDo: [], notes: [] }
  const { heal } = await import('./heal.ts')
  return heal(context, config, seen, state, errands)
}

/** Without services in the config the names on the command line are of what was found. */
const chosen = (seen: Look, names: readonly string[]): Look => {
  if (names.length === 0) return seen
  const found = seen.services.map(({ facts }) => facts)
  if (found.some(({ configured }) => configured)) return seen
  requireFound(
    names,
    found.map(({ name }) => name),
  )
  return { ...seen, services: seen.services.filter(({ facts }) => names.includes(facts.name)) }
}

const nextState = (
  state: State,
  seen: Look,
  healed: Healed,
  due: Transition,
  jobs: unknown = state.remembered.jobs,
): State => ({
  ...state,
  restarts: healed.restarts,
  remembered: { ...state.remembered, ...seen.remembered, ...(jobs === undefined ? {} : { jobs }) },
  told: due.told,
})
