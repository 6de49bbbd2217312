import type { Host } from '../host/host.ts'
import type { Config } from './config.ts'
import { holdsCredentials } from './secrets.ts'
import { isReadableByAll } from './trust.ts'
import { childPath } from './validate.ts'

/**
 * One line each: the config holds secrets and everybody can read it; a password file that is missing, or that
 * everybody can read.
 *
 * @param secrets paths of those that stand in the config itself
 */
export const secretWarnings = (
  host: Host,
  file: string,
  config: Config,
  secrets: readonly string[],
): string[] => {
  const warnings = passwordFiles(config).flatMap(({ path, named }) => {
    if (host.files.info(named).kind === 'absent') return [`${file}: ${path}: ${named} is missing`]
    return isReadableByAll(host, named)
      ? [`${named} holds a secret and everybody can read it: chmod o-r ${named}`]
      : []
  })
  if (secrets.length === 0 || !isReadableByAll(host, file)) return warnings
  const more = secrets.length > 1 ? ` and ${secrets.length - 1} more` : ''
  return [
    `${file} holds a secret (${secrets[0]}${more}) and everybody can read it: chmod o-r ${file}`,
    ...warnings,
  ]
}

/** True when it holds secrets, in a URL of a comment too, or names files that do. */
export const knowsSecrets = (text: string, config: Config, secrets: readonly string[]): boolean =>
  secrets.length > 0 || passwordFiles(config).length > 0 || holdsCredentials(text)

const passwordFiles = (config: Config): { path: string; named: string }[] =>
  Object.entries(config.services).flatMap(([name, { features }]) =>
    ((features.probes ?? []) as { password_file?: string | null }[]).flatMap(({ password_file }, index) =>
      password_file
        ? [{ path: `${childPath('services', name)}.probes[${index}].password_file`, named: password_file }]
        : [],
    ),
  )
