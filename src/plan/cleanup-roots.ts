/** What is known of the folder that a rule names. */
export interface CleanupRoot {
  /** Without symlinks. */
  path: string
  /** Mount points of the host. */
  mountPoints: readonly string[]
  /** Config, state and log folder of this toolkit. */
  ownFolders: readonly string[]
}

/** Folders that are no temp folders, whatever a rule says; hier(7). */
const never = new Set([
  ...['/', '/home', '/root', '/etc', '/usr', '/var', '/boot', '/opt', '/srv', '/run', '/mnt', '/media'],
  ...['/var/lib', '/var/log', '/var/spool', '/var/cache', '/var/mail', '/var/run', '/var/backups'],
  ...['/usr/local', '/lost+found', '/snap', '/nix', '/root'],
])
/** Nor anything below these. */
const neverBelow = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc', '/boot', '/proc', '/sys', '/usr/bin']
const neverBelowToo = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/local/lib',
  '/usr/libexec',
  '/var/lib/dpkg',
  '/var/lib/docker',
  '/var/lib/containers',
  '/var/lib/systemd',
  '/var/spool/cron',
  '/root/.ssh',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/share',
  '/usr/include',
]
const tempMounts = new Set(['/tmp', '/var/tmp', '/dev/shm'])

/** Why files may not be removed there; null: they may. */
export const rootRefusal = ({ path, mountPoints, ownFolders }: CleanupRoot): string | null => {
  if (never.has(path)) return 'it is a folder of the system, not of temporary files'
  const above = [...neverBelow, ...neverBelowToo].find((folder) => isInside(path, folder))
  if (above !== undefined) return `what is below ${above} is of the system`
  if (isInside(path, '/dev') && !isInside(path, '/dev/shm')) return 'what is below /dev is of the system'
  if (/^\/home\/[^/]+$/.test(path)) return 'it is the home of a user; name the folder in it'
  const own = ownFolders.find((folder) => isInside(folder, path) || isInside(path, folder))
  if (own !== undefined) return `${own} of this toolkit lies in it, or it in that`
  if (mountPoints.includes(path) && !tempMounts.has(path) && !/^\/run\/user\/\d+$/.test(path))
    return 'a whole file system is mounted there; name a folder in it'
  return null
}

/** The folder itself or anything in it. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
