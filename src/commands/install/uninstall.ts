import { exitCode, HealthError } from '../../core/errors.ts'
import { otherScheduler, type Scheduler } from '../../core/scheduler.ts'
import { placesOf, planRemoval, type Refusal, type SchedulePlan } from '../../plan/schedule-steps.ts'
import type { InstallChange } from '../../report/install-text.ts'
import { type InstallRecord, loadInstallRecord, saveInstallRecord } from '../../store/install-record.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { isThere } from '../doctor/found.ts'
import { takeLock } from '../take-lock.ts'
import { askedScheduler } from './asked-scheduler.ts'
import { uninstallJournal } from './journal.ts'
import { leftovers, limitedServices, limitNotes } from './leftovers.ts'
import { type Observed, observe, scheduleFound } from './observe.ts'
import { perform, type Step } from './perform.ts'
import { planPurge } from './purge.ts'
import { installResult } from './result.ts'
import { runningCommand } from './running-command.ts'
import { ownTextfile } from './textfile.ts'
import { stampSteps } from './timer-stamps.ts'
import { unfinishedFiles } from './unfinished-files.ts'
import { unfinishedRestarts } from './unfinished-restarts.ts'

const reason = 'asked for by uninstall'

/** The schedule first, so that nothing new starts; state and logs last, since they say what else there is. */
export const uninstall = async (context: RunContext): Promise<CommandResult> => {
  const { host, global } = context
  // A lock would make the state folder, and the host is to be left without.
  if (global.dryRun || !isThere(host, global.stateDir)) return carryOut(context)
  const lock = takeLock(host, global.stateDir, 'install')
  try {
    return await carryOut(context)
  } finally {
    if (lock !== null) host.save.releaseLock(lock)
  }
}

const carryOut = async (context: RunContext): Promise<CommandResult> => {
  const { host, global, options } = context
  const asked = askedScheduler(options.scheduler)
  const observed = await observe(host)
  const record = loadInstallRecord(host.save, global.stateDir)
  const found = scheduleFound(observed, record?.scheduler ?? null, 'uninstall')
  const plan = planRemoval(found, asked === null ? [] : placesOf[otherScheduler[asked]])
  if ('refusal' in plan)
    throw new HealthError(
      plan.isDenied ? exitCode.noPermission : exitCode.critical,
      `${plan.refusal}; nothing was changed`,
      plan.mend,
    )
  context.holdTimeout()
  const stateDir = global.dryRun ? null : global.stateDir
  if (asked !== null && hasSteps(planRemoval(found, placesOf[asked])))
    return uninstallOne(context, { asked, plan, observed, record, stateDir })
  const changes: InstallChange[] = []
  const isWell = (): boolean => changes.every(({ outcome }) => outcome !== 'failed')
  const steps: Step[] = [
    ...plan.steps,
    ...stampSteps(host, observed.scope),
    ...unfinishedFiles(host, observed.unitFolder),
  ]
  changes.push(...(await perform(host, steps, observed.scope, reason, stateDir)))
  const journal = isWell() ? await uninstallJournal(context) : null
  if (journal?.change) changes.push(journal.change)
  const limited = limitedServices(host, global.stateDir)
  const isHeldBack = options.purge === true && limited.length > 0
  const isPurge = options.purge === true && !isHeldBack
  const left = [
    ...leftovers(host, global, record, observed, isPurge),
    ...limitNotes(limited, options.purge === true),
  ]
  const figures = await ownTextfile(host, global.config)
  // A check that still runs would write it, state and logs anew; one that cron has started brings its restart to an end.
  const goes = isPurge || figures.steps.length > 0
  const running =
    isWell() && stateDir !== null ? await runningCommand(host, stateDir, goes ? null : ['check']) : null
  const unfinished =
    isWell() && stateDir !== null && running !== 'check' ? unfinishedRestarts(host, stateDir, isPurge) : []
  if (isWell() && (running === null || !goes)) {
    const more = [...figures.steps, ...planPurge(host, global, record, isPurge)]
    steps.push(...more)
    changes.push(...(await perform(host, more, observed.scope, reason, stateDir)))
  }
  return uninstallResult(context, {
    steps,
    file: journal?.file ?? null,
    // A folder that others have put something into stays, and that is no change.
    changes: changes.filter(({ outcome }) => outcome !== 'skipped'),
    notes: [
      ...plan.notes,
      ...(journal?.notes ?? []),
      ...left,
      ...(figures.unread === null ? [] : [figures.unread]),
      ...unfinished,
      ...(running === null || !goes
        ? []
        : [
            `${running} still runs, so ${isPurge ? 'state and logs stay' : 'its figures stay'}; run this again when it has ended`,
          ]),
    ],
    hasDoubts:
      isHeldBack ||
      figures.unread !== null ||
      unfinished.length > 0 ||
      (running !== null && goes) ||
      journal?.isDoubtful === true,
  })
}

/** What is not known might be something. */
const hasSteps = (plan: SchedulePlan | Refusal): boolean => 'refusal' in plan || plan.steps.length > 0

/** Of two schedules that of one scheduler: the other still needs all else. */
const uninstallOne = async (
  context: RunContext,
  { asked, plan, observed, record, stateDir }: OneSchedule,
): Promise<CommandResult> => {
  const { host, options } = context
  const other = otherScheduler[asked]
  const steps: Step[] = [...plan.steps, ...(asked === 'systemd' ? stampSteps(host, observed.scope) : [])]
  const changes = await perform(host, steps, observed.scope, reason, stateDir)
  // So that the next install without a name keeps what is there.
  if (stateDir !== null && record !== null && record.scheduler !== other)
    saveInstallRecord(host.save, stateDir, { ...record, scheduler: other })
  const isHeldBack = options.purge === true
  const stays = isHeldBack ? 'state, logs and config' : 'all else'
  return uninstallResult(context, {
    steps,
    file: null,
    changes,
    notes: [
      ...plan.notes,
      `what ${other} starts stays, and with it ${stays}: \`uninstall\` without --scheduler takes it too`,
    ],
    hasDoubts: isHeldBack,
  })
}

interface OneSchedule {
  asked: Scheduler
  plan: SchedulePlan
  observed: Observed
  record: InstallRecord | null
  /** Null: a dry run. */
  stateDir: string | null
}

const uninstallResult = (
  context: RunContext,
  ended: Pick<Parameters<typeof installResult>[1], 'steps' | 'file' | 'changes' | 'notes' | 'hasDoubts'>,
): CommandResult =>
  installResult(context, { ...ended, schema: 'uninstall@1', jobs: [], jobLines: [], place: null, next: null })
