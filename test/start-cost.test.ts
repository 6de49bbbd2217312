import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from './support/temp-folder.ts'

const top = join(import.meta.dirname, '..')
const folder = tempFolder('start-cost')
const dist = join(folder, 'dist')
const launcher = join(folder, 'bin/oratio-health.js')
const hook = join(folder, 'hook.cjs')
/** How much lies in /tmp, and whether its size is still known, is of the machine and of the tests beside this one. */
const noFolders = join(folder, 'no-folders.yaml')

interface Loaded {
  files: string[]
  builtins: string[]
}

/** What a process had loaded when it ended. */
const loadedBy = (...args: string[]): Loaded => {
  const out = join(folder, 'loaded.json')
  const ran = spawnSync(process.execPath, ['--require', hook, ...args], {
    env: { PATH: process.env.PATH, HOME: folder, LOADED: out },
    encoding: 'utf8',
  })
  // What has nothing to do says so on stderr; a defect would have a stack.
  expect(ran.stderr).not.toContain('    at ')
  return JSON.parse(readFileSync(out, 'utf8')) as Loaded
}

const places = ['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')]

const check = (...args: string[]): Loaded => loadedBy(launcher, 'check', '-q', ...places, ...args)

const ownFiles = ({ files }: Loaded): string[] =>
  files.filter((file) => file.startsWith(dist)).map((file) => relative(dist, file))

/** Each of a program and of what it starts, as a line; one that another came between is two lines of strace. */
const systemCalls = (...args: string[]): string[] => {
  const out = join(folder, 'calls')
  const command = ['-f', '-qq', '-o', out, process.execPath, ...args]
  spawnSync('strace', command, { env: { PATH: process.env.PATH, HOME: folder } })
  return readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes(' resumed>'))
}

