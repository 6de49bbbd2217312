import type { LoadedConfig } from '../config/config.ts'
import type { Status } from '../core/finding.ts'
import type { Host } from '../host/host.ts'

/** One verb. run-command.ts gives it lock, config, log, exit status; it only does its job. */
export interface Command {
  /** As commander writes it: `[service...]`; absent: none. */
  arguments?: string
  options?: readonly OptionSpec[]
  /** What the first operand may be, for the completion of shells. */
  firstWords?: readonly string[]
  /** `none`: runs without reading the config (`config validate` reads it itself). */
  config: 'load' | 'none'
  /** Takes the lock of this command in the state folder; a second run ends with 75. */
  lock: boolean
  /** True for arguments with which it only looks: such a run is not one of the scheduled job's. */
  looksOnly?(args: readonly string[]): boolean
  /** What it remembers only spares it some tries, so it goes on where its records may not be read. */
  recordsOptional?: true
  /** Can look at another root (`--root DIR`). */
  observesOnly: boolean
  /** On a terminal it is shown how long it takes already; not of what shows its progress by itself. */
  showsElapsed?: true
  /** The dated log its changes to the machine go to, e.g. `cleanup`. */
  logStem: string
  /** Of the whole run when --timeout is not given; null: no limit. */
  timeoutSeconds: number | null
  /** When its time is up it stops by itself, and says how far it came. */
  endsInTime?: true
  run(context: RunContext): Promise<CommandResult>
}

/** Its operands, for who reads of them: `[action]` says little where it is known what it may be. */
export const operandsText = ({ arguments: operands = '', firstWords = [] }: Command): string =>
  firstWords.length === 0 ? operands : operands.replace('[action]', `[${firstWords.join('|')}]`)

export interface OptionSpec {
  /** As commander writes it: `--since <duration>`. */
  flags: string
  help: string
  /** What its value may be, for the completion of shells; the command itself refuses another. */
  choices?: readonly string[]
  /** How the text is read; wrong text is a usage error (64) that names the option. Default: as it is. */
  reads?: 'duration' | 'size' | 'rate' | 'percent' | 'count'
}

export interface GlobalOptions {
  config: string | null
  stateDir: string
  logDir: string
  json: boolean
  quiet: boolean
  verbose: boolean
  dryRun: boolean
}

export interface RunContext {
  host: Host
  version: string
  /** Null for a command that runs without the config. */
  loaded: LoadedConfig | null
  args: readonly string[]
  /** The command's own options by their camel-case name; durations in seconds, sizes in bytes. */
  options: Readonly<Record<string, unknown>>
  global: GlobalOptions
  /** Milliseconds left of --timeout; Infinity without one. */
  remainingMs(): number
  /** From here on --timeout does not end the run: what is being done has bounds of its own, and half of it is worse. */
  holdTimeout(): void
}

export interface CommandResult {
  status: Status
  /** Where the status alone does not tell (64, 77 …). */
  exitCode?: number
  /** The command has said all it had to while it ran. */
  isPrinted?: true
  /** E.g. `check@1`, with what goes into the document beside the common head; null: no JSON form but the head. */
  document: { schema: string; body: Record<string, unknown> } | null
  /** What a person reads, ending in a newline; called only when it is shown. */
  text(view: { columns: number; color: boolean; verbose: boolean }): string
  /** The text is what a file would hold, for programs: the same in every locale. */
  isFile?: boolean
  /** `interactive`: on a terminal or with -v only, as for `check` under cron; `always`: the text is the product. */
  textWhen: 'interactive' | 'always'
  /** Lines for stderr when not on a terminal and not -q. */
  problems: string[]
}
