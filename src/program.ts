import { Argument, CommanderError, InvalidArgumentError, Command as Program } from 'commander'
import { type Command, type OptionSpec, operandsText } from './commands/command.ts'
import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { exitCode, HealthError } from './core/errors.ts'
import { globalOptions, optionExamples, readOption } from './option-values.ts'
import type { Shell } from './report/completion.ts'
import { commonOptions, helpFooter } from './report/help-text.ts'
import { type Arguments, usualArguments, usualCommand } from './usual-arguments.ts'

export type RunEntry = (entry: CommandEntry, command: Command, given: Arguments) => Promise<number>

/**
 * The whole command line by commander: every way of writing options, help, the version, and errors with a hint. Loaded
 * only where usual-arguments.ts does not do. Returns the exit status; throws what the command throws, and with --json
 * what is wrong with the command line, for the document.
 */
export const runProgram = async (
  argv: readonly string[],
  version: string,
  run: RunEntry,
  print: (text: string) => void,
): Promise<number> => {
  const state = { code: exitCode.ok as number }
  const isForScripts = argv.includes('--json')
  const program = buildProgram(version, isForScripts, async (entry, command, sub) => {
    const all = sub.optsWithGlobals()
    const own = sub.opts()
    state.code = await run(entry, command, { options: own, global: all, operands: sub.args })
  })
  // Of the commands, not one of them: it has to know them all.
  program
    .command('completion')
    .summary('completion for a shell')
    .description('print a script that makes a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => print(await (await import('./completion.ts')).completionFor(shell)))
  try {
    await program.parseAsync(asMeant(argv, program), { from: 'user' })
    return state.code
  } catch (error) {
    // commander has printed its help, version or usage error by now.
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return exitCode.ok
    if (isForScripts) throw usageError(error)
    return exitCode.usage
  }
}

/** `help NAME` of a name that there is not is the error that NAME alone is; `version` is what others call --version. */
const asMeant = (argv: readonly string[], program: Program): string[] => {
  const [first, name = ''] = argv
  if (usualCommand(argv) === 'version' && usualArguments(argv, [], 0) !== null) return ['--version']
  if (first !== 'help' || name === '' || name.startsWith('-')) return [...argv]
  // What these two do, the help of all says.
  if (name === 'help' || name === 'version') return ['help']
  const isKnown = program.commands.some((one) => one.name() === name || one.aliases().includes(name))
  return isKnown ? [...argv] : [name]
}

/** As commander says it: `error: unknown command 'chekc'\n(Did you mean check?)`. */
const usageError = ({ code, message }: CommanderError): HealthError => {
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n')
  const said = code === 'commander.help' ? 'no command is given' : what
  return new HealthError(exitCode.usage, said, [...more, '--help shows what there is'].join(' '))
}

type Runner = (entry: CommandEntry, command: Command, sub: Program) => Promise<void>

const buildProgram = (version: string, isForScripts: boolean, run: Runner): Program => {
  const program = new Program('oratio-health')
  const cells = (): number => program.configureOutput().getOutHelpWidth?.() ?? 80
  for (const option of globalOptions) addOption(program, option)
  program
    .description(
      'Health checks for hosts with memory leaks: sees the leak, names the culprit, acts within a budget.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    // Words are wrapped on a narrow terminal, too.
    .configureHelp({ minWidthToWrap: 12 })
    .addHelpText('after', () => helpFooter(cells()))
  // The document says it, and is alone.
  if (isForScripts) program.configureOutput({ writeErr: () => {} })
  const loaded = new Map<Program, Command>()
  for (const entry of commandRegistry) {
    const sub = program
      .command(entry.name)
      .summary(entry.summary)
      .description(entry.summary)
      .aliases([...(entry.aliases ?? [])])
      .addHelpText('after', () => commonOptions(shortest, cells()))
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
    if (command.arguments) sub.arguments(command.arguments).usage(`[options] ${operandsText(command)}`)
    for (const option of command.options ?? []) addOption(sub, option)
    loaded.set(sub, command)
  })
  return program
}

/** Of the options of every command the short forms, where there are. */
const shortest = globalOptions.map(({ flags }) => flags.split(/[, ]/)[0])

const addOption = (to: Program, { flags, help, reads }: OptionSpec): void => {
  if (reads === undefined) to.option(flags, help)
  else
    to.option(flags, help, (text: string) => {
      const read = readOption(reads, text)
      if (read === null) throw new InvalidArgumentError(`Write it as ${optionExamples[reads]}.`)
      return read
    })
}
