import { type OptionSpec, operandsText } from './commands/command.ts'
import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { globalOptions } from './option-values.ts'
import { type ManualCommand, type ManualEntry, manPage } from './report/man-page.ts'

/** oratio-health(1), from the registry; written when a package is made (scripts/package/man-page.mjs). */
export const manPageFor = async (version: string): Promise<string> =>
  manPage({
    version,
    commands: [
      ...(await Promise.all(commandRegistry.map(manual))),
      {
        usage: 'completion <bash|zsh|fish>',
        help: 'print a script that makes a shell complete commands and options',
        aliases: [],
        options: [],
      },
    ],
    everywhere: [
      ...globalOptions.map(entry),
      { usage: '-h, --help', help: 'print the help of the program or of a command' },
      { usage: '-V, --version', help: 'print the version' },
    ],
  })

const manual = async ({ name, summary, aliases, load }: CommandEntry): Promise<ManualCommand> => {
  const { command } = await load()
  return {
    usage: `${name} ${operandsText(command)}`.trimEnd(),
    help: summary,
    aliases: aliases ?? [],
    options: (command.options ?? []).map(entry),
  }
}

const entry = ({ flags, help }: OptionSpec): ManualEntry => ({ usage: flags, help })
