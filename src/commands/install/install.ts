import type { LoadedConfig } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { defaultConfig } from '../../config/schema.ts'
import { checksum } from '../../core/checksum.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { starterFault } from '../../plan/cron-lines.ts'
import { minuteSeconds, type PlannedJob } from '../../plan/schedule.ts'
import { type Place, planSchedule } from '../../plan/schedule-steps.ts'
import { starterConfig } from '../../plan/starter-config.ts'
import { everyWords } from '../../plan/timer-units.ts'
import type { InstallChange } from '../../report/install-text.ts'
import { type InstallRecord, loadInstallRecord, saveInstallRecord } from '../../store/install-record.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { starterFacts } from '../init/starter-facts.ts'
import { whereTo } from '../init/where-to.ts'
import { takeLock } from '../take-lock.ts'
import { choosePlace } from './choose-place.ts'
import { afterwards, programNotes } from './doubts.ts'
import { foldersOf, makeFolder, missingFolders } from './folders.ts'
import { installJournal } from './journal.ts'
import { type Observed, observe, scheduleFound } from './observe.ts'
import { perform, type Step } from './perform.ts'
import { installResult } from './result.ts'
import { absolute, starterOf, surroundingsOf } from './surroundings.ts'
import { unfinishedFiles } from './unfinished-files.ts'
import { wantedJobs } from './wanted-jobs.ts'
import { wantsJournal } from './wants-journal.ts'

/** Everything is looked at and decided before the first change; a refusal changes nothing. */
export const install = async (context: RunContext): Promise<CommandResult> => {
  const { host, global } = context
  const wanted = await wantedInstall(context)
  if (global.dryRun) return carryOut(context, wanted)
  const lock = takeLock(host, global.stateDir, 'install')
  try {
    return await carryOut(context, wanted)
  } finally {
    if (lock !== null) host.save.releaseLock(lock)
  }
}

interface WantedInstall {
  loaded: LoadedConfig
  observed: Observed
  place: Place
  jobs: PlannedJob[]
  steps: Step[]
  notes: string[]
  /** Not there yet, the outer ones first. */
  missing: string[]
  record: InstallRecord
}

const wantedInstall = async (context: RunContext): Promise<WantedInstall> => {
  const { host, global, options } = context
  const { path, existing } = whereTo(host, global.config)
  const loaded: LoadedConfig =
    existing === null
      ? { config: defaultConfig(), path: null, warnings: [] }
      : await loadConfig(host, global.config)
  const observed = await observe(host)
  const before = loadInstallRecord(host.save, global.stateDir)
  const place = choosePlace(host, observed, options.scheduler, before?.scheduler ?? null)
  const every = options.every === undefined ? null : (options.every as number)
  const jobs = wantedJobs(context, every, loaded, place, before)
  const starter = starterOf(host, existing ?? path, global, before?.engine ?? null)
  const fault = starterFault(place === 'timers' ? [] : jobs, starter)
  if (fault !== null)
    throw new HealthError(exitCode.critical, `${fault}; nothing was changed`, 'install the program elsewhere')
  const plan = planSchedule(scheduleFound(observed, before?.scheduler ?? null, 'install'), {
    place,
    jobs,
    starter,
    surroundings: surroundingsOf(host, loaded, global),
    force: options.force === true,
  })
  if ('refusal' in plan)
    throw new HealthError(
      plan.isDenied ? exitCode.noPermission : exitCode.critical,
      `${plan.refusal}; nothing was changed`,
      plan.mend,
    )
  const config = existing === null ? starterConfig(await starterFacts(host)) : null
  const missing = missingFolders(
    host,
    foldersOf(context, path, place === 'timers' ? observed.unitFolder : null),
  )
  return {
    loaded,
    observed,
    place,
    jobs,
    steps: [
      ...(config === null ? [] : [{ kind: 'config' as const, path, after: config }]),
      ...plan.steps,
      ...unfinishedFiles(host, observed.unitFolder),
    ],
    notes: [...loaded.warnings, ...programNotes(host, starter.program), ...plan.notes],
    missing,
    record: {
      scheduler: place === 'timers' ? 'systemd' : 'cron',
      checkSeconds: jobs.find(({ command }) => command === 'check')?.everySeconds ?? minuteSeconds,
      engine: starter.engine ?? null,
      config: config === null ? (before?.config ?? null) : { path, sum: checksum(config) },
      folders: [...new Set([...(before?.folders ?? []), ...missing, ...journalFolder(host, loaded)])],
    },
  }
}

const journalFolder = (host: Host, loaded: LoadedConfig): string[] =>
  wantsJournal(host, loaded) ? missingFolders(host, ['/etc/systemd/journald.conf.d']) : []

const carryOut = async (context: RunContext, wanted: WantedInstall): Promise<CommandResult> => {
  const { host, global } = context
  const { observed, steps, missing, record, jobs, loaded, place } = wanted
  context.holdTimeout()
  const changes: InstallChange[] = []
  const isWell = (): boolean => changes.every(({ outcome }) => outcome !== 'failed')
  const makeFolders = (paths: readonly string[]): void => {
    for (const path of paths) if (isWell()) changes.push(makeFolder(host, path, global.dryRun))
  }
  // The record as early as can be: what a killed run has made is known by it.
  const isForRecord = (path: string): boolean => `${absolute(host, global.stateDir)}/`.startsWith(`${path}/`)
  makeFolders(missing.filter(isForRecord))
  if (!global.dryRun && isWell()) {
    const saved = saveInstallRecord(host.save, global.stateDir, record)
    if (saved.kind === 'failed')
      changes.push({ change: 'file', path: saved.what, outcome: 'failed', detail: saved.detail })
  }
  makeFolders(missing.filter((path) => !isForRecord(path)))
  const stateDir = global.dryRun ? null : global.stateDir
  if (isWell())
    changes.push(...(await perform(host, steps, observed.scope, 'asked for by install', stateDir)))
  const journal = isWell() ? await installJournal(context, loaded) : null
  if (journal?.change) changes.push(journal.change)
  const { doubts, words } =
    isWell() && !global.dryRun ? await afterwards(context, loaded, place) : { doubts: [], words: [] }
  return installResult(context, {
    schema: 'install@1',
    steps,
    file: journal?.file ?? null,
    changes,
    notes: [...wanted.notes, ...(journal?.notes ?? []), ...doubts, ...words],
    hasDoubts:
      doubts.length > 0 || programNotes(host, host.program).length > 0 || journal?.isDoubtful === true,
    jobs: jobs.map(({ command, everySeconds }) => ({ command, everySeconds })),
    jobLines: jobs.map(({ command, everySeconds }) => `  ${command} ${everyWords(everySeconds)}`),
    place,
    next: 'see it at work: oratio-health check -v; take it away: oratio-health uninstall',
  })
}
