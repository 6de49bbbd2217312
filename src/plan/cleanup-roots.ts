import { clip } from '../core/escape.ts'
import type { Mount } from '../core/facts.ts'
import { type MountLookup, mayHang, mountLookup } from '../core/mounts.ts'
import { parseGlob } from '../parse/glob.ts'

/** What is known of the folder that a rule names. */
export interface CleanupRoot {
  /** Without symlinks. */
  path: string
  /** As it was given, with its symlinks, absolute and without `..`. */
  written: string
  mounts: readonly Mount[]
  system: SystemFolders
  /** Config, state and log folder of this toolkit. */
  ownFolders: readonly string[]
  /** Symlinks on the way to those; without one this toolkit would find an empty folder, or none. */
  ownLinks: readonly string[]
}

/** A folder of the system by its name, and where it is when that is a symlink, as `/home` on Silverblue. */
interface SystemFolder {
  name: string
  path: string
}

export interface SystemFolders {
  never: readonly SystemFolder[]
  neverBelow: readonly SystemFolder[]
  home: SystemFolder
  /** Those in `/home` that are symlinks. */
  linkedHomes: readonly SystemFolder[]
}

/**
 * @param realOf a path without its symlinks
 * @param homeLinks names of the symlinks in `/home`
 */
export const systemFolders = (
  realOf: (path: string) => string,
  homeLinks: readonly string[] = [],
): SystemFolders => {
  const at = (name: string): SystemFolder => ({ name, path: realOf(name) })
  const linkedHomes = homeLinks.map((name) => at(`/home/${name}`))
  return {
    ...{ never: never.map(at), neverBelow: neverBelow.map(at), home: at('/home') },
    linkedHomes: linkedHomes.filter(({ path }) => !tempMounts.has(path)),
  }
}

/** Folders that are no temp folders, whatever a rule says; hier(7). */
const never = [
  ...['/', '/home', '/root', '/etc', '/usr', '/var', '/boot', '/opt', '/srv', '/run', '/mnt', '/media'],
  ...['/var/lib', '/var/log', '/var/spool', '/var/cache', '/var/mail', '/var/run', '/var/backups'],
  ...['/usr/local', '/lost+found', '/snap', '/nix'],
]
/** Nor anything below these. */
const neverBelow = [
  ...['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc', '/boot', '/proc', '/sys'],
  ...[
    '/usr/bin',
    '/usr/sbin',
    '/usr/lib',
    '/usr/lib32',
    '/usr/lib64',
    '/usr/libexec',
    '/usr/share',
    '/usr/include',
  ],
  ...['/usr/local/bin', '/usr/local/sbin', '/usr/local/lib', '/root/.ssh', '/var/spool/cron'],
  ...['/var/lib/dpkg', '/var/lib/systemd', '/run/systemd'],
  // Where Docker, its containerd, podman and Kubernetes keep images and volumes.
  ...['/var/lib/docker', '/var/lib/containerd', '/var/lib/containers', '/var/lib/kubelet'],
]
/** File systems of what the kernel knows: nobody leaves files there. */
const kernelTypes = new Set([
  ...[
    'proc',
    'sysfs',
    'devtmpfs',
    'devpts',
    'cgroup',
    'cgroup2',
    'mqueue',
    'debugfs',
    'tracefs',
    'securityfs',
  ],
  ...['configfs', 'efivarfs', 'bpf', 'pstore', 'binfmt_misc', 'fusectl', 'nsfs', 'rpc_pipefs'],
])
const tempMounts = new Set(['/tmp', '/var/tmp', '/dev/shm'])

/**
 * Why a folder may not be named, by its text alone, whatever is on the disk: for who reads a config. Null: it may.
 *
 * @param path absolute; it may have `..` and more than one slash in it
 */
export const textRefusal = (path: string): string | null =>
  placeRefusal({
    path: withoutDots(path),
    system: systemFolders((name) => name),
    // Where this program keeps its own is not of the config's text.
    ...{ ownFolders: [], ownLinks: [] },
  })

/** What is wrong with a glob of names; null: nothing. */
export const globFault = (glob: string): string | null => {
  const parsed = parseGlob(glob)
  return typeof parsed === 'string' ? `the glob "${clip(glob, 60)}" ${parsed}` : null
}

const withoutDots = (path: string): string => {
  const names: string[] = []
  for (const name of path.split('/'))
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  return `/${names.join('/')}`
}

/** Why files may not be removed there; null: they may. */
export const rootRefusal = (root: CleanupRoot): string | null => {
  const { path, written, mounts } = root
  const refusal = placeRefusal({ ...root, path: written }) ?? placeRefusal(root) ?? aliasRefusal(root)
  if (refusal !== null) return refusal
  if (!mounts.some(({ mountPoint }) => mountPoint === path)) return null
  return tempMounts.has(path) || /^\/run\/user\/\d+$/.test(path)
    ? null
    : 'a whole file system is mounted there; name a folder in it'
}