beforeAll(() => {
  mkdirSync(join(folder, 'bin'))
  copyFileSync(join(top, 'bin/oratio-health.js'), launcher)
  writeFileSync(join(folder, 'package.json'), '{}')
  const built = spawnSync(process.execPath, [join(top, 'scripts/build.mjs'), dist], { encoding: 'utf8' })
  expect(built.stderr).toBe('')
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.LOADED,
  JSON.stringify({ files: Object.keys(require.cache), builtins: process.moduleLoadList })))`,
  )
  writeFileSync(noFolders, 'host: { folders: [] }\n', { mode: 0o600 })
  check()
  check('-c', noFolders)
})

/** Numbers that no machine changes: what is loaded by every run is what every run pays. docs/performance.md */
describe('the common path of check', () => {
  it('is one file of bounded size, one more for services, one for changes, and their compiled forms', () => {
    const sizeOf = (pattern: RegExp): number =>
      statSync(join(dist, readdirSync(dist).find((name) => pattern.test(name)) ?? '-')).size
    expect(sizeOf(/^cli\.cjs$/)).toBeLessThan(256_000)
    expect(sizeOf(/^cli-.*\.cache$/)).toBeLessThan(430_000)
    expect(sizeOf(/^services\.cjs$/)).toBeLessThan(106_000)
    expect(sizeOf(/^services-.*\.cache$/)).toBeLessThan(150_000)
    expect(sizeOf(/^changes\.cjs$/)).toBeLessThan(112_000)
    expect(sizeOf(/^changes-.*\.cache$/)).toBeLessThan(150_000)
  })

  it('is ASCII, as it is read as Latin-1', () => {
    for (const name of readdirSync(dist).filter((one) => one.endsWith('.cjs')))
      expect(
        `${name} ${readFileSync(join(dist, name), 'latin1').match(/[^\x00-\x7f].{0,20}/)?.[0] ?? ''}`,
      ).toBe(`${name} `)
  })

  it('loads no part, no package, and of Node only what it cannot do without', () => {
    expect(ownFiles(check())).toEqual(['start.cjs', 'cli.cjs'])
    const bare = loadedBy('-e', '0')
    const loaded = check('-c', noFolders)
    expect(ownFiles(loaded)).toEqual(['start.cjs', 'cli.cjs'])
    const more = loaded.builtins.filter(
      (name) => name.startsWith('NativeModule') && !bare.builtins.includes(name),
    )
    expect(more.sort()).toEqual(['NativeModule os', 'NativeModule vm'])
  })

  it('loads two files where a config names services, and reads the text of the config once', () => {
    const config = join(folder, 'config.yaml')
    const pidfile = join(folder, 'pid')
    writeFileSync(pidfile, String(process.pid))
    writeFileSync(config, `services:\n  own: { pidfile: "${pidfile}", memory: { warn: 90% } }\n`, {
      mode: 0o600,
    })
    expect(ownFiles(check('-c', config))).toContainEqual(expect.stringContaining('interpret'))
    check('-c', config)
    expect(ownFiles(check('-c', config))).toEqual(['start.cjs', 'cli.cjs', 'services.cjs'])
  })

  it('of cleanup-tmp loads no part, and not what is slow to load', () => {
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    const loaded = loadedBy(launcher, 'cleanup-tmp', '-q', '--no-keep-open', tree, ...places)
    expect(ownFiles(loaded)).toEqual(['start.cjs', 'cli.cjs', 'changes.cjs', 'services.cjs', 'counts.cjs'])
    expect(loaded.builtins).not.toContain('NativeModule crypto')
  })

  it.runIf(existsSync('/usr/bin/strace'))('makes few system calls of its own, and starts no process', () => {
    // What a config came to is kept of the last one.
    check('-c', noFolders)
    const bare = systemCalls('-e', '0')
    const calls = systemCalls(launcher, 'check', '-q', '-c', noFolders, ...places)
    // Three for each process there is: open, read, close; and the greatest are looked at closer.
    const processes = calls.filter((line) => /openat\(.*"\/proc\/\d+\/stat"/.test(line)).length
    expect(processes).toBeGreaterThan(1)
    expect(calls.length - bare.length - 3 * processes).toBeLessThan(600)
    expect(calls.filter((line) => line.includes(' execve('))).toHaveLength(1)
  })
})

/** What the built program prints of a host that was captured, which is the same on every machine. */
const printed = (env: Record<string, string>, ...args: string[]): string => {
  const ran = spawnSync(process.execPath, [launcher, ...args], {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    encoding: 'utf8',
  })
  return ran.stdout + ran.stderr
}

describe('signs that are not ASCII', () => {
  const look = ['check', '-v', '--root', join(top, 'test/fixtures/hosts/trading'), '-c', noFolders]

  it('are printed as such, and not at all in a locale that lacks them', () => {
    expect(printed({ LANG: 'C.UTF-8' }, ...look)).toMatch(/ — .*█░/s)
    const plain = printed({ LC_ALL: 'C' }, ...look)
    expect(plain).toMatch(/ - .*#\./s)
    expect(plain).toMatch(/^[\n\x20-\x7e]*$/)
    expect(printed({ LC_ALL: 'C' }, 'status', '-v', ...places)).toMatch(/^[\n\x20-\x7e]*$/)
  })

  it('are known in a config', () => {
    const config = join(folder, 'journal.yaml')
    writeFileSync(config, 'journal: { RateLimitIntervalSec: 500µs }\n', { mode: 0o600 })
    expect(printed({}, 'config', 'validate', '-c', config)).not.toContain('RateLimitIntervalSec')
  })
})

describe('what a command loads of this program', () => {
  // In kB, with an eighth of room: what is loaded has to be read and compiled at each run.
  it.each<[number, string[]]>([
    [3, ['--version']],
    [320, ['--help']],
    [320, ['check', '--help']],
    [480, ['status', ...places]],
    [430, ['trend', ...places]],
    [420, ['metrics', ...places]],
    [390, ['config', 'schema']],
    [740, ['doctor', ...places]],
    [490, ['cleanup-tmp', '-n', '--older-than', '1d', join(folder, 'nothing'), ...places]],
    [530, ['kill-orphans', '-n', ...places]],
    [420, ['journal-limits', 'status', ...places]],
    [400, ['limits', 'status', ...places]],
    [900, ['completion', 'bash']],
  ])('at most %i kB: %j', (mostKb, args) => {
    const bytes = ownFiles(loadedBy(launcher, ...args))
      .map((file) => statSync(join(dist, file)).size)
      .reduce((sum, size) => sum + size, 0)
    expect(bytes / 1000).toBeLessThan(mostKb)
    expect(bytes).toBeGreaterThan(1000)
  })
})
