import { describe, expect, it } from 'vitest'
import type { Mount } from '../../src/core/facts.ts'
import {
  closedMounts,
  isInside,
  rootRefusal,
  systemFolders,
  textRefusal,
} from '../../src/plan/cleanup-roots.ts'

/** Of a host without symlinks in the places of its folders. */
const system = systemFolders((path) => path)
const ownFolders = ['/var/lib/oratio-health', '/srv/oh/config.yaml']
const ownLinks = ['/srv/links/oh']
const own = { ownFolders, ownLinks }

const mount = (mountPoint: string, device = mountPoint, rootInside = '/', type = 'ext4'): Mount => ({
  ...{ id: 1, mountPoint, device, rootInside, type, source: device, readOnly: false, superOptions: 'rw' },
})

describe('by its text alone', () => {
  it.each(['/', '/etc', '//etc//ssl/', '/tmp/../etc', '/../..', '/home/./bob/', '/var/lib/docker'])(
    '%s is refused',
    (path) => {
      expect(textRefusal(path)).toEqual(expect.any(String))
    },
  )

  it.each(['/tmp', '/tmp/etc', '/etcetera', '/var/tmp/../tmp', '/home/bob/tmp'])('%s is not', (path) => {
    expect(textRefusal(path)).toBeNull()
  })
})

describe('roots that are refused', () => {
  const refusal = (path: string, mountPoints: string[] = ['/', '/tmp', '/data']) =>
    rootRefusal({
      ...{ path, written: path, system, ...own },
      mounts: mountPoints.map((point) => mount(point)),
    })

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
      '/srv/links',
      '/srv/links/oh',
      '/run',
      '/run/systemd/inhibit',
      '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs',
      '/var/lib/kubelet/pods',
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
    // By its own name; where the link leads is a folder of this toolkit or not.
    '/srv/links/oh/tmp',
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

describe('a folder of the system that is a symlink', () => {
  const links: Record<string, string> = {
    '/home': '/data/home',
    '/var/lib/docker': '/data/docker',
    '/opt': '/var/opt',
    '/home/bob': '/disk/homes/bob',
    '/home/all': '/tmp',
  }
  const realOf = (path: string): string => {
    const link = Object.keys(links).findLast((one) => isInside(path, one)) ?? ''
    return (links[link] ?? '') + path.slice(link.length)
  }
  const linked = systemFolders(realOf, ['bob', 'all'])
  const refusal = (written: string, path = realOf(written), ...mounts: Mount[]) =>
    rootRefusal({
      ...{ path, written, system: linked, ...own },
      mounts: [mount('/', 'root'), ...mounts],
    })

  it.each([
    ['/home', 'it is a folder of the system, not of temporary files'],
    ['/data/home', 'it is /home, a folder of the system, not of temporary files'],
    ['/home/ada', 'it is the home of a user; name the folder in it'],
    ['/data/home/ada', 'it is the home of a user; name the folder in it'],
    ['/data/docker/overlay2', 'what is below /var/lib/docker is of the system'],
    ['/var/opt', 'it is /opt, a folder of the system, not of temporary files'],
    ['/data', '/home lies in it, by the name /data/home'],
    ['/home/bob', 'it is the home of a user; name the folder in it'],
    ['/disk/homes/bob', 'it is the home of a user; name the folder in it'],
    ['/disk', '/home/bob lies in it, by the name /disk/homes/bob'],
  ])('%s: %s', (path, words) => {
    expect(refusal(path)).toBe(words)
  })

  it('by the name that it was given, wherever that leads', () => {
    expect(refusal('/home/ada', '/fast/ada')).toMatch(/the home of a user/)
    expect(refusal('/etc/x', '/fast/x')).toMatch(/below \/etc/)
  })

  it('by what a bind mount calls it', () => {
    expect(refusal('/tmp/b', '/tmp/b', mount('/tmp/b', 'root', '/data/home'))).toMatch(
      /it is \/data\/home by another name: it is \/home,/,
    )
    expect(refusal('/tmp/b/x', '/tmp/b/x', mount('/tmp/b', 'root', '/data/docker'))).toMatch(
      /below \/var\/lib\/docker/,
    )
  })

  it('but not what lies deeper, beside it, or what is mounted there', () => {
    for (const path of [
      '/home/ada/tmp',
      '/data/home/ada/tmp',
      '/data/tmp',
      '/var/opt/x/tmp',
      '/disk/homes/bob/tmp',
      '/tmp',
    ])
      expect(refusal(path)).toBeNull()
    const mounts = [mount('/', 'root'), mount('/data/home', 'disk'), mount('/data/docker', 'disk2')]
    const data = { path: '/data', written: '/data', system: linked, mounts, ...own }
    expect(rootRefusal(data)).toBeNull()
    // Nor is that entered by a rule that leaves its file system.
    expect(closedMounts(data)).toEqual(['/data/home', '/data/docker'])
  })
})

describe('a folder of the system by another name', () => {
  const refusal = (path: string, ...mounts: Mount[]) =>
    rootRefusal({ path, written: path, system, mounts: [mount('/', 'root'), ...mounts], ...own })

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
    ['/tmp/b', '/srv/links', /\/srv\/links\/oh, which leads to what is of this toolkit/],
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
    expect(refusal('/data/a', data, mount('/srv/links', 'disk', '/a/links'))).toMatch(
      /^\/srv\/links\/oh lies in it/,
    )
  })

  it('in which a home lies, or what is below one of the system, by a mount of its own', () => {
    const disk = mount('/data', 'disk')
    expect(refusal('/srv/big', mount('/home/bob', 'root', '/srv/big/bob'))).toBe(
      '/home/bob lies in it, by the name /srv/big/bob',
    )
    const volumes = mount('/var/lib/docker/volumes', 'disk', '/x/volumes')
    expect(refusal('/data/x', disk, volumes)).toBe(
      '/var/lib/docker/volumes lies in it, by the name /data/x/volumes',
    )
    // Nor is such a mount entered by a rule that leaves its file system.
    const mounts = [mount('/', 'root'), volumes, mount('/tmp/disk', 'disk')]
    expect(closedMounts({ path: '/tmp', written: '/tmp', system, mounts, ...own })).toEqual(['/tmp/disk'])
    expect(refusal('/srv/big/tmp', mount('/home/bob', 'root', '/srv/big/bob'))).toBeNull()
    expect(refusal('/srv/big/bob/tmp', mount('/home/bob', 'root', '/srv/big/bob'))).toBeNull()
    expect(refusal('/srv/big', mount('/home/bob/x', 'root', '/srv/big/bob'))).toBeNull()
    expect(refusal('/data/x', disk, mount('/var/lib/docker/volumes', 'disk2', '/x/volumes'))).toBeNull()
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
    expect(closedMounts({ path: '/tmp', written: '/tmp', system, mounts, ...own })).toEqual([
      '/tmp/etc',
      '/tmp/proc',
      '/tmp/nfs',
    ])
  })
})
