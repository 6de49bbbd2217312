import type { Mount } from '../core/facts.ts'

export interface MountChoice {
  /** To be measured, one for each file system. */
  measured: Mount[]
  /** Not asked, because the answer may never come; only those a person would call a disk. */
  skipped: { mount: Mount; reason: 'network' | 'fuse' }[]
}

// statfs(2) on these waits for a server, for ever when it is gone.
const network = new Set(
  '9p afs ceph cifs coda gfs2 glusterfs lustre ncpfs nfs nfs4 ocfs2 pvfs2 smb3 smbfs virtiofs'.split(' '),
)

// Real file systems whose source is no path below /dev.
const withoutDevice = new Set(['tmpfs', 'zfs', 'btrfs', 'bcachefs', 'ubifs', 'jffs2'])

// Images that are full by nature.
const images = new Set(['squashfs', 'iso9660', 'udf', 'erofs', 'cramfs', 'romfs'])

// FUSE mounts of desktops and containers that hold no data of their own.
const helpers = new Set(['fuse.gvfsd-fuse', 'fuse.portal', 'fuse.lxcfs', 'fuse.snapfuse'])

/**
 * The file systems worth measuring when no paths are configured, of /proc/self/mountinfo: those on devices and in
 * RAM, each once. Bind mounts, pseudo file systems, overlays of containers and what is mounted read-only (nothing
 * can fill it) are left out.
 */
export const chooseMounts = (mounts: readonly Mount[]): MountChoice => {
  // Of two mounts on one point the later hides the earlier.
  const visible = [...new Map(mounts.map((mount) => [mount.mountPoint, mount])).values()]
  const skipped = visible.flatMap((mount) => {
    const reason = remoteKind(mount)
    return reason === null || helpers.has(mount.type) ? [] : [{ mount, reason }]
  })
  const byDevice = new Map<string, Mount>()
  for (const mount of visible.filter(isMeasured)) {
    const other = byDevice.get(mount.device)
    if (other === undefined || mount.mountPoint.length < other.mountPoint.length)
      byDevice.set(mount.device, mount)
  }
  return {
    measured: [...byDevice.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1)),
    skipped,
  }
}

/** Whether asking this mount for its size means asking a server or another process. */
export const remoteKind = ({ type }: Mount): 'network' | 'fuse' | null => {
  if (network.has(type) || type === 'fuse.sshfs' || type === 'fuse.glusterfs') return 'network'
  return type.startsWith('fuse.') || type === 'fuse' || type === 'fuseblk' ? 'fuse' : null
}

/** The mount a path lies on, by its text: symlinks on the way are not followed. */
export const mountOf = (path: string, mounts: readonly Mount[]): Mount | null => {
  let best: Mount | null = null
  for (const mount of mounts) {
    const within = mount.mountPoint === '/' || `${path}/`.startsWith(`${mount.mountPoint}/`)
    if (within && (best === null || mount.mountPoint.length >= best.mountPoint.length)) best = mount
  }
  return best
}

const isMeasured = (mount: Mount): boolean => {
  const { type, source, mountPoint, readOnly } = mount
  if (readOnly || images.has(type) || remoteKind(mount) !== null) return false
  // `/` is an overlay inside a container and on a Raspberry Pi with a read-only card: there it is the disk that fills.
  if (type === 'overlay') return mountPoint === '/'
  return (source.startsWith('/dev/') || withoutDevice.has(type)) && !isBind(mount)
}

/** A part of a file system mounted elsewhere. A btrfs subvolume looks the same and is no bind mount. */
const isBind = ({ rootInside, type, mountPoint }: Mount): boolean =>
  rootInside !== '/' && type !== 'btrfs' && mountPoint !== '/'
