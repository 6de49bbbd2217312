import { exitCode, HealthError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'

/**
 * Writes what `-o FILE` asks for, as a whole or not at all. It holds log lines and names of others, so it is for its
 * owner alone: 0600. A symlink there is replaced, not followed.
 *
 * @param what for messages: `the report`
 */
export const saveOutput = (host: Host, path: string, content: string, what: string): void => {
  const written = host.save.replace(absolute(path, host.env.PWD), content, 0o600)
  if (written.kind === 'value') return
  const detail =
    written.kind === 'failed' ? `${written.what}: ${written.detail}` : `${written.what} is not there`
  throw new HealthError(
    exitCode.critical,
    `${what} was not written: ${detail}`,
    'name another place with -o, or -o - for the screen',
  )
}

const absolute = (path: string, folder: string | undefined): string =>
  path.startsWith('/') || folder === undefined ? path : `${folder}/${path}`
