import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { bundleWithCalls } from '../../support/bundle-with-calls.ts'
import { byMtime, cleanupPlace, left, old, type Place } from '../../support/cleanup-place.ts'
import { ran } from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount, mounted } from '../../support/tiny-disk.ts'

// The whole program where a file system, a right or the clock is not as it should be.
const top = tempFolder('odd-places')
chmodSync(top, 0o755)
const programs: [string, string][] = [
  ['with system calls of its own', bundleWithCalls(join(top, 'fast'))],
  ['with Node alone', bundle('../src/cli.ts', top)],
]
const nobody = 65534
const nobodyOwns = { uid: nobody }

describe.each(programs)('cleanup-tmp %s', (_, program) => {
  const place = (config = ''): Place => cleanupPlace(top, program, config)

  it.runIf(canMount)(
    'a file system that is full is made room on, though nothing can be written there',
    async () => {
      const { folder, tmp, make, clean } = place()
      const disk = join(tmp, 'disk')
      mkdirSync(disk)
      mounted('-t', 'tmpfs', '-o', 'size=64k', 'oh-test', disk)
      for (const name of ['state', 'log', 'tmp']) mkdirSync(join(disk, name))
      make('disk/tmp/stale')
      make('disk/tmp/filler', 'x'.repeat(40_960))
      expect(() => writeFileSync(join(disk, 'more'), Buffer.alloc(100_000))).toThrow(/ENOSPC/)
      const own = ['--state-dir', join(disk, 'state'), '--log-dir', join(disk, 'log')]
      expect((await clean(join(disk, 'tmp'), ...byMtime, ...own)).document).toMatchObject({
        removed: 2,
        failed: [],
      })
      expect(readdirSync(join(disk, 'tmp'))).toEqual([])
      expect(folder).not.toBe(disk)
    },
  )

  it.runIf(canMount)('of a read-only one each failure is named, and after three times left out', async () => {
    const { tmp, make, clean } = place()
    const disk = join(tmp, 'disk')
    mkdirSync(disk)
    mounted('-t', 'tmpfs', 'oh-test', disk)
    make('disk/tmp/a')
    make('disk/tmp/b')
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const again = () => clean(join(disk, 'tmp'), ...byMtime)
    for (let i = 0; i < 3; i++) {
      const { code, document } = await again()
      expect(code).toBe(2)
      expect(document.failed.map(({ path, error }) => `${path.slice(-1)} ${error}`).sort()).toEqual([
        'a read-only file system (EROFS)',
        'b read-only file system (EROFS)',
      ])
    }
    await again()
    expect((await again()).document).toMatchObject({ failedCount: 0, skippedCount: 2 })
  })

  it.runIf(isRoot)(
    'of an ordinary user: below a folder that nobody may list, and one he may not write to',
    async () => {
      const { tmp, make, clean } = cleanupPlace(top, program, '', nobodyOwns)
      make('open/mine/stale')
      make('closed/stale')
      for (const [name, mode] of [
        ['open', 0o711],
        ['closed', 0o755],
      ] as const) {
        execFileSync('chown', ['root:root', join(tmp, name)])
        chmodSync(join(tmp, name), mode)
      }
      execFileSync('chown', [`${nobody}:${nobody}`, join(tmp, 'open/mine')])
      expect((await clean(join(tmp, 'open/mine'), ...byMtime)).document).toMatchObject({
        removed: 1,
        failed: [],
      })
      const { code, document } = await clean(tmp, ...byMtime)
      expect(code).toBe(2)
      expect(document.failed.map(({ path, error }) => [path.slice(tmp.length), error]).sort()).toEqual([
        ['/closed/stale', 'permission denied (EACCES)'],
        ['/open', 'permission denied (EACCES)'],
      ])
    },
  )

  it.runIf(canMount)('what a mounted overlay is made of stays, whatever is open through it', async () => {
    const { folder, tmp: disk, make } = place()
    const tmp = join(disk, 'in')
    mounted('-t', 'tmpfs', 'oh-test', disk)
    for (const name of ['layers/low/a', 'layers/up/b', 'layers/up/c/d', 'work/', 'merged/', 'free/stale'])
      make(`in/${name}`)
    symlinkSync('low', join(tmp, 'layers/link'))
    const lower = `lowerdir=${tmp}/layers/link`
    mounted(
      ...['-t', 'overlay', '-o', `${lower},upperdir=${tmp}/layers/up,workdir=${tmp}/work`],
      ...['oh-test', join(tmp, 'merged')],
    )
    const swept = async (...more: string[]): Promise<string[]> => {
      const argv = [process.execPath, program, 'cleanup-tmp', tmp, '--by', 'mtime', ...more]
      const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
      // All of whose processes root sees.
      await ran([
        ...['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c'],
        ...['tmp=$1; shift; exec 3<"$tmp/merged/a"; "$@"; exit $?', 'sh', tmp, ...argv, ...places],
      ])
      return (['layers/low', 'layers/up', 'layers/up/c', 'free'] as const).flatMap((at) =>
        readdirSync(join(tmp, at)),
      )
    }
    expect(await swept()).toEqual(['a', 'b', 'c', 'd'])
    expect(await swept('--empty-dirs')).toEqual(['a', 'b', 'c', 'd'])
    expect(await swept('--no-keep-open')).toEqual(['c'])
  })

  it('what lies deeper than it goes is told, and does not stay without a word', async () => {
    const { tmp, clean } = place()
    const deep = `import os, sys
os.chdir(sys.argv[1])
for i in range(402):
    os.mkdir("d"); os.chdir("d")
    open("f", "w").close(); os.utime("f", (0, 0))`
    execFileSync('python3', ['-c', deep, tmp])
    onTestFinished(() => void execFileSync('rm', ['-rf', tmp]))
    for (const more of [[], ['--empty-dirs']]) {
      const { code, document } = await clean(tmp, ...byMtime, ...more)
      expect(code).toBe(more.length === 0 ? 1 : 2)
      const path = `${tmp}${'/d'.repeat(401)}`
      expect(document.failed).toEqual([{ path, error: 'it lies more than 400 folders deep' }])
      expect(document.removed).toBe(more.length === 0 ? 400 : 0)
    }
  })

  it('ten rules on one folder: each file goes once, and no rule counts what another has removed', async () => {
    const rules = Array.from(
      { length: 8 },
      (_, i) => `{ path: TMP, match: ["[${i}-9]*", "a*"], age_by: mtime, keep_open: false }`,
    )
    const newest = '{ path: TMP, match: ["*"], age_by: mtime, keep_newest: 2, keep_open: false }'
    const { tmp, make, clean } = place(
      `cleanup:\n${[...rules, newest, newest].map((rule) => `  - ${rule}\n`).join('')}`,
    )
    for (let i = 0; i < 20; i++) make(`${i % 10}-${i}`)
    for (let i = 0; i < 5; i++) {
      const stamp = new Date(old.getTime() - (10 - i) * 86_400_000)
      utimesSync(make(`z${i}`), stamp, stamp)
    }
    make('young', 'x', 'young')
    const rehearsed = (await clean('-n')).document
    const { code, document } = await clean()
    expect(code).toBe(0)
    expect([rehearsed.removed, rehearsed.removedBytes, rehearsed.kept]).toEqual([
      ...[document.removed, document.removedBytes, document.kept],
    ])
    expect(new Set(rehearsed.paths)).toEqual(new Set(document.paths))
    // All with a digit; of the others the two newest stay, which are the young one and the last.
    expect(left(tmp)).toEqual(['young', 'z4'])
    expect(document).toMatchObject({ removed: 24, removedBytes: 24, failed: [] })
    expect(new Set(document.paths).size).toBe(24)
  })

  it('a rehearsal of two rules counts empty folders once, and each name of a file', async () => {
    const rules = ['TMP', 'TMP/a'].map(
      (path) => `{ path: ${path}, older_than: 1ms, age_by: mtime, empty_dirs: true, keep_open: false }`,
    )
    const { tmp, make, clean } = place(`cleanup: [ ${rules.join(', ')} ]\n`)
    make('b/stale')
    linkSync(make('a/b/one'), join(tmp, 'a/b/two'))
    make('a/c/')
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { document } = await clean('-n')
    expect(document).toMatchObject({ removed: 7, removedBytes: 1, kept: 0, failed: [] })
    expect(new Set(document.paths).size).toBe(7)
  })

  it.runIf(isRoot)('lists a thousand of each kind, and counts all', async () => {
    const { tmp, clean } = place()
    const stuck = join(tmp, 'stuck')
    const script = `import os, sys
for i in range(1001):
    os.mkfifo(f"{sys.argv[1]}/p{i}"); os.utime(f"{sys.argv[1]}/p{i}", (0, 0))
os.mkdir(sys.argv[2])
for i in range(1002):
    open(f"{sys.argv[2]}/f{i}", "w").close(); os.utime(f"{sys.argv[2]}/f{i}", (0, 0))`
    execFileSync('python3', ['-c', script, tmp, stuck])
    // Nothing can be removed from it.
    execFileSync('chattr', ['+a', stuck])
    onTestFinished(() => void execFileSync('chattr', ['-a', stuck]))
    const { document, text } = await clean(tmp, ...byMtime)
    expect(document).toMatchObject({ removed: 0, skippedCount: 1001, failedCount: 1002 })
    expect([document.skipped.length, document.failed.length]).toEqual([1000, 1000])
    expect(text).not.toMatch(/\n\s+at /)
  })

  it.runIf(isRoot)('devices and sticky folders stay, and what has a stamp of the future', async () => {
    const { tmp, make, clean } = place()
    execFileSync('mknod', [join(tmp, 'null'), 'c', '1', '3'])
    make('sticky/')
    make('ahead', 'x')
    const ahead = new Date(Date.now() + 365 * 86_400_000)
    utimesSync(join(tmp, 'ahead'), ahead, ahead)
    utimesSync(join(tmp, 'null'), old, old)
    chmodSync(join(tmp, 'sticky'), 0o1777)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { document } = await clean(tmp, ...byMtime, '--older-than', '1ms', '--empty-dirs')
    expect(document).toMatchObject({
      removed: 0,
      kept: 1,
      skipped: [{ path: join(tmp, 'null'), reason: 'a device is never removed' }],
    })
    expect(left(tmp)).toEqual(['ahead', 'null', 'sticky'])
  })

  it.runIf(isRoot)('users that only getent knows', async () => {
    const bin = join(top, 'bin')
    mkdirSync(bin, { recursive: true })
    const answer = '[ "$*" = "passwd -- ada" ] && echo "ada:x:5000:5000:Ada:/home/ada:/bin/sh" || exit 2'
    writeFileSync(join(bin, 'getent'), `#!/bin/sh\n${answer}\n`, { mode: 0o755 })
    const env = { PATH: `${bin}:${process.env.PATH}` }
    const rule = (user: string) =>
      `cleanup: [ { path: TMP, age_by: mtime, keep_open: false, users: [${user}] } ]\n`
    const known = cleanupPlace(top, program, rule('ada'), { env })
    execFileSync('chown', ['5000', known.make('hers')])
    known.make('mine')
    execFileSync('touch', ['-h', '-d', `@${old.getTime() / 1000}`, join(known.tmp, 'hers')])
    expect((await known.clean()).document).toMatchObject({ removed: 1, paths: [join(known.tmp, 'hers')] })
  })
})

it('cleanup-tmp shows on a terminal how far it is, and nothing of that in a pipe', async () => {
  const { folder, tmp } = cleanupPlace(top, '')
  // It shows nothing in its first 50 ms, in which no machine looks at so many.
  for (let f = 0; f < 50; f++) {
    mkdirSync(join(tmp, `d${f}`))
    for (let i = 0; i < 1000; i++) writeFileSync(join(tmp, `d${f}`, `${i}`), '')
  }
  const program = programs[1]?.[1] ?? ''
  const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
  const argv = [process.execPath, program, 'cleanup-tmp', tmp, '--no-keep-open', '-n', ...places]
  const onTerminal = ['python3', join(import.meta.dirname, '../../support/on-terminal.py'), '80', '24']
  expect((await ran([...onTerminal, ...argv])).stdout).toMatch(/\r\d+ removed, \d+ kept \x1b\[K/)
  const { stdout, stderr } = await ran(argv)
  expect(stdout + stderr).not.toContain('\r')
})
