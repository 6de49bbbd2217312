import type { OptionSpec } from './commands/command.ts'
import { globalOptions, readOption } from './option-values.ts'

export interface Arguments {
  /** Of the command, by camel-case name, and the global ones apart. */
  options: Record<string, unknown>
  global: Record<string, unknown>
  operands: string[]
}

interface Flag {
  name: string
  isGlobal: boolean
  spec: OptionSpec
  /** `--no-color` sets `color` to false. */
  negated: boolean
  takesValue: boolean
}

/**
 * The name of the command in arguments of the usual kind; null where the way of writing is not one of these, or help
 * or the version is asked for. Then commander reads them, which costs 20 ms more and knows every way.
 */
export const usualCommand = (argv: readonly string[]): string | null => {
  const flags = flagsOf([])
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    if (!word.startsWith('-')) return word
    const flag = flags.get(word)
    if (flag === undefined) return null
    if (flag.takesValue) i++
  }
  return null
}

/**
 * What commander would make of them, or null when only commander can tell: an unknown option, `--`, `-vn`,
 * `--config=FILE`, a value that is missing or that does not read. @param maxOperands null: as many as are given
 */
export const usualArguments = (
  argv: readonly string[],
  own: readonly OptionSpec[],
  maxOperands: number | null,
): Arguments | null => {
  const flags = flagsOf(own)
  const result: Arguments = { options: {}, global: { color: true }, operands: [] }
  for (const { name, isGlobal, negated } of flags.values())
    if (negated) (isGlobal ? result.global : result.options)[name] = true
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    if (!word.startsWith('-')) {
      words.push(word)
      continue
    }
    const flag = flags.get(word)
    if (flag === undefined) return null
    const value = givenValue(flag, argv[i + 1])
    if (value === null) return null
    if (flag.takesValue) i++
    const target = flag.isGlobal ? result.global : result.options
    target[flag.name] = value
  }
  // The first is the command.
  result.operands = words.slice(1)
  return maxOperands !== null && result.operands.length > maxOperands ? null : result
}

const givenValue = ({ takesValue, negated, spec }: Flag, next: string | undefined): unknown => {
  if (!takesValue) return !negated
  // What begins with a dash may be a value or the next option.
  if (next === undefined || next === '' || next.startsWith('-')) return null
  return spec.reads === undefined ? next : readOption(spec.reads, next)
}

const flagsOf = (own: readonly OptionSpec[]): Map<string, Flag> => {
  const flags = new Map<string, Flag>()
  const add = (spec: OptionSpec, isGlobal: boolean): void => {
    const [, short, long = '', value] = /^(?:(-\w), )?--([\w-]+)(?: (.+))?$/.exec(spec.flags) ?? []
    // A value that may be left out, or that may be many: commander's.
    if (long === '' || (value !== undefined && !/^<[\w-]+>$/.test(value))) return
    const negated = long.startsWith('no-')
    const name = camelCase(negated ? long.slice(3) : long)
    const flag: Flag = { name, isGlobal, spec, negated, takesValue: value !== undefined }
    flags.set(`--${long}`, flag)
    if (short !== undefined) flags.set(short, flag)
  }
  for (const spec of globalOptions) add(spec, true)
  for (const spec of own) add(spec, false)
  return flags
}

const camelCase = (text: string): string =>
  text.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** How many operands `[service...]` or `[action] [file]` let in; null: any number. */
export const operandBound = (declared: string | undefined): number | null => {
  if (declared === undefined) return 0
  return declared.includes('...') ? null : declared.trim().split(/\s+/).length
}
