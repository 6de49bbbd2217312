import type { JudgedService } from '../checks/judge.ts'
import type { Config } from '../config/config.ts'
import { worstStatus } from '../core/finding.ts'
import { freshHooks, type ServiceHooks } from '../core/hook-memory.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import { type DueHook, decideHooks, owing, restartHooks } from '../plan/hooks.ts'
import { hookLabel } from '../report/hook-words.ts'
import { loadHookStates, saveHookStates } from '../store/hook-states.ts'
import type { RunContext } from './command.ts'
import { lastingSave, recordsRun } from './record.ts'
import type { RunFailures } from './run-failures.ts'
import { logOf, runHook } from './run-hook.ts'
import { configOf, hooksOf, inMaintenance } from './service-config.ts'

/** Of what remains of a run, for all its hooks: restarts and telling come after them. */
const share = 1 / 3
/** What has less than this does not begin. */
const leastMs = 1000
/** A restart is not bound to the run's time, so a hook before it has this at least. */
const beforeRestartMs = 10_000

export interface HookRunner {
  /** What is due by mark, schedule or state. Returns what a dry run would have run. */
  runDue(services: readonly JudgedService[]): Promise<string[]>
  /** The last rung before a restart; what came of it, for the restart's own history. */
  beforeRestart(facts: ServiceFacts): Promise<string>
}

interface Turn {
  facts: ServiceFacts
  hook: DueHook
  /** Of its service, when it has run. */
  after: ServiceHooks
}

export const makeHookRunner = (context: RunContext, config: Config, failures: RunFailures): HookRunner => ({
  runDue: (services) => runDue(context, config, failures, services),
  async beforeRestart(facts) {
    const words: string[] = []
    for (const hook of restartHooks(hooksOf(configOf(config.services, facts.name)))) {
      const mostMs = Math.max(context.remainingMs() * share, beforeRestartMs)
      words.push((await runHook(context, failures, facts, hook, mostMs)).words)
    }
    return words.join('; ')
  },
})

/**
 * One after the other, within their share of the run; who had no time in the run before goes first. With --no-act and in
 * a maintenance window a hook waits: the crossing is still one when the window is over.
 */
const runDue = async (
  context: RunContext,
  config: Config,
  failures: RunFailures,
  services: readonly JudgedService[],
): Promise<string[]> => {
  const { host, global } = context
  if (!host.live || context.options.act === false) return []
  const lasting = lastingSave(context)
  const states = loadHookStates(lasting, global.stateDir)
  const next = new Map<string, ServiceHooks>(states)
  const turns = services.flatMap((service) => turnsOf(context, config, states, next, service))
  turns.sort((a, b) => Number(b.hook.isOwed) - Number(a.hook.isOwed))
  const save = (): void => {
    if (recordsRun(context)) saveHookStates(lasting, global.stateDir, next)
  }
  const rehearsed: string[] = []
  let leftMs = context.remainingMs() * share
  const enoughMs = Math.min(leastMs, leftMs)
  for (const { facts, hook, after } of turns) {
    if (leftMs < enoughMs) {
      logOf(context)(
        'WARN',
        `${hookLabel(facts.name, hook.why)} waits for the next run: no time is left for it`,
      )
      continue
    }
    const now = next.get(facts.name) ?? after
    const ran = after.hooks[hook.key]
    if (ran !== undefined) next.set(facts.name, { ...now, hooks: { ...now.hooks, [hook.key]: ran } })
    // Remembered first: a hook that ends this program, or the host, does not run again for the same crossing.
    save()
    const beganMs = host.elapsedMs()
    const { words, isRehearsed } = await runHook(context, failures, facts, hook, leftMs)
    leftMs -= host.elapsedMs() - beganMs
    if (isRehearsed) rehearsed.push(words)
  }
  if (!isSame(states, next)) save()
  return rehearsed
}

/** What is due of a service; until it has run, `next` has each as owed. */
const turnsOf = (
  { host }: RunContext,
  config: Config,
  states: ReadonlyMap<string, ServiceHooks>,
  next: Map<string, ServiceHooks>,
  { facts, findings }: JudgedService,
): Turn[] => {
  const settings = configOf(config.services, facts.name)
  const hooks = hooksOf(settings)
  if (hooks.length === 0 || inMaintenance(settings, host.now())) return []
  const before = states.get(facts.name) ?? freshHooks
  const memory = valueOrNull(facts.memory)
  const { due, after } = decideHooks(hooks, before, {
    nowMs: host.now(),
    memoryBytes: memory?.leakBytes ?? null,
    limitBytes: memory?.limitBytes ?? null,
    status: worstStatus(findings.map(({ status }) => status)),
  })
  next.set(
    facts.name,
    due.reduce((state, { key }) => owing(state, before, key), after),
  )
  return due.map((hook) => ({ facts, hook, after }))
}

const isSame = (a: ReadonlyMap<string, ServiceHooks>, b: ReadonlyMap<string, ServiceHooks>): boolean =>
  JSON.stringify([...a]) === JSON.stringify([...b])
