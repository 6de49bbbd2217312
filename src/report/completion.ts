import type { CompletedCommand, CompletedOption, Offered } from './completed.ts'
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { zshCompletion } from './completion-zsh.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** `--since <time>`, `-c, --config <file>`, `--mark [text]` → an option; null for what is none. */
export const completedOption = (
  flags: string,
  help: string,
  choices: readonly string[] | null = null,
): CompletedOption | null => {
  const [, short, long, value, many] =
    /^(?:-(\w), )?--([\w-]+)(?: [<[]([\w-]+)(\.\.\.)?[>\]])?$/.exec(flags) ?? []
  if (long === undefined) return null
  const offered = value === undefined ? null : (choices ?? offeredFor(value))
  return { short: short ?? null, long, help, value: offered, takesMany: many !== undefined }
}

/** @param names as commander writes them: `[action] [file]`; @param firstWords what the first may be, where that is known */
export const completedOperands = (
  names: string,
  firstWords: readonly string[],
): CompletedCommand['operands'] => {
  const [first = 'text', second] = [...names.matchAll(/[<[]([\w-]+)(\.\.\.)?[>\]]/g)].flatMap(
    ([, name = '', many]) => (many === undefined ? [offeredFor(name)] : [offeredFor(name), offeredFor(name)]),
  )
  return { first: firstWords.length > 0 ? firstWords : first, further: second ?? 'text' }
}

const offeredFor = (name: string): Offered => (name === 'file' || name === 'dir' ? name : 'text')

export const completionScript = (
  shell: Shell,
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string => ({ bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion })[shell](commands, everywhere)
