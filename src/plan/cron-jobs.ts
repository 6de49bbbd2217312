import { parseDuration } from '../core/units.ts'
import { simpleCommands } from '../parse/shell-words.ts'

/** One start of this toolkit within a crontab line or a unit's `ExecStart=`. */
export interface CronJob {
  /** The word that stands for the program: `oratio-health`, `/opt/x/bin/oratio-health.js`, or `npx`. */
  program: string
  /** What runs the script, e.g. `/usr/bin/node`; null when it starts by itself. */
  interpreter: string | null
  /** The verb, an alias resolved. */
  command: string
  /** Everything after the program, for telling equal jobs. */
  args: readonly string[]
  stateDir: string | null
  timeoutSeconds: number | null
  /** By a `sleep` before it in the line; null: by a time nobody knows beforehand. */
  delaySeconds: number | null
}

const aliases: Readonly<Record<string, string>> = { 'health-check': 'check' }

/** The verbs of the contract: `logger -t oratio-health done` starts nothing. */
const verbs = new Set([
  'check',
  'health-check',
  'watch',
  'cleanup-tmp',
  'journal-limits',
  'limits',
  'kill-orphans',
  'crash-report',
  'status',
  'metrics',
  'trend',
  'verify',
  'report',
  'init',
  'config',
  'demo',
  'doctor',
  'install',
  'uninstall',
  'completion',
])

const optionsWithValue = new Set(['-c', '--config', '--state-dir', '--log-dir', '--root', '--timeout'])

/**
 * The jobs of this toolkit that a shell command starts, in their order: behind `cd x &&`, `flock`, `nice`, `npx`,
 * `node`, `sleep 30;` and within `sh -c '…'`.
 */
export const jobsIn = (command: string): CronJob[] => jobsWithin(command, 0)

const maxNesting = 3

const jobsWithin = (command: string, depth: number): CronJob[] => {
  const jobs: CronJob[] = []
  let delaySeconds: number | null = 0
  for (const words of simpleCommands(command)) {
    if (words[0] === 'sleep') delaySeconds = addDelay(delaySeconds, words[1] ?? '')
    const job = jobOf(words, delaySeconds)
    if (job) jobs.push(job)
    const inner = words.findIndex((word) => /^-[a-z]*c$/.test(word))
    // `-c` is also the config option of this toolkit itself.
    if (!job && inner > 0 && depth < maxNesting) jobs.push(...jobsWithin(words[inner + 1] ?? '', depth + 1))
  }
  return jobs
}

const addDelay = (before: number | null, written: string): number | null => {
  const seconds = /^\d+(\.\d+)?$/.test(written) ? Number(written) : parseDuration(written)
  return before === null || seconds === null ? null : before + seconds
}

const jobOf = (words: readonly string[], delaySeconds: number | null): CronJob | null => {
  const at = words.findIndex((word) => /^(.*\/)?oratio-health(\.js|@[\w.-]+)?$/.test(word))
  if (at < 0) return null
  const args = words.slice(at + 1)
  const verb = firstArgument(args)
  if (verb === null || !verbs.has(verb)) return null
  const before = words.slice(0, at)
  const runner = before.findLast((word) => /^(.*\/)?npx$/.test(word))
  const timeout = optionValue(args, '--timeout')
  return {
    program: runner ?? words[at] ?? '',
    interpreter: runner ? null : (before.findLast((word) => /^(.*\/)?node(js)?$/.test(word)) ?? null),
    command: aliases[verb] ?? verb,
    args,
    stateDir: optionValue(args, '--state-dir'),
    timeoutSeconds: timeout === null ? null : parseDuration(timeout),
    delaySeconds,
  }
}

const firstArgument = (args: readonly string[]): string | null => {
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    if (!word.startsWith('-')) return word
    if (optionsWithValue.has(word)) i++
  }
  return null
}

const optionValue = (args: readonly string[], option: string): string | null => {
  const at = args.findIndex((word) => word === option || word.startsWith(`${option}=`))
  if (at < 0) return null
  const word = args[at] ?? ''
  return word === option ? (args[at + 1] ?? null) : word.slice(option.length + 1)
}
