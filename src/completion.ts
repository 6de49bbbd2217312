import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { globalOptions } from './option-values.ts'
import type { CompletedCommand, CompletedOption } from './report/completed.ts'
import {
  completedOperands,
  completedOption,
  completionScript,
  type Shell,
  shells,
} from './report/completion.ts'

/** The script that makes a shell complete the commands of the registry and their options. */
export const completionFor = async (shell: Shell): Promise<string> => {
  const own: CompletedCommand = {
    name: 'completion',
    aliases: [],
    summary: 'completion for a shell',
    options: [],
    operands: completedOperands('<shell>', shells),
  }
  return completionScript(
    shell,
    [...(await Promise.all(commandRegistry.map(completed))), own],
    [
      ...globalOptions.flatMap(({ flags, help }) => asList(completedOption(flags, help))),
      ...asList(completedOption('-h, --help', 'print this help')),
      ...asList(completedOption('-V, --version', 'print the version')),
    ],
  )
}

const completed = async (entry: CommandEntry): Promise<CompletedCommand> => {
  const { command } = await entry.load()
  return {
    name: entry.name,
    aliases: entry.aliases ?? [],
    summary: entry.summary,
    options: (command.options ?? []).flatMap(({ flags, help, choices }) =>
      asList(completedOption(flags, help, choices)),
    ),
    operands: completedOperands(command.arguments ?? '', command.firstWords ?? []),
  }
}

const asList = (option: CompletedOption | null): CompletedOption[] => (option === null ? [] : [option])
