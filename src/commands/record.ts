import type { Finding, Status } from '../core/finding.ts'
import type { LogLine } from '../core/log-line.ts'
import { type Absent, type Failed, failed, type Reading, value } from '../core/reading.ts'
import type { Host, HostSave } from '../host/host.ts'
import { appendLog, logText } from '../store/log.ts'
import { statePath } from '../store/paths.ts'
import { prune, pruneIsDue } from '../store/prune.ts'
import { readLedger, restartsFromLedger, withLedger } from '../store/restart-ledger.ts'
import { removeSecond, secondPlaceOf, withSecondPlace } from '../store/second-place.ts'
import { freshState, loadState, type State, saveState } from '../store/state.ts'
import type { RunContext } from './command.ts'

/**
 * What a run keeps of itself. A place that cannot be written never stops the run: it becomes a finding on this tool
 * itself, since a check that nobody can read about later was done in part only.
 */
export interface Opened {
  state: State
  findings: Finding[]
}

/** The state of the run before. A captured host has none: what was there is not what is here. */
export const openState = (context: RunContext): Opened => {
  const { host, global, loaded } = context
  if (!host.live) return { state: freshState(), findings: [] }
  const { state: stored, problem } = loadState(lastingSave(context), statePath(global.stateDir), host.now())
  const state =
    problem !== null || stored.savedAtMs === null ? withLostRestarts(host, global.logDir, stored) : stored
  const warnings = (loaded?.warnings ?? []).map((detail, i) =>
    ownFinding('config', 'warning', 'warning', { detail }, `${i + 1}`),
  )
  const findings =
    problem === null
      ? []
      : [ownFinding('state', problem.kind, 'warning', { ...problem, file: statePath(global.stateDir) })]
  return { state, findings: [...warnings, ...findings] }
}

/** A state that was lost must not refill the restart budgets: the restart history tells what was used of them. */
const withLostRestarts = (host: Host, logDir: string, state: State): State => ({
  ...state,
  restarts: withLedger(
    state.restarts,
    restartsFromLedger(readLedger(host.save, logDir), host.now()),
    host.now(),
  ),
})

/** Is anything recorded at all? Not of a captured host, nor of a dry run. */
export const recordsRun = ({ host, global }: RunContext): boolean => host.live && !global.dryRun

/** What a run that records nothing reads it does not change either: a broken file stays where it is. */
export const saveOf = (context: RunContext): HostSave =>
  recordsRun(context) ? context.host.save : withoutWriting(context.host.save)

/** For what the next run must know of this one, or it would say and do the same again. */
export const lastingSave = (context: RunContext): HostSave =>
  context.host.live
    ? withSecondPlace(saveOf(context), secondPlaceOf(context.host, context.global.stateDir))
    : saveOf(context)

const withoutWriting = (save: HostSave): HostSave => ({
  ...save,
  ensureFolder: () => value(true),
  replace: () => value(true),
  remove: () => value(true),
  setAside: (path) => failed('refused', path, 'this run writes nothing'),
})

/** Appends the block to `STEM_YYYYMMDD.log`; where that fails it goes to the console with the reason (incident O6). */
export const recordLog = (context: RunContext, stem: string, lines: readonly LogLine[]): Finding[] => {
  const findings = writeLog(context, stem, lines)
  if (findings.length > 0) showUnlogged(context, lines)
  return findings
}

/** As `recordLog`, with nothing on the console. */
export const writeLog = (context: RunContext, stem: string, lines: readonly LogLine[]): Finding[] => {
  if (!recordsRun(context)) return []
  const { host, global } = context
  const logged = appendLog(host.save, global.logDir, stem, host.now(), lines)
  return logged.kind === 'value' ? [] : [unwritable('log', logged, global.logDir)]
}

/** A terminal and --json show the whole state anyway. */
export const showUnlogged = ({ host, global }: RunContext, lines: readonly LogLine[]): void => {
  if (!global.quiet && !global.json && !host.out.stdoutIsTerminal) host.out.stderr(logText(host.now(), lines))
}

/** Saves the state for the next run and, once a day, prunes what is old. */
export const recordState = (context: RunContext, state: State): Finding[] => {
  if (!recordsRun(context)) return []
  const { host, global } = context
  const path = statePath(global.stateDir)
  const folder = host.save.ensureFolder(global.stateDir)
  const saved: Reading<true> =
    folder.kind === 'value' ? saveState(host.save, path, state, host.now()) : folder
  const second = secondPlaceOf(host, global.stateDir)
  if (saved.kind === 'value') removeSecond(host.save, second, path)
  const failures =
    saved.kind === 'value'
      ? []
      : [unwritable('state', saved, global.stateDir, second === null ? {} : { second: second.folder })]
  if (!pruneIsDue(state.savedAtMs, host.now())) return failures
  const { failed: kept } = prune(host.save, global, host.now())
  return [
    ...failures,
    ...kept
      .slice(0, 1)
      .map((first) => ownFinding('log', 'not-pruned', 'warning', { ...reasonOf(first), files: kept.length })),
  ]
}

/** Once more, with what was told of what could not be written; in the second place where that was the state itself. */
export const recordStateAnew = (context: RunContext, state: State): void => {
  if (recordsRun(context))
    saveState(lastingSave(context), statePath(context.global.stateDir), state, context.host.now())
}

const unwritable = (
  check: string,
  reading: Absent | Failed,
  folder: string,
  more: Record<string, string> = {},
): Finding => ownFinding(check, 'unwritable', 'warning', { ...reasonOf(reading), folder, ...more })

export const reasonOf = (reading: Absent | Failed): Record<string, string> =>
  reading.kind === 'failed'
    ? { cause: reading.cause, what: reading.what, detail: reading.detail }
    : { cause: 'io', what: reading.what, detail: 'is not there' }

/** A finding on this tool itself; its wording is in report/sentence-own.ts. */
export const ownFinding = (
  check: string,
  code: string,
  status: Status,
  args: NonNullable<Finding['args']>,
  item?: string,
): Finding => ({
  check,
  code,
  status,
  ...(item === undefined ? {} : { item }),
  value: null,
  unit: null,
  warn: null,
  crit: null,
  args,
})
