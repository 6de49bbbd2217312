import type { Command, GlobalOptions } from './commands/command.ts'
import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { runCommand } from './commands/run-command.ts'
import { endStatus, exitCode } from './core/errors.ts'
import { makeEndSignals } from './host/end-signals.ts'
import { makeOutput } from './host/output.ts'
import { makeHost } from './host/real.ts'
import { appendLog, logText } from './store/log.ts'
import { resolvePaths } from './store/paths.ts'
import { type Arguments, operandBound, usualArguments, usualCommand } from './usual-arguments.ts'

declare const __VERSION__: string
declare const __BUILD__: string

const startedAtMs = Date.now()

const main = async (argv: readonly string[]): Promise<number> => {
  const out = makeOutput(process)
  try {
    return (
      (await runUsual(argv)) ??
      (await (
        await import('./program.ts')
      ).runProgram(argv, __VERSION__, runEntry, (text) => out.stdout(text)))
    )
  } catch (error) {
    const [{ reportError }, { hostname }] = await Promise.all([
      import('./report-error.ts'),
      import('node:os'),
    ])
    const run = { json: argv.includes('--json'), version: __VERSION__, hostname: hostname() }
    return reportError(error, { ...run, startedAtMs, finishedAtMs: Date.now() }, out, process.env)
  }
}

/** Null: written in a way that commander has to read. */
const runUsual = async (argv: readonly string[]): Promise<number | null> => {
  const name = usualCommand(argv)
  const entry = commandRegistry.find((one) => one.name === name || one.aliases?.includes(name ?? ''))
  if (entry === undefined) return null
  const { command } = await entry.load()
  const given = usualArguments(argv, command.options ?? [], operandBound(command.arguments))
  return given === null ? null : runEntry(entry, command, given)
}

const runEntry = async (
  entry: CommandEntry,
  command: Command,
  { options, global: given, operands }: Arguments,
): Promise<number> => {
  const text = (name: string): string | undefined => given[name] as string | undefined
  const { config, stateDir, logDir } = resolvePaths({
    uid: process.getuid?.() ?? -1,
    env: process.env,
    flags: { config: text('config'), stateDir: text('stateDir'), logDir: text('logDir') },
  })
  const global: GlobalOptions = {
    config,
    stateDir,
    logDir,
    json: given.json === true,
    quiet: given.quiet === true,
    verbose: given.verbose === true,
    dryRun: given.dryRun === true,
  }
  const signals = makeEndSignals(process)
  const host = makeHost({
    root: text('root') ?? '/',
    dryRun: global.dryRun,
    logAction: (onHost, lines) => {
      const logged = appendLog(onHost.save, logDir, command.logStem, onHost.now(), lines)
      if (logged.kind !== 'value') onHost.out.stderr(logText(onHost.now(), lines))
    },
    out: makeOutput(process, { color: given.color !== false && !global.json }),
    onEndSignal: signals.take,
  })
  let noteEnd = (_: number): void => {}
  // State is only ever written by atomic steps, so between them an end is safe: give the lock back and go.
  signals.otherwise((signal) => {
    noteEnd(endStatus[signal])
    host.save.releaseAllLocks()
    process.exit(endStatus[signal])
  })
  return runCommand(command, host, {
    name: entry.name,
    version: __VERSION__,
    build: __BUILD__,
    args: operands,
    options,
    global,
    timeoutSeconds: (given.timeout as number | undefined) ?? command.timeoutSeconds,
    onBegun: (end) => {
      noteEnd = end
    },
  })
}

// Ends at once: a socket that never answered must not hold a run that is over. Writes to files, pipes and terminals
// are synchronous on Linux, so nothing printed is lost.
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(exitCode.critical)
  },
)
