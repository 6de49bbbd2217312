import type { CleanupRule } from '../../config/sections/cleanup.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import { ageStamps } from '../../core/sweep.ts'
import type { Host } from '../../host/host.ts'
import type { RunContext } from '../command.ts'
import { ruleFollows } from './elsewhere.ts'

export type Wanted = Pick<CleanupRule, 'path' | 'older_than'> & Partial<CleanupRule>

export interface WantedRules {
  rules: Wanted[]
  /** Of the command line; of the config otherwise. */
  isAdHoc: boolean
  /** Told by the run that has begun this one. */
  isTold: boolean
}

/** @throws HealthError 64 */
export const wantedRules = (context: RunContext): WantedRules => {
  const { args, loaded, options } = context
  if (args[0] === ruleFollows) {
    const { isAdHoc, rule } = toldRule(args[1])
    return { rules: [rule], isAdHoc, isTold: true }
  }
  const isAdHoc = args.length > 0
  const given = isAdHoc ? undefined : ruleOptions.find((name) => isGiven(options, name))
  if (given !== undefined)
    throw new HealthError(
      exitCode.usage,
      `--${given} is of a folder on the command line, and none is named`,
      'name the folders first: oratio-health cleanup-tmp DIR --match GLOB; the rules of the config have keys of their own',
    )
  const rules = isAdHoc
    ? args.map((path) => adHoc(context, path))
    : ((loaded?.config.cleanup ?? []) as CleanupRule[])
  return { rules, isAdHoc, isTold: false }
}

/** By another run of this program, see elsewhere.ts. */
export type ToldRule = { rule: Wanted; isAdHoc: boolean }

const toldRule = (text = ''): ToldRule => {
  try {
    const { rule, isAdHoc } = JSON.parse(text) as Partial<ToldRule>
    if (typeof rule?.path === 'string' && typeof rule.older_than === 'number')
      return { rule, isAdHoc: isAdHoc === true }
  } catch {
    // No JSON: said below.
  }
  throw new HealthError(exitCode.usage, `after ${ruleFollows} a rule is wanted, as JSON`)
}

const ruleOptions = [
  'older-than',
  'match',
  'exclude',
  'by',
  'empty-dirs',
  'no-recurse',
  'no-keep-open',
] as const

/** Of commander: `--no-x` makes x false, anything else is there or not. */
const isGiven = (options: RunContext['options'], name: string): boolean => {
  const key = name.replace(/^no-/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return name.startsWith('no-') ? options[key] === false : options[key] !== undefined
}

const adHoc = ({ options, host }: RunContext, path: string): Wanted => {
  refuseFolder(host, options.match)
  const by = options.by ?? 'newest'
  const stamp = ageStamps.find((one) => one === by)
  if (stamp === undefined)
    throw new HealthError(
      exitCode.usage,
      `--by ${clip(String(by), 40)}: no such stamp`,
      `one of ${ageStamps.join(', ')}`,
    )
  return {
    path,
    older_than: (options.olderThan as number | undefined) ?? 86_400,
    match: options.match as string[] | undefined,
    exclude: options.exclude as string[] | undefined,
    age_by: stamp,
    recurse: options.recurse !== false,
    empty_dirs: options.emptyDirs === true,
    keep_open: options.keepOpen !== false,
  } as Wanted
}

/**
 * `--match` takes all that follows, so that `a --match '*.ts' b` would leave the folder b out without a word. What
 * `--exclude` takes too much only stays.
 */
const refuseFolder = (host: Host, globs: RunContext['options'][string]): void => {
  const swallowed = (Array.isArray(globs) ? (globs as string[]) : [])
    .slice(1)
    .find(
      (glob) =>
        valueOrNull(host.files.info(valueOrNull(host.files.resolve(glob))?.path ?? glob))?.kind === 'folder',
    )
  if (swallowed !== undefined)
    throw new HealthError(
      exitCode.usage,
      `--match ${clip(swallowed, 60)}: that is a folder`,
      'name the folders first: oratio-health cleanup-tmp DIR DIR --match GLOB; a glob that is meant goes first of its kind',
    )
}
