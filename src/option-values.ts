import type { OptionSpec } from './commands/command.ts'
import { parseDuration, parsePercent, parseRate, parseSize } from './core/units.ts'

type Kind = NonNullable<OptionSpec['reads']>

const readers: Record<Kind, (text: string) => number | null> = {
  duration: parseDuration,
  size: parseSize,
  rate: parseRate,
  percent: parsePercent,
  count: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null),
}

export const optionExamples: Record<Kind, string> = {
  duration: '30s, 5m or 1h',
  size: '500M or 2G',
  rate: '50M/h',
  percent: '85%',
  count: '5',
}

/** Seconds, bytes, bytes a minute, percent or a number; null for text that is none. */
export const readOption = (kind: Kind, text: string): number | null => readers[kind](text)

/** The options of every command. */
export const globalOptions: readonly OptionSpec[] = [
  { flags: '-c, --config <file>', help: 'config file' },
  { flags: '--state-dir <dir>', help: 'folder of state and history' },
  { flags: '--log-dir <dir>', help: 'folder of the logs' },
  { flags: '--json', help: 'one JSON document on stdout, nothing else' },
  { flags: '-q, --quiet', help: 'print nothing; the exit status tells' },
  { flags: '-v, --verbose', help: 'print everything, also when not on a terminal' },
  { flags: '-n, --dry-run', help: 'print what would be changed; change nothing' },
  { flags: '--root <dir>', help: 'look at another root: a captured host, a mounted disk' },
  { flags: '--no-color', help: 'no colour (also: NO_COLOR)' },
  { flags: '--timeout <duration>', help: 'bound of the whole run, e.g. 50s', reads: 'duration' },
]
