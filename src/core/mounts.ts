import type { Mount } from './facts.ts'

/**
 * File systems behind which a server or a user's process answers. When that one is dead, `statfs` and `stat` on them
 * hang for ever, in a sleep that no signal and no time-out ends (nfs(5), `hard`), and a cron job that hangs holds its
 * lock. So they are not asked. `autofs` mounts such a one when it is looked into.
 */
const remoteTypes = new Set([
  '9p',
  'acfs',
  'afs',
  'autofs',
  'beegfs',
  'ceph',
  'cifs',
  'coda',
  'fuse',
  'fuseblk',
  'gfs2',
  'glusterfs',
  'gpfs',
  'lustre',
  'ncpfs',
  'nfs',
  'nfs4',
  'ocfs2',
  'orangefs',
  'pvfs2',
  'smb3',
  'smbfs',
  'virtiofs',
])

/** True when asking a mount of this type can hang for ever; `type` as in mountinfo, e.g. `nfs4`, `fuse.sshfs`. */
export const mayHang = (type: string): boolean => remoteTypes.has(type) || type.startsWith('fuse.')

/** Why a folder that was judged is left alone. */
export const mountedMeanwhile = 'another file system was mounted there meanwhile, or one was unmounted'

/** Which mount a path without symlinks lies on; null when the table is empty. */
export type MountLookup = (path: string) => Mount | null

/** Of several mounts on one point the last one is seen (mountinfo is in the order of mounting). */
export const mountLookup = (mounts: readonly Mount[]): MountLookup => {
  const byPoint = new Map(mounts.map((mount) => [mount.mountPoint, mount]))
  return (path) => {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const mount = byPoint.get(at)
      if (mount) return mount
    }
    return byPoint.get('/') ?? null
  }
}
