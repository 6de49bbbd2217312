import { exitCode, HealthError } from '../../core/errors.ts'
import { defaultConfigs } from '../../core/own-folders.ts'
import type { Host } from '../../host/host.ts'

/** The config that is named, or the first usual place; `existing` is one that is there, wherever it is looked for. */
export const whereTo = (host: Host, named: string | null): { path: string; existing: string | null } => {
  const places = named === null ? defaultConfigs(host.uid, host.env) : [named]
  const [path] = places
  if (path === undefined)
    throw new HealthError(
      exitCode.usage,
      'HOME is not set, so there is no usual place',
      'name one: --config FILE',
    )
  return { path, existing: places.find((place) => isConfigThere(host, place)) ?? null }
}

const isConfigThere = (host: Host, path: string): boolean => {
  const info = host.files.info(path)
  if (info.kind === 'absent') return false
  if (info.kind === 'failed') throw notWritten(host, path, info.detail)
  if (info.value.kind === 'file') return true
  if (info.value.kind !== 'symlink')
    throw new HealthError(
      exitCode.critical,
      `${path} is no file`,
      'move it away, or name another: --config FILE',
    )
  // A link may lead to what is not there; making that would be doing more than was asked for.
  const target = host.files.resolve(path)
  if (target.kind === 'value' && host.files.info(target.value.path).kind === 'value') return true
  throw new HealthError(
    exitCode.critical,
    `${path} is a symbolic link to what is not there`,
    'make its target, or remove the link',
  )
}

export const notWritten = (host: Host, path: string, detail: string): HealthError => {
  const isDenied = /\((EACCES|EPERM)\)/.test(detail)
  return new HealthError(
    isDenied ? exitCode.noPermission : exitCode.critical,
    `${path} was not written: ${detail}`,
    isDenied && host.uid !== 0
      ? 'run it as root, or name a file of your own: --config FILE'
      : 'name another place: --config FILE; or see what it would be: oratio-health init --dry-run',
  )
}
