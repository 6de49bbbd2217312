import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMountinfo } from '../../src/parse/mountinfo.ts'

describe('parseMountinfo', () => {
  it('reads the line of the man page', () => {
    const line = '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n'
    expect(parseMountinfo(line)).toEqual([
      {
        id: 36,
        source: '/dev/root',
        rootInside: '/mnt1',
        mountPoint: '/mnt2',
        type: 'ext3',
        readOnly: false,
        device: '98:0',
        superOptions: 'rw,errors=continue',
      },
    ])
  })

  it.each([
    ['no optional field', '22 27 0:21 / /proc rw,relatime - proc proc rw', '/proc', 'proc'],
    [
      'many of them',
      '1 2 0:1 / /a rw shared:5 master:2 propagate_from:3 unbindable - tmpfs t rw',
      '/a',
      'tmpfs',
    ],
    ['an empty source', '1 2 0:1 / /a rw - tmpfs  rw,size=4k', '/a', 'tmpfs'],
    [
      'an escaped mount point',
      '1 2 0:1 / /my\\040disk\\011\\012\\134x rw - ext4 /dev/sda rw',
      '/my disk\t\n\\x',
      'ext4',
    ],
    ['a mount point named -', '1 2 0:1 / /- rw - ext4 - rw', '/-', 'ext4'],
    ['not an escape', '1 2 0:1 / /a\\9 rw - ext4 x rw', '/a\\9', 'ext4'],
    ['UTF-8', '1 2 0:1 / /café rw - ext4 x rw', '/café', 'ext4'],
    [
      'a cgroup outside of the namespace',
      '1 2 0:1 /../.. /sys/fs/cgroup rw - cgroup2 c rw',
      '/sys/fs/cgroup',
      'cgroup2',
    ],
  ])('%s', (_, line, mountPoint, type) => {
    expect(parseMountinfo(line)).toMatchObject([{ mountPoint, type }])
  })

  it('is read-only by the mount or by the file system', () => {
    const text = [
      '1 2 8:1 / /mount ro,nosuid - ext4 /dev/sda1 rw,errors=remount-ro',
      '1 2 8:1 / /disk rw,nosuid - ext4 /dev/sda1 ro',
      '1 2 8:1 / /neither rw,nosuid - ext4 /dev/sda1 rw,errors=remount-ro',
    ].join('\n')
    expect(parseMountinfo(text).map((m) => [m.mountPoint, m.readOnly])).toEqual([
      ['/mount', true],
      ['/disk', true],
      ['/neither', false],
    ])
  })

  it('keeps the order, leaves out what makes no sense', () => {
    const text =
      '\n1 2 0:1 / /a rw - tmpfs a rw\nnonsense\n1 2 0:1 / /b rw tmpfs b rw\n1 2 0:1 / c rw - x y z\n1 2 0:1 / /a rw - tmpfs b rw\n1 2 0:1 / /cut rw - ext4'
    expect(parseMountinfo(text).map((m) => m.source)).toEqual(['a', 'b'])
  })

  it('never throws, and gives back any path that the kernel can escape', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseMountinfo(text)))
    const escaped = (path: string): string =>
      path.replace(/[ \t\n\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (point, source) => {
        const line = `1 2 0:1 / /${escaped(point)} rw shared:1 - ext4 ${escaped(source)} rw\n`
        expect(parseMountinfo(line)).toMatchObject([{ mountPoint: `/${point}`, source, superOptions: 'rw' }])
      }),
    )
  })
})
