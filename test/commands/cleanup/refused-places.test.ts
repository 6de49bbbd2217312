import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { byMtime, cleanupPlace, left, old, type Place } from '../../support/cleanup-place.ts'
import { ran } from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount, mounted } from '../../support/tiny-disk.ts'

// The whole program where a rule's folder is none that may be cleaned.
const top = tempFolder('refused-places')
chmodSync(top, 0o755)
const programs: [string, string][] = [
  ['with system calls of its own', bundleWithCalls(join(top, 'fast'))],
  ['with Node alone', bundle('../src/cli.ts', top)],
]
const nobody = 65534
const nobodyOwns = { uid: nobody }

describe.each(programs)('cleanup-tmp %s', (_, program) => {
  const place = (config = ''): Place => cleanupPlace(top, program, config)

  it.runIf(canMount)('refuses a bind mount of /etc and what is in it, and does not enter one', async () => {
    const { tmp, make, clean } = place(
      'cleanup: [ { path: TMP, age_by: mtime, one_file_system: false, keep_open: false } ]\n',
    )
    make('stale')
    const at = join(tmp, 'bound')
    mkdirSync(at)
    mounted('--bind', '/etc', at)
    // So that a defect could not empty this machine's own.
    execFileSync('mount', ['-o', 'remount,ro,bind', at])
    mkdirSync(join(tmp, 'disk'))
    mounted('-t', 'tmpfs', 'oh-test', join(tmp, 'disk'))
    make('disk/stale')
    const before = left('/etc').length
    for (const path of [at, `${at}/../bound/ssl/`])
      expect(await clean(path, ...byMtime)).toMatchObject({
        code: 64,
        text: expect.stringMatching(/is \/etc(\/ssl)? by another name/),
      })
    // Not even by a rule that leaves its file system.
    const { document } = await clean()
    expect(document).toMatchObject({
      removed: 2,
      skipped: [{ path: at, reason: 'something is mounted there' }],
    })
    expect(left('/etc')).toHaveLength(before)
  })

  it.runIf(canMount)('refuses where the system keeps a folder of its own behind a symlink', async () => {
    const { folder, tmp, make } = place()
    make('docker/stale')
    const argv = [process.execPath, program, 'cleanup-tmp', ...byMtime]
    const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
    const script =
      'mount -t tmpfs oh-test /var/lib && ln -s "$1/docker" /var/lib/docker && shift && exec "$@"'
    const words = 'is of the system'
    for (const [path, why] of [
      [join(tmp, 'docker'), `what is below /var/lib/docker ${words}`],
      ['/var/lib/docker', `what is below /var/lib/docker ${words}`],
      [tmp, `/var/lib/docker lies in it, by the name ${join(tmp, 'docker')}`],
    ] as const) {
      const { code, stderr } = await ran([
        ...['unshare', '-m', 'sh', '-c', script, 'sh', tmp, ...argv, ...places, path],
      ])
      expect(code).toBe(64)
      expect(stderr).toContain(why)
    }
    expect(left(tmp)).toEqual(['docker', 'docker/stale'])
  })

  it.runIf(canMount)(
    'refuses what a home, or the volumes of Docker, lie in by a mount or a symlink',
    async () => {
      const { folder, tmp, make } = place()
      make('bob/stale')
      const argv = [process.execPath, program, 'cleanup-tmp', ...byMtime]
      const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
      const volumes = '/var/lib/docker/volumes'
      for (const [script, path, why] of [
        [
          'mount -t tmpfs oh-test /home && mkdir /home/bob && mount --bind "$1/bob" /home/bob',
          ...[tmp, `/home/bob lies in it, by the name ${tmp}/bob`],
        ],
        [
          `mount -t tmpfs oh-test /var/lib && mkdir -p ${volumes} && mount --bind "$1/bob" ${volumes}`,
          ...[tmp, `${volumes} lies in it, by the name ${tmp}/bob`],
        ],
        [
          'mount -t tmpfs oh-test /home && ln -s "$1/bob" /home/bob',
          ...[tmp, `/home/bob lies in it, by the name ${tmp}/bob`],
        ],
        [
          'mount -t tmpfs oh-test /home && ln -s "$1/bob" /home/bob',
          ...[join(tmp, 'bob'), 'it is the home of a user'],
        ],
      ] as const) {
        const { code, stderr } = await ran([
          ...['unshare', '-m', 'sh', '-c', `${script} && shift && exec "$@"`, 'sh', tmp],
          ...[...argv, ...places, path],
        ])
        expect(code).toBe(64)
        expect(stderr).toContain(why)
      }
      expect(left(tmp)).toEqual(['bob', 'bob/stale'])
    },
  )

  it('refuses a folder with a link that leads to its own state, logs or config', async () => {
    const { folder, tmp, clean } = place()
    for (const name of ['ssd', 'way']) mkdirSync(join(folder, name))
    const link = (to: string, at: string): string => {
      symlinkSync(to, at)
      lutimesSync(at, old, old)
      return at
    }
    const direct = link(join(folder, 'ssd'), join(tmp, 'oh'))
    const onTheWay = `${link(join(folder, 'way'), join(tmp, 'way'))}/oh`
    link(join(folder, 'ssd'), join(folder, 'way', 'oh'))
    const config = link(join(folder, 'config.yaml'), join(tmp, 'config.yaml'))
    for (const [option, path, found] of [
      ['--state-dir', direct, direct],
      ['--log-dir', direct, direct],
      ['--state-dir', onTheWay, join(tmp, 'way')],
      ['-c', config, config],
    ] as const)
      expect(await clean(tmp, ...byMtime, option, path)).toMatchObject({
        code: 64,
        text: expect.stringContaining(`${found}, which leads to what is of this toolkit, lies in it`),
      })
    expect(readdirSync(tmp).sort()).toEqual(['config.yaml', 'oh', 'way'])
    expect((await clean(tmp, ...byMtime)).document.removed).toBe(3)
  })

  it('a rule on a folder of this program’s own keeps no other from its work', async () => {
    const rules = ['TMP/../state', 'TMP'].map((path) => `{ path: ${path}, age_by: mtime, keep_open: false }`)
    const { tmp, make, clean } = place(`cleanup: [ ${rules.join(', ')} ]\n`)
    make('stale')
    const { code, document } = await clean()
    expect(code).toBe(1)
    expect(document).toMatchObject({
      paths: [join(tmp, 'stale')],
      failed: [{ path: `${tmp}/../state`, error: expect.stringContaining('of this toolkit') }],
    })
  })

  it.runIf(isRoot)('a rule that is refused by what is on the disk keeps no other from its work', async () => {
    const trouble = ['link', 'loop', 'file', 'etc', 'locked/in', 'stale, users: [nobody-such]']
    const rules = [...trouble, 'good'].map((path) => `{ path: TMP/${path}, age_by: mtime, keep_open: false }`)
    const config = `cleanup:\n${rules.map((one) => `  - ${one}\n`).join('')}`
    const { tmp, make, clean } = cleanupPlace(top, program, config, nobodyOwns)
    for (const name of ['elsewhere/', 'good/', 'stale/', 'file', 'locked/in/', 'good/gone', 'stale/stays'])
      make(name)
    symlinkSync(join(tmp, 'elsewhere'), join(tmp, 'link'))
    symlinkSync('loop', join(tmp, 'loop'))
    symlinkSync('/etc', join(tmp, 'etc'))
    lchownSync(join(tmp, 'link'), 5000, 5000)
    chownSync(join(tmp, 'locked'), 0, 0)
    chmodSync(join(tmp, 'locked'), 0o700)
    const { code, document } = await clean()
    expect(code).toBe(1)
    expect(document).toMatchObject({ removed: 1, paths: [join(tmp, 'good/gone')] })
    expect(document.failed.map(({ path, error }) => [path.slice(tmp.length + 1), error])).toEqual(
      [
        ['link', `${tmp}/link is a symbolic link of another user`],
        ['loop', 'its symlinks go in a circle'],
        ['file', 'it is no folder'],
        ['etc', 'of the system'],
        ['locked/in', `${tmp}/locked/in: permission denied (EACCES)`],
        ['stale', '/etc/passwd has no user nobody-such'],
      ].map(([path, why]) => [path, expect.stringContaining(why as string)]),
    )
    rmSync(join(tmp, 'good'), { recursive: true })
    expect((await clean()).code).toBe(2)
    for (const path of ['TMP/../../../../../../../../etc', '/home//', '/var/lib/docker'])
      expect(await cleanupPlace(top, program, `${config}  - { path: "${path}" }\n`).clean()).toMatchObject({
        code: 78,
        text: expect.stringMatching(/cleanup\[7\]\S* .*(of the system|home)/),
      })
  })
})
