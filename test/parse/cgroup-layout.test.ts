import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cgroupFolder, cgroupLayout, selfAndAncestors } from '../../src/parse/cgroup-layout.ts'
import { parseMountinfo } from '../../src/parse/mountinfo.ts'

const layoutOf = (...lines: string[]) => cgroupLayout(parseMountinfo(lines.join('\n')))

const tmpfs = '31 23 0:28 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755'
const v2 =
  '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot'
const unified = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw'
const memory = '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:16 - cgroup cgroup rw,memory'
const cpu = '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:13 - cgroup cgroup rw,cpu,cpuacct'
const named = '40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd'
const netCls = '90 1 0:60 / /run/vpn/net_cls rw - cgroup net_cls rw,net_cls'

const atRoot = (version: 1 | 2, mountPoint: string) => ({ version, mountPoint, rootInside: '/' })

describe('cgroupLayout', () => {
  it.each([
    ['v2', [v2], 'v2', atRoot(2, '/sys/fs/cgroup')],
    ['v1', [tmpfs, cpu, memory, named], 'v1', atRoot(1, '/sys/fs/cgroup/memory')],
    ['hybrid', [tmpfs, memory, named, unified], 'hybrid', atRoot(1, '/sys/fs/cgroup/memory')],
    [
      'hybrid, memory by v2 (cgroup_no_v1=memory)',
      [tmpfs, cpu, unified],
      'hybrid',
      atRoot(2, '/sys/fs/cgroup/unified'),
    ],
    ['v1 without memory (cgroup_disable=memory)', [tmpfs, cpu, named], 'v1', null],
    ['v2 beside a VPN’s net_cls', [v2, netCls], 'v2', atRoot(2, '/sys/fs/cgroup')],
    ['none', [tmpfs], 'none', null],
    ['no mounts', [], 'none', null],
  ])('%s', (_, lines, version, hierarchy) => {
    expect(layoutOf(...lines)).toEqual({ version, memory: hierarchy })
  })

  it('prefers the mount that shows most, wherever it stands in the file', () => {
    const part = '99 1 0:32 /kubepods/pod1 /var/lib/x/cgroup/memory rw - cgroup cgroup rw,memory'
    const whole = '98 1 0:32 / /mnt/memory rw - cgroup cgroup rw,memory'
    expect(layoutOf(part, memory, whole).memory).toEqual(atRoot(1, '/sys/fs/cgroup/memory'))
    expect(layoutOf(whole, part).memory).toEqual(atRoot(1, '/mnt/memory'))
  })

  it('takes the last of two on one point, which hides the first', () => {
    const container = v2.replace(' / /sys', ' /docker/ab /sys')
    expect(layoutOf(v2, container).memory?.rootInside).toBe('/docker/ab')
  })
})

describe('cgroupFolder', () => {
  it.each([
    ['a host', '/', '/system.slice/cron.service', '/m/system.slice/cron.service'],
    ['a host’s root', '/', '/', '/m'],
    ['a container that sees the host’s paths', '/docker/ab', '/docker/ab', '/m'],
    ['a group inside it', '/docker/ab', '/docker/ab/web', '/m/web'],
    ['another container', '/docker/ab', '/docker/abc', null],
    ['outside of it', '/docker/ab', '/system.slice', null],
    ['outside of the own cgroup namespace', '/', '/../system.slice', null],
    ['outside, and mounted from there', '/../..', '/../../system.slice', '/m/system.slice'],
    ['inside, where only the outside is mounted', '/../..', '/web', null],
    ['out by the back door', '/', '/a/../../etc', null],
    ['doubled slashes', '/', '//a//b/', '/m/a/b'],
  ])('%s', (_, rootInside, path, folder) => {
    expect(cgroupFolder({ version: 2, mountPoint: '/m', rootInside }, path)).toBe(folder)
  })

  it('never leaves the mount', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'docker')
    const path = fc.array(part).map((parts) => `/${parts.join('/')}`)
    fc.assert(
      fc.property(path, path, (rootInside, wanted) => {
        const folder = cgroupFolder({ version: 1, mountPoint: '/m', rootInside }, wanted)
        return folder === null || (/^\/m(\/|$)/.test(folder) && !folder.split('/').includes('..'))
      }),
    )
  })
})

describe('selfAndAncestors', () => {
  const up = (rootInside: string, path: string) =>
    selfAndAncestors({ version: 2, mountPoint: '/m', rootInside }, path)

  it('goes up to the root of the mount', () => {
    expect(up('/', '/a.slice/b.service')).toEqual(['/a.slice/b.service', '/a.slice', '/'])
    expect(up('/docker/ab', '/docker/ab/web')).toEqual(['/docker/ab/web', '/docker/ab'])
    expect(up('/', '/')).toEqual(['/'])
  })
})
