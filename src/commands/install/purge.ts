import { checksum } from '../../core/checksum.ts'
import { runtimeFolder, xdgFolder } from '../../core/own-folders.ts'
import type { Host } from '../../host/host.ts'
import type { InstallRecord } from '../../store/install-record.ts'
import { resolvePaths } from '../../store/paths.ts'
import type { GlobalOptions } from '../command.ts'
import { isThere } from '../doctor/found.ts'
import type { Step } from './perform.ts'

/** Where state and logs are when nobody has named another place: these are ours to their last file. */
export const usualFolders = (host: Host): { stateDir: string; logDir: string } =>
  resolvePaths({
    uid: host.uid,
    env: { HOME: host.env.HOME ?? '/', XDG_STATE_HOME: host.env.XDG_STATE_HOME },
    flags: {},
  })

const cacheFolder = (host: Host): string | null => {
  if (host.uid === 0) return '/var/cache/oratio-health'
  const base = xdgFolder(host.env, 'XDG_CACHE_HOME', '.cache')
  return base === null ? null : `${base}/oratio-health`
}

/**
 * With --purge the cache, what is kept in memory, the config as install wrote it, logs and state; without, only what is
 * empty of the folders that install has made. A folder in another place may hold anything: it is named, and stays.
 */
export const planPurge = (
  host: Host,
  global: GlobalOptions,
  record: InstallRecord | null,
  isPurge: boolean,
): Step[] => {
  const made = [...(record?.folders ?? [])].reverse()
  const empty = (paths: readonly string[]): Step[] =>
    paths
      .filter((path) => isThere(host, path))
      .map((path) => ({ kind: 'folder' as const, path, withContent: false }))
  if (!isPurge) return empty(made.filter((path) => path === '/etc/systemd/journald.conf.d'))
  const usual = usualFolders(host)
  // The log takes in each step, so it goes last; a user's logs are within the state.
  const own = [global.stateDir, global.logDir].filter(
    (path) => path === usual.stateDir || path === usual.logDir,
  )
  const within = own.filter((path) => !own.some((other) => path.startsWith(`${other}/`)))
  const isOwn = (path: string): boolean => within.some((one) => path === one || path.startsWith(`${one}/`))
  const isAround = (path: string): boolean => within.some((one) => one.startsWith(`${path}/`))
  return [
    ...[cacheFolder(host), runtimeFolder(host.uid, host.env)]
      .filter((path) => path !== null && isThere(host, path))
      .map(all),
    ...configSteps(host, record),
    ...empty(made.filter((path) => !isOwn(path) && !isAround(path))),
    // Also where they are not there yet: the steps before are logged.
    ...within.map((path) => ({ ...all(path), around: made.filter((one) => path.startsWith(`${one}/`)) })),
  ]
}

const all = (path: string | null): Step & { kind: 'folder' } => ({
  kind: 'folder',
  path: path ?? '',
  withContent: true,
})

/** Not when somebody has worked on it. */
export const isConfigUntouched = (host: Host, record: InstallRecord | null): boolean => {
  if (record?.config == null) return false
  const text = host.files.readText(record.config.path)
  return text.kind === 'value' && checksum(text.value) === record.config.sum
}

const configSteps = (host: Host, record: InstallRecord | null): Step[] => {
  if (record?.config == null || !isConfigUntouched(host, record)) return []
  const { path } = record.config
  const text = host.files.readText(path)
  return [{ kind: 'file', path, before: text.kind === 'value' ? text.value : '', after: null }]
}
