import { exitCode, HealthError } from '../core/errors.ts'
import { defaultConfigs, xdgFolder } from '../core/own-folders.ts'

export interface PathSources {
  uid: number
  env: Readonly<Record<string, string | undefined>>
  flags: { config?: string | undefined; stateDir?: string | undefined; logDir?: string | undefined }
}

export interface OwnPaths {
  /** Named by a flag or `ORATIO_CONFIG`: it must be there. Null when none is named. */
  config: string | null
  /** Where a config is looked for when none is named, the first that is there; it may be missing. */
  defaultConfigs: string[]
  stateDir: string
  logDir: string
}

/**
 * Where this toolkit's own files are: a flag beats the environment beats the default. An empty variable counts as not
 * set. Relative ones stay as they are: they start at the current folder.
 *
 * @throws HealthError 64 when a user without HOME has not said where
 */
export const resolvePaths = ({ uid, env, flags }: PathSources): OwnPaths => {
  const given = (flag: string | undefined, name: string): string | null => flag || env[name] || null
  const defaults = uid === 0 ? rootDefaults : userDefaults(env)
  return {
    config: given(flags.config, 'ORATIO_CONFIG'),
    defaultConfigs: defaultConfigs(uid, env),
    stateDir:
      given(flags.stateDir, 'ORATIO_STATE_DIR') ?? required(defaults.stateDir, 'state', '--state-dir'),
    logDir: given(flags.logDir, 'ORATIO_LOG_DIR') ?? required(defaults.logDir, 'logs', '--log-dir'),
  }
}

/** The lock that two runs of one command must not hold at once. */
export const lockPath = (stateDir: string, command: string): string => `${stateDir}/${command}.lock`

export const journalPath = (stateDir: string): string => `${stateDir}/journal.json`

/** Which cgroups a run has frozen, while it has. */
export const frozenPath = (stateDir: string): string => `${stateDir}/frozen.json`

/** What the config came to, with its text: config/kept.ts. */
export const keptConfigPath = (stateDir: string): string => `${stateDir}/config.json`

export const statePath = (stateDir: string): string => `${stateDir}/state.json`

interface Defaults {
  stateDir: string | null
  logDir: string | null
}

const rootDefaults: Defaults = {
  stateDir: '/var/lib/oratio-health',
  logDir: '/var/log/oratio-health',
}

const userDefaults = (env: PathSources['env']): Defaults => {
  const state = xdgFolder(env, 'XDG_STATE_HOME', '.local/state')
  return {
    stateDir: state === null ? null : `${state}/oratio-health`,
    logDir: state === null ? null : `${state}/oratio-health/logs`,
  }
}

const required = (path: string | null, what: string, flag: string): string => {
  if (path !== null) return path
  throw new HealthError(
    exitCode.usage,
    `HOME is not set, so there is no folder for the ${what}`,
    `set HOME, or give ${flag}`,
  )
}
