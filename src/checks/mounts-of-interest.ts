import type { Mount } from '../core/facts.ts'
import { mayHang } from '../core/mounts.ts'

export interface MountChoice {
  /** To be measured, one for each file system. */
  measured: Mount[]
  /** Not asked, because the answer may never come. */
  skipped: Mount[]
}

// Real file systems whose source is no path below /dev.
const withoutDevice = new Set(['tmpfs', 'zfs', 'btrfs', 'bcachefs', 'ubifs', 'jffs2'])

// These may hang too, but hold no data of their own: nobody misses them.
const noDisks = new Set(['autofs', 'fuse.gvfsd-fuse', 'fuse.portal', 'fuse.lxcfs', 'fuse.snapfuse'])

// An engine mounts a /dev/shm for each container below its data root, and /sys/fs/cgroup is a tmpfs on v1: neither
// holds anything that fills.
const ownedByContainer = /^\/sys\/|\/(?:mounts|userdata)\/shm$/

/**
 * The file systems worth measuring when no paths are configured, of /proc/self/mountinfo: those on devices and in
 * RAM, each once. Left out are bind mounts, pseudo file systems, overlays of containers, and what is mounted read-only:
 * images are full by nature, and nothing can fill the others.
 */
export const chooseMounts = (mounts: readonly Mount[]): MountChoice => {
  // Of two mounts on one point the later hides the earlier.
  const visible = [...new Map(mounts.map((mount) => [mount.mountPoint, mount])).values()]
  const skipped = visible.filter(
    ({ type, mountPoint }) => mayHang(type) && !noDisks.has(type) && mountPoint !== '/',
  )
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

const isMeasured = (mount: Mount): boolean => {
  const { type, source, mountPoint, readOnly } = mount
  if (readOnly) return false
  // Inside a container and on a Raspberry Pi with a read-only card `/` is an overlay: there it is the disk that fills.
  if (mountPoint === '/') return true
  if (mayHang(type) || isBind(mount) || ownedByContainer.test(mountPoint)) return false
  return source.startsWith('/dev/') || withoutDevice.has(type)
}

/** A part of a file system mounted elsewhere. A btrfs subvolume looks the same and is no bind mount. */
const isBind = ({ rootInside, type }: Mount): boolean => rootInside !== '/' && type !== 'btrfs'
