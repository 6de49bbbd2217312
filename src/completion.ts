import { type CommandEntry, commandRegistry } from './commands/registry.ts'
import { globalOptions } from './option-values.ts'
import {
  type CompletedCommand,
  type CompletedOption,
  completedOption,
  completionScript,
  type Shell,
  shells,
} from './report/completion.ts'

/** The script that makes a shell complete the commands of the registry and their options. */
export const completionFor = async (shell: Shell): Promise<string> => {
  const own = { name: 'completion', summary: 'completion for a shell', options: [], words: shells }
  return completionScript(
    shell,
    [...(await Promise.all(commandRegistry.map(completed))), own],
    [
      ...globalOptions.flatMap(({ flags, help }) => asList(completedOption(flags, help))),
      { short: 'h', long: 'help', help: 'print this help', value: 'none' },
      { short: 'V', long: 'version', help: 'print the version', value: 'none' },
    ],
  )
}

const completed = async (entry: CommandEntry): Promise<CompletedCommand> => {
  const { command } = await entry.load()
  return {
    name: entry.name,
    summary: entry.summary,
    options: (command.options ?? []).flatMap(({ flags, help }) => asList(completedOption(flags, help))),
    words: command.firstWords ?? [],
  }
}

const asList = (option: CompletedOption | null): CompletedOption[] => (option === null ? [] : [option])
