import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isRoot } from './support/needs.ts'
import { tempFolder } from './support/temp-folder.ts'

const top = join(import.meta.dirname, '..')
const folder = tempFolder('start')
const program = join(folder, 'program')
const launcher = join(program, 'bin/oratio-health.js')
const nobody = 65_534

/** An ordinary user, whose cache is below `home`: root's is a place of the whole machine. */
const run = (home: string, ...args: string[]) =>
  spawnSync(process.execPath, [launcher, ...args], {
    env: { HOME: home, PATH: process.env.PATH },
    encoding: 'utf8',
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  })

let count = 0
const home = (): string => {
  const path = join(folder, `home-${count++}`)
  mkdirSync(path)
  chmodSync(path, 0o777)
  return path
}

const cacheOf = (at: string): string => join(at, '.cache/oratio-health')
const cached = (at: string): string[] => (existsSync(cacheOf(at)) ? readdirSync(cacheOf(at)) : [])

beforeAll(() => {
  chmodSync(folder, 0o755)
  mkdirSync(join(program, 'bin'), { recursive: true })
  cpSync(join(top, 'bin'), join(program, 'bin'), { recursive: true })
  const built = spawnSync(process.execPath, [join(top, 'scripts/build.mjs'), join(program, 'dist')], {
    encoding: 'utf8',
  })
  expect(built.stderr).toBe('')
})

describe('the launcher', () => {
  it('starts with the compiled form that lies beside the program, and then leaves none in the home', () => {
    const at = home()
    expect(
      readdirSync(join(program, 'dist'))
        .filter((name) => name.endsWith('.cache'))
        .map((name) => name.split('-')[0]),
    ).toEqual(['changes', 'cli', 'services'])
    expect(run(at, 'config', 'schema')).toMatchObject({ status: 0, stderr: '' })
    expect(cached(at)).toEqual([])
  })

  it('without it makes one, closed to others, uses it, and renews what is of another build or broken', () => {
    for (const name of readdirSync(join(program, 'dist')))
      if (name.endsWith('.cache')) rmSync(join(program, 'dist', name))
    const at = home()
    const first = run(at, 'config', 'schema')
    expect(first).toMatchObject({ status: 0, stderr: '' })
    const [name = ''] = cached(at)
    const file = join(cacheOf(at), name)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(cacheOf(at)).mode & 0o777).toBe(0o700)

    const before = statSync(file, { bigint: true }).ino
    expect(run(at, 'config', 'schema').stdout).toBe(first.stdout)
    expect(statSync(file, { bigint: true }).ino).toBe(before)

    const sound = readFileSync(file)
    for (const broken of [Buffer.alloc(0), Buffer.from('rubbish'), sound.subarray(0, 1000)]) {
      writeFileSync(file, broken)
      expect(run(at, 'config', 'schema')).toMatchObject({ status: 0, stdout: first.stdout, stderr: '' })
      expect(statSync(file).size).toBeGreaterThan(10_000)
    }
    writeFileSync(join(cacheOf(at), 'cli-of-an-older-build.cache'), 'x')
    writeFileSync(join(cacheOf(at), name.replace(process.version, 'v20.0.0')), 'x')
    writeFileSync(file, 'rubbish')
    run(at, 'config', 'schema')
    expect(cached(at)).toEqual([name])
  })

  it.each<[string, (at: string, file: string) => void]>([
    ['a file that others can write', (_, file) => chmodSync(file, 0o666)],
    ['a folder that others can write', (at) => chmodSync(cacheOf(at), 0o777)],
    [
      'a link in place of the file',
      (at, file) => {
        cpSync(file, join(at, 'elsewhere'))
        rmSync(file)
        symlinkSync(join(at, 'elsewhere'), file)
      },
    ],
  ])('does not take %s', (_, spoil) => {
    const at = home()
    const { stdout } = run(at, 'config', 'schema')
    const file = join(cacheOf(at), cached(at)[0] ?? '')
    // Were it taken, V8 would reject it, and it would be made anew: what must not be read is not what decides.
    spoil(at, file)
    expect(run(at, 'config', 'schema')).toMatchObject({ status: 0, stdout, stderr: '' })
  })

  it('starts where nothing can be written, and without a home', () => {
    const at = home()
    writeFileSync(join(at, '.cache'), '')
    expect(run(at, 'config', 'schema')).toMatchObject({ status: 0, stderr: '' })
    const elsewhere = ['--state-dir', at, '--log-dir', at]
    expect(run('', 'config', 'schema', ...elsewhere)).toMatchObject({ status: 0, stderr: '' })
  })

  it('answers --version by itself', () => {
    const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
    expect(run(home(), '--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect(run(home(), '-V')).toMatchObject({ status: 0, stdout: `${version}\n` })
  })
})

it('help of a command points to the options of every command', () => {
  const { status, stdout } = run(home(), 'check', '--help')
  expect(status).toBe(0)
  expect(stdout).toContain('--no-act')
  expect(stdout).toMatch(
    /\nOptions of every command, see oratio-health --help:\n {2}-c, --state-dir, .* --timeout\n$/,
  )
})
