import { exitCode, HealthError } from '../core/errors.ts'
import { defaultConfigs } from '../core/own-folders.ts'
import { failed, type Reading } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import type { Config, LoadedConfig } from './config.ts'
import type { Interpreted } from './interpret.ts'
import { type Keeping, keep, readKept } from './kept.ts'
import { defaultConfig } from './schema.ts'
import type { ConfigProblem } from './tree.ts'
import { type Distrust, distrustOf } from './trust.ts'

// The largest that is read; a config of 200 services has about 100 kB.
const maxBytes = 1024 * 1024
const initMend = '`oratio-health init` writes a starter config'

/** The one door to the YAML package; loaded only when there is YAML to read. */
export type YamlPackage = typeof import('yaml')
export const loadYamlPackage = (): Promise<YamlPackage> => import('yaml')

/** A config file that was found and could be read, whether it is right or not. */
export interface ConfigReading {
  path: string
  /** Null when there are problems. */
  config: Config | null
  /** In the order of the file. */
  problems: ConfigProblem[]
  warnings: string[]
  /** Why root must not use it: others can change it. */
  refusal: Distrust | null
}

/**
 * The config that stands for this run: the named file, else the default file, else the defaults.
 *
 * @param named as given by a flag or the environment; null for none
 * @param keeping null: the text is read anew, and nothing is kept
 * @throws HealthError 78 with all problems, one a line, and for a file that root must not trust; 77 when it may not be
 *   read
 */
export const loadConfig = async (
  host: Host,
  named: string | null,
  keeping: Keeping | null = null,
): Promise<LoadedConfig> => {
  const reading = await readConfig(host, named, keeping)
  if (reading === null) return { config: defaultConfig(), path: null, warnings: closedWarnings(host) }
  const { config, path, warnings, problems, refusal } = reading
  if (refusal) throw new HealthError(exitCode.badConfig, refusal.message, refusal.mend)
  if (config) return { config, path, warnings }
  const { newerMend, problemLines } = await import('./problem-lines.ts')
  const lines = problemLines(path, problems)
  const head = problems.length === 1 ? [] : [`the config has ${problems.length} errors:`]
  throw new HealthError(exitCode.badConfig, [...head, ...lines].join('\n'), newerMend(problems))
}

/**
 * Finds, reads and checks the config; null when none is named and none is there. Everything it takes beyond the
 * defaults, the YAML package first, is loaded only then: most of the time of a run without a config is start-up.
 *
 * @throws HealthError 78 for a file that is missing or no text, 77 for one that may not be read
 */
export const readConfig = async (
  host: Host,
  named: string | null,
  keeping: Keeping | null = null,
): Promise<ConfigReading | null> => {
  const path = named ?? findDefault(host)
  if (path === null) return null
  const text = textOf(path, readFrom(host, path, named !== null))
  // What is below --root has the owners and modes of wherever it was copied to, and nothing there is acted on.
  if (!host.live) return { path, ...(await interpretText(host, text)), warnings: [], refusal: null }
  const kept = keeping === null ? null : readKept(host, keeping, text)
  const { config, problems, warnings } =
    kept === null ? await understand(host, path, text, keeping) : { config: kept, problems: [], warnings: [] }
  const distrust = distrustOf(host, path)
  if (host.uid === 0 || distrust === null) return { path, config, problems, warnings, refusal: distrust }
  return {
    path,
    config,
    problems,
    warnings: [`${distrust.message}; ${distrust.mend}`, ...warnings],
    refusal: null,
  }
}

const interpretText = async (host: Host, text: string): Promise<Interpreted> => {
  const [{ interpret }, yaml] = await Promise.all([import('./interpret.ts'), import('yaml')])
  return interpret(yaml, text, host.env)
}

/**
 * Keeps what it comes to, unless it has to do with secrets: there is no second copy of one, and what is open to others is
 * seen each time.
 */
const understand = async (
  host: Host,
  path: string,
  text: string,
  keeping: Keeping | null,
): Promise<Pick<ConfigReading, 'config' | 'problems' | 'warnings'>> => {
  const { config, problems, secrets } = await interpretText(host, text)
  if (config === null) return { config, problems, warnings: [] }
  const { knowsSecrets, secretWarnings } = await import('./secret-warnings.ts')
  if (keeping !== null && !knowsSecrets(text, config, secrets)) keep(host, keeping, text, config)
  return { config, problems, warnings: secretWarnings(host, path, config, secrets) }
}

// What is below --root is a whole host, whose config is root's.
const defaultsOf = (host: Host): string[] => defaultConfigs(host.live ? host.uid : 0, host.env)

/** `denied`: its folder may not be searched by this user, so that nobody can tell whether it is there. */
const presenceOf = (host: Host, path: string): string => {
  const info = host.files.info(path)
  return info.kind === 'failed' ? info.cause : info.kind
}

/** A HOME of another user's, as `su` and `docker exec -u` leave it: nothing there can be meant. */
const closedWarnings = (host: Host): string[] =>
  defaultsOf(host)
    .filter((path) => presenceOf(host, path) === 'denied')
    .map((path) => path.slice(0, path.lastIndexOf('/')))
    .slice(0, 1)
    .map(
      (folder) =>
        `${folder} may not be looked into by user ${host.uid}, so the defaults stand; set HOME, or name a config by --config`,
    )

const findDefault = (host: Host): string | null => {
  const found = defaultsOf(host).filter((path) => !['absent', 'denied'].includes(presenceOf(host, path)))
  const [first, second] = found
  if (first !== undefined && second !== undefined)
    throw new HealthError(
      exitCode.badConfig,
      `both ${first} and ${second} are there, and only one is meant`,
      'remove one of them',
    )
  return first ?? null
}

/** A named file is of the machine the command runs on, also under --root. */
const readFrom = (host: Host, path: string, isNamed: boolean): Reading<string> => {
  if (host.live || !isNamed) return host.files.readText(path, { maxBytes })
  const text = host.save.readText(path)
  return text.kind === 'value' && text.value.length > maxBytes
    ? failed('malformed', path, 'is too large')
    : text
}

const textOf = (path: string, reading: Reading<string>): string => {
  if (reading.kind === 'value') return reading.value
  if (reading.kind === 'absent')
    throw new HealthError(exitCode.badConfig, `${path}: there is no such config`, initMend)
  if (reading.cause === 'denied')
    throw new HealthError(exitCode.noPermission, `${path}: the config may not be read (${reading.detail})`)
  throw new HealthError(exitCode.badConfig, `${path}: the config cannot be read: ${reading.detail}`)
}
