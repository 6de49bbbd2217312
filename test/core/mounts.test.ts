import { describe, expect, it } from 'vitest'
import type { Mount } from '../../src/core/facts.ts'
import { mayHang, mountLookup } from '../../src/core/mounts.ts'

const mount = (mountPoint: string, type: string): Mount => ({
  id: 1,
  source: 'x',
  rootInside: '/',
  mountPoint,
  type,
  readOnly: false,
  device: '0:1',
  superOptions: 'rw',
})

describe('mayHang', () => {
  it.each([
    'nfs',
    'nfs4',
    'cifs',
    'smb3',
    'fuse',
    'fuse.sshfs',
    'fuseblk',
    '9p',
    'ceph',
    'virtiofs',
    'autofs',
  ])('%s may', (type) => expect(mayHang(type)).toBe(true))

  it.each([
    'ext4',
    'xfs',
    'btrfs',
    'tmpfs',
    'overlay',
    'zfs',
    'vfat',
    'fusectl',
    'nfsd',
    'ramfs',
    'squashfs',
  ])('%s does not', (type) => expect(mayHang(type)).toBe(false))
})

describe('mountLookup', () => {
  const lookup = mountLookup([
    mount('/', 'ext4'),
    mount('/run', 'tmpfs'),
    mount('/run/lock', 'tmpfs'),
    mount('/mnt', 'autofs'),
    mount('/mnt', 'nfs4'),
  ])

  it.each([
    ['/', '/', 'ext4'],
    ['/etc/passwd', '/', 'ext4'],
    ['/run', '/run', 'tmpfs'],
    ['/run/lock/x/y', '/run/lock', 'tmpfs'],
    ['/running', '/', 'ext4'],
    ['/mnt/x', '/mnt', 'nfs4'],
  ])('%s is on %s (%s), the last mounted there', (path, mountPoint, type) => {
    expect(lookup(path)).toMatchObject({ mountPoint, type })
  })

  it('an empty table has no answer', () => {
    expect(mountLookup([])('/x')).toBeNull()
  })
})
