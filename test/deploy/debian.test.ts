import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'

const top = join(import.meta.dirname, '../..')
const folder = tempFolder('debian')
let count = 0
let scripts: Record<string, string> = {}

beforeAll(async () => {
  const { maintainerScript } = await import(join(top, 'scripts/package/deb.mjs'))
  scripts = Object.fromEntries(['prerm', 'postrm'].map((name) => [name, maintainerScript(top, name)]))
})

const cronFile = '/etc/cron.d/oratio-health'
const service = '/etc/systemd/system/oratio-health-check.service'
const state = '/var/lib/oratio-health'
const config = '/etc/oratio-health/config.yaml'
const log = '/var/log/oratio-health/health_20261126.log'

const lineOf = (program: string): string =>
  `# Written by oratio-health install (sum 0)\nPATH=/usr/local/bin:/usr/bin\n* * * * * root sleep 6; /usr/bin/node ${program} check\n`
const unitOf = (program: string): string =>
  `[Unit]\nDescription=oratio-health check\n[Service]\nExecStart=/usr/bin/node "${program}" check\n`

/** Takes the schedule away, as the program would. */
const program = `#!/bin/sh
echo "called $*"
echo '${state} stays (uninstall --purge takes it)'
echo 'a restart of web was begun and not brought to its end: start it' >&2
rm -f "$DPKG_ROOT${cronFile}" "$DPKG_ROOT${service}"
`

/** A Debian root with merged /usr, as the scripts know it by DPKG_ROOT. */
const machine = (files: Record<string, string>) => {
  const root = join(folder, `m${count++}`)
  const at = (path: string): string => join(root, path)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
  mkdirSync(at('/usr/bin'), { recursive: true })
  symlinkSync('usr/bin', at('/bin'))
  write('/usr/lib/oratio-health/bin/oratio-health.js', program)
  chmodSync(at('/usr/lib/oratio-health/bin/oratio-health.js'), 0o755)
  symlinkSync('../lib/oratio-health/bin/oratio-health.js', at('/usr/bin/oratio-health'))
  write(config, 'services: {}\n')
  write(log, 'x\n')
  write(`${state}/state.json`, '{}')
  for (const [path, text] of Object.entries(files)) write(path, text)
  const run = (script: string, verb: string) => {
    const ran = spawnSync('/bin/sh', ['-c', scripts[script] ?? 'exit 9', script, verb], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C', DPKG_ROOT: root },
    })
    return { status: ran.status, stdout: ran.stdout, words: ran.stderr }
  }
  return {
    at,
    run,
    has: (path: string): boolean => existsSync(at(path)),
    /** What dpkg does between the two. */
    unpack: () => execFileSync('rm', ['-r', at('/usr/lib/oratio-health'), at('/usr/bin/oratio-health')]),
  }
}

const ours = ['/usr/bin/oratio-health', '/bin/oratio-health', '/usr/lib/oratio-health/bin/oratio-health.js']
const others = [
  '/usr/local/bin/oratio-health',
  '/usr/local/lib/node_modules/oratio-health/bin/oratio-health.js',
]

describe('removing the Debian package', () => {
  it('touches nothing but below DPKG_ROOT', () => {
    for (const script of Object.values(scripts))
      for (const line of script.split('\n').filter((one) => /^\s*(?:rm|find|if.*rmdir)\b/.test(one)))
        expect(line).toMatch(/"\$(?:DPKG_ROOT|state|config)\b/)
  })

  it.each([
    ...ours.map((path): [string, string, string] => [path, cronFile, lineOf(path)]),
    ...ours.map((path): [string, string, string] => [path, service, unitOf(path)]),
    ['oratio-health', cronFile, '* * * * * root oratio-health check\n'],
  ])('a schedule that starts %s goes: %s', (_, path, text) => {
    const here = machine({ [path]: text })
    const { status, stdout, words } = here.run('prerm', 'remove')
    expect([status, stdout]).toEqual([0, ''])
    expect(words).toBe(
      [
        'oratio-health: called uninstall',
        `oratio-health: ${state} stays (dpkg --purge oratio-health takes it)`,
        'oratio-health: a restart of web was begun and not brought to its end: start it',
        '',
      ].join('\n'),
    )
    expect(here.has(path)).toBe(false)
    here.unpack()
    expect(here.run('postrm', 'remove').status).toBe(0)
    expect([here.has(config), here.has(state), here.has(log)]).toEqual([true, true, true])
    expect(here.run('postrm', 'purge')).toEqual({ status: 0, stdout: '', words: '' })
    expect([dirname(config), state, dirname(log)].map(here.has)).toEqual([false, false, false])
  })

  it.each(
    others.flatMap((path): [string, string, string][] => [
      [path, cronFile, lineOf(path)],
      [path, service, unitOf(path)],
    ]),
  )('one that starts %s stays, and so do its config, state and logs: %s', (_, path, text) => {
    const here = machine({ [path]: text, '/usr/local/bin/oratio-health': '' })
    expect(here.run('prerm', 'remove')).toEqual({ status: 0, stdout: '', words: '' })
    here.unpack()
    const { status, words } = here.run('postrm', 'purge')
    expect([status, words]).toEqual([0, expect.stringContaining('another copy of the program uses them')])
    expect(readFileSync(here.at(path), 'utf8')).toBe(text)
    expect([here.has(config), here.has(`${state}/state.json`), here.has(log)]).toEqual([true, true, true])
  })

  it('a link in /usr/local/bin to this package is no other copy', () => {
    const here = machine({ [cronFile]: lineOf('/usr/local/bin/oratio-health') })
    mkdirSync(here.at('/usr/local/bin'), { recursive: true })
    symlinkSync('../../bin/oratio-health', here.at('/usr/local/bin/oratio-health'))
    here.run('prerm', 'remove')
    expect(here.has(cronFile)).toBe(false)
  })

  it('says so when the schedule is still there', () => {
    const here = machine({ [cronFile]: lineOf('/usr/bin/oratio-health') })
    writeFileSync(here.at('/usr/bin/oratio-health'), '#!/bin/sh\necho oratio-health: no >&2\nexit 2\n')
    const { status, words } = here.run('prerm', 'remove')
    expect([status, words]).toEqual([
      0,
      expect.stringMatching(/^oratio-health: no\noratio-health: the schedule was not/),
    ])
    // Its lines name a program that is gone, and nobody else's.
    here.unpack()
    here.run('postrm', 'purge')
    expect(here.has(state)).toBe(false)
  })

  it('keeps the record of limits that are still set, and nothing else', () => {
    const record = `${state}/limits.json`
    const here = machine({ [record]: '{"version":1,"applied":[{"service":"web"}],"sum":"0"}' })
    expect(here.run('postrm', 'purge').words).toContain('limits remove')
    expect([here.has(record), here.has(`${state}/state.json`), here.has(log)]).toEqual([true, false, false])
    const bare = machine({ [record]: '{"version":1,"applied":[],"sum":"0"}' })
    expect(bare.run('postrm', 'purge').words).toBe('')
    expect(bare.has(state)).toBe(false)
  })

  it.each(['upgrade', 'failed-upgrade'])('%s leaves all as it is', (verb) => {
    const here = machine({ [cronFile]: lineOf('/usr/bin/oratio-health') })
    for (const script of ['prerm', 'postrm']) expect(here.run(script, verb).words).toBe('')
    expect([here.has(cronFile), here.has(state)]).toEqual([true, true])
  })
})
