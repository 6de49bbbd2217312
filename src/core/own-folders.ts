type Environment = Readonly<Record<string, string | undefined>>

/**
 * A folder by the XDG base directory specification, e.g. `XDG_STATE_HOME` or below HOME; null without either. The
 * specification has relative paths in these variables ignored.
 */
export const xdgFolder = (env: Environment, variable: string, belowHome: string): string | null => {
  const home = absolute(env.HOME)
  return absolute(env[variable]) ?? (home === null ? null : `${home}/${belowHome}`)
}

/** Where a config is looked for when none is named; at most one of them may be there. */
export const defaultConfigs = (uid: number, env: Environment): string[] => {
  const base = uid === 0 ? '/etc' : xdgFolder(env, 'XDG_CONFIG_HOME', '.config')
  return base === null ? [] : ['yaml', 'yml'].map((ending) => `${base}/oratio-health/config.${ending}`)
}

/**
 * For what need not outlive a reboot; null for a user without a session. Never of root's environment: `sudo -E` and su
 * bring along that of another.
 */
export const runtimeFolder = (uid: number, env: Environment): string | null => {
  const base = uid === 0 ? '/run' : absolute(env.XDG_RUNTIME_DIR)
  return base === null ? null : `${base}/oratio-health`
}

/** Without slashes at its end; null for what is no absolute path. */
const absolute = (path: string | undefined): string | null =>
  path?.startsWith('/') ? path.replace(/\/+$/, '') : null
