import { describe, expect, it } from 'vitest'
import type { Mount } from '../../src/core/facts.ts'
import { closedMounts, isInside, rootRefusal } from '../../src/plan/cleanup-roots.ts'

const ownFolders = ['/var/lib/oratio-health', '/srv/oh/config.yaml']

const mount = (mountPoint: string, device = mountPoint, rootInside = '/', type = 'ext4'): Mount => ({
  ...{ mountPoint, device, rootInside, type, source: device, readOnly: false, superOptions: 'rw' },
})

describe('roots that are refused', () => {
  const refusal = (path: string, mountPoints: string[] = ['/', '/tmp', '/data']) =>
    rootRefusal({ path, mounts: mountPoints.map((point) => mount(point)), ownFolders })

  it.each([
    ...[
      '/',
      '/home',
      '/home/bob',
      '/etc',
      '/etc/ssl',
      '/usr',
      '/usr/lib/x',
      '/var',
      '/var/lib',
      '/root',
      '/boot',
    ],
    ...[
      '/proc/1',
      '/sys/fs',
      '/dev',
      '/dev/mqueue',
      '/bin',
      '/lib/x',
      '/data',
      '/var/lib/oratio-health',
      '/srv/oh',
      '/run',
    ],
  ])('%s', (path) => {
    expect(refusal(path)).toEqual(expect.any(String))
  })

  it.each([
    '/tmp',
    '/tmp/x',
    '/var/tmp',
    '/var/cache/thumbs',
    '/home/bob/tmp',
    '/data/tmp',
    '/dev/shm/x',
    '/etcetera',
    '/run/user/1000',
  ])('but not %s', (path) => {
    expect(refusal(path, ['/', '/tmp', '/data', '/run/user/1000'])).toBeNull()
  })

  it('inside is by names, not by letters', () => {
    expect(isInside('/ab', '/a')).toBe(false)
    expect(isInside('/a/b', '/a')).toBe(true)
    expect(isInside('/a', '/')).toBe(true)
  })
})

describe('a folder of the system by another name', () => {
  const refusal = (path: string, ...mounts: Mount[]) =>
    rootRefusal({ path, mounts: [mount('/', 'root'), ...mounts], ownFolders })

  it.each([
    ['/tmp/b', '/etc', /\/etc by another name: it is a folder of the system/],
    ['/tmp/b/ssl', '/etc', /\/etc\/ssl by another name/],
    ['/tmp/b', '/usr/share/doc', /below \/usr\/share/],
    ['/tmp/b', '/', /\/ by another name: it is a folder of the system/],
    ['/tmp/b/etc/ssl', '/', /\/etc\/ssl by another name/],
    ['/tmp/b', '/home', /\/home by another name/],
    ['/tmp/b/ada', '/home', /\/home\/ada by another name: it is the home/],
    ['/tmp/b/lib', '/var', /\/var\/lib by another name/],
    ['/tmp/b/oratio-health', '/var/lib', /of this toolkit/],
  ])('%s, where %s is mounted on /tmp/b', (path, inside, words) => {
    expect(refusal(path, mount('/tmp/b', 'root', inside))).toMatch(words)
  })

  it('which lies on a file system of its own', () => {
    const home = mount('/home', 'disk')
    expect(refusal('/tmp/b/ada', home, mount('/tmp/b', 'disk'))).toMatch(/\/home\/ada by another name/)
    expect(refusal('/data/homes/ada', mount('/data', 'disk'), mount('/home', 'disk', '/homes'))).toMatch(
      /\/home\/ada by another name/,
    )
  })

  it('in which one of the system lies, or one of this toolkit', () => {
    const data = mount('/data', 'disk')
    expect(refusal('/data/a', data, mount('/home', 'disk', '/a/homes'))).toBe(
      '/home lies in it, by the name /data/a/homes',
    )
    expect(refusal('/data/a', data, mount('/var/lib/oratio-health', 'disk', '/a/oh'))).toMatch(
      /^\/var\/lib\/oratio-health lies in it/,
    )
  })

  it('but not what is no such folder, nor what is mounted further below', () => {
    const home = mount('/home', 'disk', '/homes')
    expect(refusal('/data/tmp', mount('/data', 'disk'), home)).toBeNull()
    expect(refusal('/tmp/b/x', mount('/tmp/b', 'root', '/srv/render'))).toBeNull()
    expect(refusal('/tmp/b/ada/tmp', mount('/tmp/b', 'root', '/home'))).toBeNull()
    expect(refusal('/tmp', mount('/tmp/chroot', 'root'))).toBeNull()
    // Of a container's volume, whose host is not seen.
    expect(
      refusal('/tmp', mount('/tmp', 'disk', '/srv/volume/tmp'), mount('/x', 'disk', '/srv/x')),
    ).toBeNull()
  })

  it('nor what the kernel shows in a chroot', () => {
    expect(refusal('/tmp/chroot/proc/sys', mount('/tmp/chroot/proc', '0:99', '/', 'proc'))).toMatch(
      /type proc is the kernel's/,
    )
  })

  it('is not entered by a rule that leaves its file system, nor is what may never answer', () => {
    const mounts = [
      mount('/', 'root'),
      mount('/tmp/disk', 'disk'),
      mount('/tmp/etc', 'root', '/etc'),
      mount('/tmp/proc', '0:99', '/', 'proc'),
      mount('/tmp/nfs', '0:50', '/', 'nfs4'),
      mount('/elsewhere', '0:51', '/', 'nfs4'),
    ]
    expect(closedMounts({ path: '/tmp', mounts, ownFolders })).toEqual(['/tmp/etc', '/tmp/proc', '/tmp/nfs'])
  })
})
