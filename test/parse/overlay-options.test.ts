import { expect, it } from 'vitest'
import { overlayFolders } from '../../src/parse/overlay-options.ts'

it.each([
  ['rw,relatime,lowerdir=/a:/b,upperdir=/u/diff,workdir=/u/work,uuid=on', ['/u/diff', '/u/work', '/a', '/b']],
  // A colon in a name, and layers with data alone.
  ['ro,lowerdir=/a\\:1:/b::/data', ['/a:1', '/b', '/data']],
  ['ro,lowerdir+=/a,lowerdir+=/b,datadir+=/c', ['/a', '/b', '/c']],
  [
    'rw,lowerdir=l/AB:l/CD,upperdir=/var/lib/docker/overlay2/7/diff,workdir=/var/lib/docker/overlay2/7/work',
    [
      '/var/lib/docker/overlay2/7/diff',
      '/var/lib/docker/overlay2/7/work',
      '/var/lib/docker/overlay2/l/AB',
      '/var/lib/docker/overlay2/l/CD',
    ],
  ],
  // Nobody knows from where.
  ['ro,lowerdir=l/AB:/x', ['/x']],
  ['rw,lowerdir', []],
  ['', []],
])('the folders of %s', (options, folders) => {
  expect(overlayFolders(options)).toEqual(folders)
})
