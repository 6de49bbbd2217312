import type { JudgedService } from '../checks/judge.ts'
import { clip } from '../core/escape.ts'
import { restartSteps } from '../plan/restart-steps.ts'
import type { ActionJournal, DueRestart } from '../store/action-journal.ts'
import type { JournalEntry } from '../store/journal-text.ts'
import type { RunContext } from './command.ts'
import { endScopeOf } from './end-scope-of.ts'
import type { Healer } from './healer.ts'
import { processFiles } from './process-files.ts'
import { recordsRun } from './record.ts'
import { type Acted, type Preparation, refused, rehearseRestart, restartService } from './restart-service.ts'
import { hooksOf, restartOf, startOf } from './service-config.ts'
import type { Teller } from './tell.ts'

export interface RestartTask {
  service: JudgedService
  cause: string
  /** Restarts that are due once this one is done. */
  due: readonly DueRestart[]
  /** Of a run before, which was killed in the middle. */
  unfinished: JournalEntry | null
  /** Counts it, on the disk; a reason when it cannot. */
  count(): string | null
}

/** Plans the restart of a service by what was seen of it, and makes it, or says why not. */
export const performRestart = async (
  context: RunContext,
  healer: Healer,
  journal: ActionJournal,
  { service, cause, due, unfinished, count }: RestartTask,
): Promise<Acted> => {
  const { host, global } = context
  const { facts } = service
  const settings = healer.configOf(facts.name)
  const scope = await endScopeOf(host, facts)
  if ('impossible' in scope) return refused(scope.impossible)
  // Of processes alone; nothing is loaded for the others.
  const start = startOf(settings)
  const steps = restartSteps({
    facts,
    reason: cause,
    graceSeconds: restartOf(settings)?.grace ?? 3,
    start,
    startWords: start.length === 0 ? '' : (await import('./command-words.ts')).argvWords(start),
    scope,
    files: processFiles(facts, global),
  })
  if ('impossible' in steps) return refused(steps.impossible)
  if (!recordsRun(context))
    return rehearseRestart(
      host,
      cause,
      steps,
      hasRestartHook(healer, facts.name) ? [await runHook(healer, service)] : [],
    )
  context.holdTimeout()
  return restartService({
    host,
    journal,
    service: facts.name,
    cause,
    identity: facts.identity,
    bootId: healer.bootId,
    unfinished,
    due,
    // What was prepared for a restart that was cut off is there already.
    preparations: unfinished === null ? preparationsOf(context, healer, service, cause) : [],
    steps,
    count,
    tell: ({ outcome, reason }) =>
      healer.note(facts.name, outcome === 'done' ? 'restarted' : 'restart-failed', reason),
  })
}

/** The rungs of the ladder below the restart itself, in its order: notify, evidence, hook. */
const preparationsOf = (
  context: RunContext,
  healer: Healer,
  service: JudgedService,
  cause: string,
): Preparation[] => {
  const { teller } = healer
  const { name } = service.facts
  const wantsEvidence = restartOf(healer.configOf(name))?.evidence !== false
  return [
    ...(teller === null
      ? []
      : [{ name: 'notify' as const, make: () => announce(context, teller, name, cause) }]),
    ...(wantsEvidence
      ? [{ name: 'evidence' as const, make: () => keepEvidence(context, service, cause) }]
      : []),
    ...(hasRestartHook(healer, name)
      ? [{ name: 'hook' as const, make: () => runHook(healer, service) }]
      : []),
  ]
}

const announce = async (
  { host }: RunContext,
  teller: Teller,
  name: string,
  cause: string,
): Promise<string> => {
  const { restartNotice } = await import('../report/notice.ts')
  return orDefect(() => teller.now(restartNotice(host.hostname, name, cause)))
}

const hasRestartHook = (healer: Healer, name: string): boolean =>
  hooksOf(healer.configOf(name)).some((hook) => 'on' in hook && hook.on === 'restart')

const runHook = ({ hooks }: Healer, { facts }: JudgedService): Promise<string> =>
  orDefect(async () => (await hooks?.beforeRestart(facts)) ?? '')

/** Nothing that goes wrong before a restart keeps it from being made. */
const orDefect = (make: () => Promise<string>): Promise<string> =>
  make().catch(
    (error: unknown) => `defect: ${clip(error instanceof Error ? error.message : String(error), 200)}`,
  )

const keepEvidence = async (context: RunContext, service: JudgedService, cause: string): Promise<string> => {
  const { path, why } = await (await import('./evidence.ts')).takeEvidence(context, service, cause)
  return path === null ? `no evidence kept: ${why ?? 'it could not be written'}` : `evidence in ${path}`
}