/** The mount points below a rule's folder that are not entered, not even by a rule that leaves its file system. */
export const closedMounts = (root: CleanupRoot): string[] =>
  mountsBelow(root).filter((path) => {
    const type = mountLookup(root.mounts)(path)?.type ?? ''
    return mayHang(type) || (placeRefusal({ ...root, path }) ?? aliasRefusal({ ...root, path })) !== null
  })

export const mountsBelow = ({ path, mounts }: Pick<CleanupRoot, 'path' | 'mounts'>): string[] =>
  mounts.map(({ mountPoint }) => mountPoint).filter((point) => point !== path && isInside(point, path))

const placeRefusal = ({
  path,
  system,
  ownFolders,
  ownLinks,
}: Pick<CleanupRoot, 'path' | 'system' | 'ownFolders' | 'ownLinks'>): string | null => {
  const same = system.never.find((folder) => isAt(path, folder))
  if (same !== undefined)
    return `it is ${path === same.name ? '' : `${same.name}, `}a folder of the system, not of temporary files`
  const above = system.neverBelow.find(({ name, path: real }) => isInside(path, name) || isInside(path, real))
  if (above !== undefined) return `what is below ${above.name} is of the system`
  if (isInside(path, '/dev') && !isInside(path, '/dev/shm')) return 'what is below /dev is of the system'
  if (isAt(folderOf(path), system.home) || system.linkedHomes.some((one) => isAt(path, one)))
    return 'it is the home of a user; name the folder in it'
  const own = ownFolders.find((folder) => isInside(folder, path) || isInside(path, folder))
  if (own !== undefined) return `${own} of this toolkit lies in it, or it in that`
  const link = ownLinks.find((one) => isInside(one, path))
  return link === undefined ? null : `${link}, which leads to what is of this toolkit, lies in it`
}

const isAt = (path: string, { name, path: real }: SystemFolder): boolean => path === name || path === real

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** A bind mount shows a folder of the system, or what such a one lies in, by another name. */
const aliasRefusal = ({ path, mounts, system, ownFolders, ownLinks }: CleanupRoot): string | null => {
  const at = mountLookup(mounts)
  const mount = at(path)
  if (mount !== null && kernelTypes.has(mount.type))
    return `what is of the type ${mount.type} is the kernel's`
  for (const alias of aliasesOf(path, mounts, at)) {
    const refusal = placeRefusal({ path: alias, system, ownFolders, ownLinks })
    if (refusal !== null) return `it is ${alias} by another name: ${refusal}`
  }
  // Behind a mount point below the rule's folder nothing is looked at.
  const own = [...ownFolders, ...ownLinks].map((folder) => ({ name: folder, path: folder }))
  const within = [...system.linkedHomes, ...mountedIn(system, mounts, mount), ...own]
  for (const { name, path: real } of [...system.never, ...system.neverBelow, ...within])
    for (const alias of [real, ...aliasesOf(real, mounts, at)])
      if (isInside(alias, path) && at(alias) === mount) return `${name} lies in it, by the name ${alias}`
  return null
}

/**
 * Homes, and what is below a folder of the system, that are mounts of their own: of the same file system as the rule's folder,
 * which may show them as well.
 */
const mountedIn = (
  { neverBelow, home }: SystemFolders,
  mounts: readonly Mount[],
  shownBy: Mount | null,
): SystemFolder[] =>
  mounts
    .filter(({ device }) => device === shownBy?.device)
    .map(({ mountPoint }) => ({ name: mountPoint, path: mountPoint }))
    .filter(({ path }) => isAt(folderOf(path), home) || neverBelow.some((one) => isInside(path, one.path)))

/** The other paths of a folder: of all mounts of its file system that show it, each of them from one of its folders on. */
const aliasesOf = (path: string, mounts: readonly Mount[], at: MountLookup): string[] => {
  const mount = at(path)
  if (mount === null) return []
  const inside = moved(path, mount.mountPoint, mount.rootInside)
  return mounts
    .filter(({ device, rootInside }) => device === mount.device && isInside(inside, rootInside))
    .map(({ mountPoint, rootInside }) => moved(inside, rootInside, mountPoint))
    .filter((alias) => alias !== path)
}

/** `/a/b/c` from `/a` to `/x` is `/x/b/c`. */
const moved = (path: string, from: string, to: string): string =>
  `/${[...namesOf(to), ...namesOf(path).slice(namesOf(from).length)].join('/')}`

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '')

/** The folder itself or anything in it. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
