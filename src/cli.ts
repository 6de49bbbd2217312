import { CommanderError, InvalidArgumentError, Command as Program } from 'commander'
import type { Command, GlobalOptions, OptionSpec } from './commands/command.ts'
import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { runCommand } from './commands/run-command.ts'
import { exitCode } from './core/errors.ts'
import { parseDuration, parsePercent, parseRate, parseSize } from './core/units.ts'
import type { Host } from './host/host.ts'
import { makeOutput } from './host/output.ts'
import { makeHost } from './host/real.ts'
import { documentHead, documentText } from './report/document-head.ts'
import { errorText } from './report/error-text.ts'
import { appendLog, logText } from './store/log.ts'
import { resolvePaths } from './store/paths.ts'

declare const __VERSION__: string

const startedAtMs = Date.now()

const main = async (argv: readonly string[]): Promise<number> => {
  const out = makeOutput(process)
  const state = { code: exitCode.ok as number }
  const program = buildProgram(async (entry, command, sub) => {
    state.code = await runEntry(entry, command, sub)
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return state.code
  } catch (error) {
    // commander has printed its help, version or usage error by now.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    return reportError(error, argv.includes('--json'), out)
  }
}

type Runner = (entry: CommandEntry, command: Command, sub: Program) => Promise<void>

const buildProgram = (run: Runner): Program => {
  const program = withGlobalOptions(new Program('oratio-health'))
    .description(
      'Health checks for hosts with memory leaks: sees the leak, names the culprit, acts within a budget.',
    )
    .version(__VERSION__, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
  const loaded = new Map<Program, Command>()
  for (const entry of commandRegistry) {
    const sub = program
      .command(entry.name)
      .summary(entry.summary)
      .description(entry.summary)
      .aliases([...(entry.aliases ?? [])])
    sub.copyInheritedSettings(program)
    sub.action(async () => {
      const command = loaded.get(sub)
      if (command) await run(entry, command, sub)
    })
  }
  // A verb's own arguments and options are known only once its file is loaded; this hook runs before they are parsed.
  program.hook('preSubcommand', async (_, sub) => {
    const entry = commandRegistry.find(({ name }) => name === sub.name())
    if (!entry) return
    const { command } = await entry.load()
    if (command.arguments) sub.arguments(command.arguments)
    for (const option of command.options ?? []) addOption(sub, option)
    loaded.set(sub, command)
  })
  return program
}

const withGlobalOptions = (program: Program): Program =>
  program
    .option('-c, --config <file>', 'config file')
    .option('--state-dir <dir>', 'folder of state and history')
    .option('--log-dir <dir>', 'folder of the logs')
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('-q, --quiet', 'print nothing; the exit status tells')
    .option('-v, --verbose', 'print everything, also when not on a terminal')
    .option('-n, --dry-run', 'print what would be changed; change nothing')
    .option('--root <dir>', 'look at another root: a captured host, a mounted disk')
    .option('--no-color', 'no colour (also: NO_COLOR)')
    .option('--timeout <duration>', 'bound of the whole run, e.g. 50s', readDuration)

const readers = {
  duration: parseDuration,
  size: parseSize,
  rate: parseRate,
  percent: parsePercent,
  count: (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
}

const examples = { duration: '30s, 5m or 1h', size: '500M or 2G', rate: '50M/h', percent: '85%', count: '5' }

const read =
  (kind: keyof typeof readers) =>
  (text: string): number => {
    const parsed = readers[kind](text)
    if (parsed === null) throw new InvalidArgumentError(`Write it as ${examples[kind]}.`)
    return parsed
  }

function readDuration(text: string): number {
  return read('duration')(text)
}

const addOption = (sub: Program, { flags, help, reads }: OptionSpec): void => {
  if (reads) sub.option(flags, help, read(reads))
  else sub.option(flags, help)
}

const runEntry = async (entry: CommandEntry, command: Command, sub: Program): Promise<number> => {
  const given = sub.optsWithGlobals()
  const { config, stateDir, logDir } = resolvePaths({
    uid: process.getuid?.() ?? -1,
    env: process.env,
    flags: { config: given.config, stateDir: given.stateDir, logDir: given.logDir },
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
  const host = makeHost({
    root: given.root ?? '/',
    dryRun: global.dryRun,
    logAction: (onHost, line) => {
      const logged = appendLog(onHost.save, logDir, command.logStem, onHost.now(), [line])
      if (logged.kind !== 'value') onHost.out.stderr(logText(onHost.now(), [line]))
    },
    out: makeOutput(process, { color: given.color !== false && !global.json }),
  })
  releaseOnSignals(host)
  return runCommand(command, host, {
    name: entry.name,
    version: __VERSION__,
    args: sub.args,
    options: sub.opts(),
    global,
    timeoutSeconds: given.timeout ?? command.timeoutSeconds,
  })
}

/** State is only ever written by atomic steps, so between them an end is safe: give the lock back and go. */
const releaseOnSignals = (host: Host): void => {
  for (const [signal, code] of [
    ['SIGINT', exitCode.interrupted],
    ['SIGTERM', exitCode.terminated],
    ['SIGHUP', 129],
  ] as const)
    process.once(signal, () => {
      host.save.releaseAllLocks()
      process.exit(code)
    })
}

const reportError = (error: unknown, json: boolean, out: ReturnType<typeof makeOutput>): number => {
  const { text, code, message, mend } = errorText(error)
  if (json) {
    const status = code === exitCode.unknown ? 'unknown' : 'critical'
    const head = documentHead({
      schema: 'error@1',
      version: __VERSION__,
      hostname: '',
      startedAtMs,
      finishedAtMs: Date.now(),
      status,
      exitCode: code,
    })
    out.stdout(documentText({ ...head, error: { message, mend } }))
  } else out.stderr(text)
  return code
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
