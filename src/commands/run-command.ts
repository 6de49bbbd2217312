import type { LoadedConfig } from '../config/config.ts'
import type { Keeping } from '../config/kept.ts'
import { loadConfig } from '../config/load.ts'
import { exitCode, exitCodeOf, HealthError } from '../core/errors.ts'
import { formatDuration } from '../core/units.ts'
import type { Host } from '../host/host.ts'
import { documentHead, documentText } from '../report/document-head.ts'
import { speller } from '../report/glyphs.ts'
import { beginRun, endRun, jobRunsPath } from '../store/job-runs.ts'
import { keptConfigPath } from '../store/paths.ts'
import type { Command, CommandResult, GlobalOptions, RunContext } from './command.ts'
import { showElapsed } from './show-elapsed.ts'
import { takeLock } from './take-lock.ts'

export interface Invocation {
  name: string
  version: string
  /** Tells one build of this program from another; without it nothing is kept of the config. */
  build?: string
  args: readonly string[]
  options: Readonly<Record<string, unknown>>
  global: GlobalOptions
  /** Of the whole run, in seconds; null: no bound. */
  timeoutSeconds: number | null
  /** By `watch`, which has read it already. */
  loaded?: LoadedConfig
  /** Takes what notes the end of the run, for who ends it in the middle; what is noted first holds. */
  onBegun?(end: (code: number) => void): void
}

/** The life cycle that every command shares: lock → config → run → print → exit status. Returns the exit status. */
export const runCommand = async (command: Command, host: Host, call: Invocation): Promise<number> => {
  if (!host.live && !command.observesOnly)
    throw new HealthError(exitCode.usage, `${call.name} changes the host, so it does not take --root`)
  if (call.timeoutSeconds === 0)
    throw new HealthError(
      exitCode.usage,
      '--timeout leaves no time to run',
      'give it some, e.g. --timeout 50s',
    )
  const startedAtMs = host.now()
  // Without one, e.g. on a full disk, the run goes on, and `record` reports the folder.
  const lock = command.lock && host.live ? takeLock(host, call.global.stateDir, call.name) : null
  const isBlind = command.lock && host.live && lock === null && command.recordsOptional !== true
  if (isBlind && command.looksOnly?.(call.args) !== true)
    (await import('./may-not-read.ts')).requireReadable(host.save, call.global.stateDir)
  const noteEnd = lock === null ? () => {} : noteRun(command, host, call)
  call.onBegun?.(noteEnd)
  const timeout = startTimeout(host, call)
  const { json, quiet } = call.global
  const endProgress = command.showsElapsed && !json && !quiet ? showElapsed(host, call.name) : () => {}
  // Of a defect, which is none of the errors that carry a status.
  let code: number = exitCode.critical
  try {
    const context = await makeContext(command, host, call, timeout)
    // A run that waits for nothing would be over before the timer is asked.
    if (timeout.remainingMs() === 0 && command.endsInTime !== true) throw timedOut(call)
    const result = await Promise.race([command.run(context), timeout.expired])
    endProgress()
    code = result.isPrinted
      ? (result.exitCode ?? exitCodeOf(result.status))
      : await print(result, host, call, startedAtMs)
    return code
  } catch (error) {
    if (error instanceof HealthError) code = error.code
    throw error
  } finally {
    endProgress()
    timeout.hold()
    noteEnd(code)
    if (lock !== null) host.save.releaseLock(lock)
  }
}

/** Records that the job has begun; the answer records how it ended. A run that is killed stays begun. */
const noteRun = (command: Command, { save, now }: Host, call: Invocation): ((code: number) => void) => {
  if (call.global.dryRun || command.looksOnly?.(call.args) === true) return () => {}
  const path = jobRunsPath(call.global.stateDir, call.name)
  let begun = beginRun(save, path, now())
  return (code) => {
    if (begun !== null) endRun(save, path, begun, now(), code)
    begun = null
  }
}

const makeContext = async (
  command: Command,
  host: Host,
  call: Invocation,
  timeout: RunTimeout,
): Promise<RunContext> => ({
  host,
  version: call.version,
  loaded:
    call.loaded ??
    (command.config === 'load' ? await loadConfig(host, call.global.config, keepingOf(command, call)) : null),
  args: call.args,
  options: call.options,
  global: call.global,
  remainingMs: timeout.remainingMs,
  holdTimeout: timeout.hold,
})

/** Written by those alone that have the state folder to themselves. */
const keepingOf = (command: Command, { build, global, args }: Invocation): Keeping | null =>
  build === undefined
    ? null
    : {
        path: keptConfigPath(global.stateDir),
        build,
        writes: command.lock && !global.dryRun && command.looksOnly?.(args) !== true,
      }

interface RunTimeout {
  /** Rejects when the time is up; never where there is no bound. */
  expired: Promise<never>
  remainingMs(): number
  hold(): void
}

const startTimeout = (host: Host, call: Invocation): RunTimeout => {
  const seconds = call.timeoutSeconds
  if (seconds === null)
    return { expired: new Promise(() => {}), remainingMs: () => Number.POSITIVE_INFINITY, hold: () => {} }
  const remainingMs = (): number => Math.max(0, seconds * 1000 - host.elapsedMs())
  const timer = host.timer(remainingMs())
  const expired = timer.done.then(() => Promise.reject(timedOut(call)))
  // When the run ends first nobody waits for this any more.
  expired.catch(() => {})
  return { expired, remainingMs, hold: timer.cancel }
}

const timedOut = (call: Invocation): HealthError =>
  new HealthError(
    exitCode.unknown,
    `${call.name} did not end within ${boundWords(call.timeoutSeconds ?? 0)}`,
    'something on this host hangs (engine, disk, systemd): `oratio-health doctor` says what; --timeout gives more time',
  )

const boundWords = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)}ms` : formatDuration(seconds)

/** On a terminal and with -v the text is printed, elsewhere the problems alone. */
export const showsText = (
  when: CommandResult['textWhen'],
  { out }: Host,
  { json, quiet, verbose }: GlobalOptions,
): boolean => !json && !quiet && (when === 'always' || out.stdoutIsTerminal || verbose)

const print = async (
  result: CommandResult,
  host: Host,
  call: Invocation,
  startedAtMs: number,
): Promise<number> => {
  const code = result.exitCode ?? exitCodeOf(result.status)
  const { json, quiet, verbose } = call.global
  if (json) {
    const head = documentHead({
      schema: result.document?.schema ?? `${call.name}@1`,
      version: call.version,
      hostname: host.hostname,
      startedAtMs,
      finishedAtMs: host.now(),
      status: result.status,
      exitCode: code,
    })
    host.out.stdout(documentText({ ...head, ...result.document?.body }))
  } else if (!quiet) {
    const { columns, color } = host.out
    const isText = showsText(result.textWhen, host, call.global)
    const words = isText
      ? result.text({ columns, color, verbose })
      : result.problems.map((line) => `${line}\n`).join('')
    // Where there is nothing to tell, as each minute by cron, nothing is loaded for it.
    const told = words === '' ? words : (await speller(result.isFile ? {} : host.env))(words)
    if (isText) host.out.stdout(told)
    else if (told !== '') host.out.stderr(told)
  }
  return code
}
