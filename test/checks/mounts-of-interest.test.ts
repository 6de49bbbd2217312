import { describe, expect, it } from 'vitest'
import { chooseMounts } from '../../src/checks/mounts-of-interest.ts'
import { parseMountinfo } from '../../src/parse/mountinfo.ts'

const choose = (...lines: string[]) => {
  const { measured, skipped } = chooseMounts(parseMountinfo(lines.join('\n')))
  return {
    measured: measured.map(({ mountPoint }) => mountPoint),
    skipped: skipped.map(({ mountPoint }) => mountPoint),
  }
}

const root = '21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw'

describe('which mounts are measured', () => {
  it('disks and file systems in RAM, in the order of their paths', () => {
    expect(
      choose(
        '30 21 0:25 / /tmp rw,nosuid - tmpfs tmpfs rw,size=1024k',
        root,
        '31 21 8:2 / /home rw - xfs /dev/sda2 rw',
        '32 21 0:40 / /tank rw - zfs tank rw',
      ),
    ).toEqual({ measured: ['/', '/home', '/tank', '/tmp'], skipped: [] })
  })

  it.each([
    ['proc', '22 21 0:5 / /proc rw - proc proc rw'],
    ['sysfs', '22 21 0:5 / /sys rw - sysfs sysfs rw'],
    ['devtmpfs', '22 21 0:5 / /dev rw - devtmpfs udev rw,size=9k'],
    ['cgroup2', '22 21 0:5 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw'],
    ['efivarfs', '22 21 0:5 / /sys/firmware/efi/efivars rw - efivarfs efivarfs rw'],
    ['ramfs', '22 21 0:5 / /run/credentials/x rw - ramfs ramfs rw'],
    ['a snap', '22 21 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro'],
    ['a CD', '22 21 11:0 / /media/cd ro - iso9660 /dev/sr0 ro'],
    ['the overlay of a container', '22 21 0:5 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw'],
    ['what is mounted read-only', '22 21 8:9 / /boot ro,relatime - ext4 /dev/sda9 rw'],
    ['a file system that is read-only', '22 21 8:9 / /boot rw - ext4 /dev/sda9 ro'],
    ['a bind mount of another disk', '22 21 8:7 /data/x /srv/x rw - ext4 /dev/sda7 rw'],
    ['a masked file of a container', '22 21 0:50 /null /proc/kcore rw - tmpfs tmpfs rw'],
    ['autofs, which would mount when asked', '22 21 0:5 / /home/auto rw - autofs auto.home rw'],
    ['the tmpfs above the cgroups of v1', '22 21 0:5 / /sys/fs/cgroup rw - tmpfs tmpfs rw'],
    [
      'the /dev/shm of a container',
      '22 21 0:80 / /var/lib/docker/containers/abc/mounts/shm rw - tmpfs shm rw,size=65536k',
    ],
    [
      'the /dev/shm of a podman container',
      '22 21 0:80 / /var/lib/containers/storage/overlay-containers/abc/userdata/shm rw - tmpfs shm rw',
    ],
    ['a desktop’s gvfs', '22 21 0:5 / /run/user/1/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw'],
  ])('not %s', (_, line) => {
    expect(choose(root, line)).toEqual({ measured: ['/'], skipped: [] })
  })

  it.each([
    ['NFS', '22 21 0:60 / /mnt rw - nfs4 nas:/x rw'],
    ['CIFS', '22 21 0:60 / /mnt rw - cifs //nas/x rw'],
    ['sshfs', '22 21 0:60 / /mnt rw - fuse.sshfs me@nas:/ rw'],
    ['NTFS through FUSE', '22 21 8:60 / /mnt rw - fuseblk /dev/sdb1 rw'],
  ])('%s is not asked, and said to be left out', (_, line) => {
    expect(choose(root, line)).toEqual({ measured: ['/'], skipped: ['/mnt'] })
  })

  it('each file system once, at its shortest place', () => {
    expect(
      choose(
        '22 21 8:2 / /var/lib/docker/volumes/x/_data rw - ext4 /dev/sda2 rw',
        '23 21 8:2 / /data rw - ext4 /dev/sda2 rw',
        '24 21 8:2 /sub /srv rw - ext4 /dev/sda2 rw',
        root,
      ).measured,
    ).toEqual(['/', '/data'])
  })

  it('btrfs subvolumes are no bind mounts', () => {
    expect(
      choose(
        '21 1 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@',
        '22 21 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home',
        '23 21 0:31 /@data /data rw - btrfs /dev/sdb1 rw,subvol=/@data',
      ).measured,
    ).toEqual(['/', '/data'])
  })

  it('of two on one point the later, which hides the other', () => {
    expect(
      choose(
        root,
        '22 21 0:5 / /srv rw - autofs systemd-1 rw',
        '23 21 8:5 / /srv rw - ext4 /dev/sda5 rw',
        '24 21 8:6 / /opt rw - ext4 /dev/sda6 rw',
        '25 21 0:61 / /opt rw - nfs4 nas:/opt rw',
      ),
    ).toEqual({ measured: ['/', '/srv'], skipped: ['/opt'] })
  })

  it.each([
    ['an overlay', '21 1 0:70 / / rw - overlay overlay rw,lowerdir=/a'],
    ['virtiofs', '21 1 0:70 / / rw - virtiofs root rw'],
    ['a part of a file system', '21 1 8:1 /ostree/deploy/x / rw - ext4 /dev/sda1 rw'],
  ])('the root even when it is %s', (_, line) => {
    expect(choose(line)).toEqual({ measured: ['/'], skipped: [] })
  })

  it('nothing of nothing', () => {
    expect(choose()).toEqual({ measured: [], skipped: [] })
  })
})
