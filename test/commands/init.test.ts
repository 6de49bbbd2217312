import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command } from '../../src/commands/init.ts'
import { loadConfig } from '../../src/config/load.ts'
import { exitCode } from '../../src/core/errors.ts'
import type { ContainerFacts, UnitFacts } from '../../src/core/facts.ts'
import { failed, value } from '../../src/core/reading.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { asNobody } from '../support/as-nobody.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf, statLine, type TempHost, tempHost } from './temp-host.ts'

const top = tempFolder('init')
let count = 0

/** The host's files are below one folder, the config is written below another; only the latter is changed. */
const prepare = (host: Partial<TempHost> = {}) => {
  const root = join(top, `host-${count}`)
  const folder = join(top, `etc-${count++}`)
  mkdirSync(root)
  mkdirSync(folder)
  const made = tempHost(root, { ...host, files: { '/proc/1/stat': statLine(1, 'systemd'), ...host.files } })
  // The config's path is of the machine the test runs on.
  const onDisk: Host = { ...made, files: { ...made.files, ...below(made, folder) } }
  return { host: onDisk, folder, config: join(folder, 'config.yaml') }
}

const liveFiles = makeFiles(liveBase)

/** loadConfig reads a named file of a captured host by this, and then does not ask whom to trust. */
const saveOf = { readText: liveFiles.readText } as Host['save']

const below = (made: Host, folder: string): Pick<Host['files'], 'info' | 'resolve' | 'readText'> => {
  const of = (path: string) => (path.startsWith(folder) ? liveFiles : made.files)
  return {
    info: (path) => of(path).info(path),
    resolve: (path) => of(path).resolve(path),
    readText: (path, options) => of(path).readText(path, options),
  }
}

const run = async (host: Host, config: string, dryRun = false) => {
  const result = await command.run(contextOf(host, { config, dryRun }))
  expect(validateDocument(documentOf(result))).toEqual([])
  return {
    result,
    text: result.text({ columns: 80, color: false, verbose: false }),
    body: result.document?.body,
  }
}

const container = (more: Partial<ContainerFacts>): ContainerFacts =>
  ({
    id: 'a'.repeat(64),
    name: 'web',
    image: 'nginx:1',
    state: 'running',
    pid: null,
    memoryLimitBytes: null,
    ...more,
  }) as ContainerFacts

const unit = (more: Partial<UnitFacts>): UnitFacts =>
  ({
    id: 'trader.service',
    activeState: 'active',
    subState: 'running',
    controlGroup: '',
    restarts: 0,
    memoryMaxBytes: null,
    ...more,
  }) as UnitFacts

describe('init', () => {
  it.each([
    [
      'npm',
      ['/usr/bin/node', '/usr/lib/node_modules/oratio-health/bin/oratio-health.js'],
      '/usr/lib/node_modules/oratio-health/config.example.yaml',
    ],
    [
      'Debian',
      ['/usr/bin/node', '/usr/lib/oratio-health/bin/oratio-health.js'],
      '/usr/share/doc/oratio-health/examples/config.yaml',
    ],
    ['the single executable', ['/usr/local/bin/oratio-health'], null],
  ])('names the example that %s has', async (_, program, example) => {
    const files = Object.fromEntries(
      [...program, ...(example === null ? [] : [example])].map((path) => [path, '']),
    )
    const { host, config } = prepare({ files })
    await run({ ...host, program }, config)
    expect(readFileSync(config, 'utf8')).toMatch(
      example === null ? / All keys: oratio-health config schema\./ : ` All keys: ${example}, `,
    )
  })

  it('writes a valid config of what runs, closed to others, and a second run changes nothing', async () => {
    const { host, config } = prepare({
      containers: value([container({}), container({ name: 'old', state: 'exited' })]),
      units: value([
        unit({ memoryMaxBytes: 6 * 1024 ** 3 }),
        unit({ id: 'ssh.service' }),
        unit({ id: 'small.service' }),
      ]),
      files: {
        '/etc/systemd/system/trader.service': '[Service]\n',
        '/etc/systemd/system/ssh.service': '[Service]\n',
        '/proc/70/stat': statLine(70, 'python3', 'S', 100_000),
        '/proc/70/cmdline': 'python3\0/app/capture_monitor.py\0',
        '/proc/71/stat': statLine(71, 'vim', 'S', 100),
        '/proc/71/cmdline': 'vim\0',
      },
    })
    const { text, body } = await run(host, config)
    expect(text).toMatch(/^wrote .*config\.yaml with 3 services/)
    expect(body).toMatchObject({ outcome: 'written', services: 3, content: readFileSync(config, 'utf8') })
    expect(statSync(config).mode & 0o7777).toBe(0o640)
    const { config: loaded } = await loadConfig({ ...host, live: false, save: saveOf }, config)
    expect(Object.entries(loaded.services).map(([name, { target }]) => [name, target.type])).toEqual([
      ['web', 'container'],
      ['trader', 'unit'],
      ['capture_monitor.py', 'process'],
    ])
    writeFileSync(config, '# mine\n')
    expect((await run(host, config)).text).toContain('is there already; nothing was changed')
    expect(readFileSync(config, 'utf8')).toBe('# mine\n')
  })

  it('an empty host gives a valid config without services', async () => {
    const { host, config } = prepare()
    const { body } = await run(host, config)
    expect(body).toMatchObject({ outcome: 'written', services: 0 })
    const { config: loaded } = await loadConfig({ ...host, live: false, save: saveOf }, config)
    expect(loaded.services).toEqual({})
  })

  it('makes the folder, closed to others', async () => {
    const { host, folder } = prepare()
    await run(host, join(folder, 'oratio-health/config.yaml'))
    expect(statSync(join(folder, 'oratio-health')).mode & 0o7777).toBe(0o750)
  })

  it('with --dry-run prints the config and writes nothing', async () => {
    const { host, config } = prepare()
    const dry = {
      ...host,
      apply: makeApply({ base: liveBase, dryRun: true, run: host.run, http: host.net.http, log: () => {} }),
    }
    const { text, body } = await run(dry, config, true)
    expect(body).toMatchObject({ outcome: 'dry-run', content: text })
    expect(text).toMatch(/^# Config of oratio-health on box/)
    expect(existsSync(config)).toBe(false)
  })

  it('says in the config what it could not ask', async () => {
    const { host, config } = prepare({
      containers: failed('denied', '/var/run/docker.sock', 'permission denied (EACCES)'),
      units: failed('timeout', 'systemctl', 'did not end'),
    })
    await run(host, config)
    const text = readFileSync(config, 'utf8')
    expect(text).toContain('# Containers could not be asked for: permission denied on /var/run/docker.sock')
    expect(text).toContain('# Units could not be asked for: systemctl did not answer in time')
  })

  it('lists no more than people read', async () => {
    const containers = Array.from({ length: 60 }, (_, i) =>
      container({ name: `web-${i}`, id: String(i).repeat(64) }),
    )
    const { host, config } = prepare({ containers: value(containers) })
    expect((await run(host, config)).body).toMatchObject({ services: 50 })
    expect(readFileSync(config, 'utf8')).toContain('# 10 more containers run here')
  })

  it('adds up processes of one name, and leaves out those of a listed container', async () => {
    const cgroup = `/system.slice/docker-${'a'.repeat(64)}.scope`
    const process = (pid: number, line: string, path: string) => ({
      [`/proc/${pid}/stat`]: statLine(pid, 'x', 'S', 20_000),
      [`/proc/${pid}/cmdline`]: `${line.replaceAll(' ', '\0')}\0`,
      [`/proc/${pid}/cgroup`]: `0::${path}\n`,
    })
    const { host, config } = prepare({
      containers: value([container({ pid: 80 })]),
      files: {
        '/proc/self/mountinfo': '30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
        '/proc/self/cgroup': '0::/\n',
        '/sys/fs/cgroup/cgroup.controllers': 'memory\n',
        ...process(80, 'nginx: master', cgroup),
        ...process(81, 'nginx: worker', `${cgroup}/inner`),
        ...process(82, '/opt/app/worker --a', '/user.slice'),
        ...process(83, '/opt/app/worker --b', '/user.slice'),
      },
    })
    await run(host, config)
    const { config: loaded } = await loadConfig({ ...host, live: false, save: saveOf }, config)
    expect(Object.keys(loaded.services)).toEqual(['web', 'worker'])
    expect(readFileSync(config, 'utf8')).toContain('156.3 MiB now, 2 processes')
  })

  it('stays valid with hostile names', async () => {
    const { host, config } = prepare({
      containers: value([container({ name: 'a: b\n#', id: 'f'.repeat(64) })]),
      files: Object.fromEntries(
        ['foo) Z ', '()()())))', 'a\nservices: {}', '"\u001b[31m', '$' + '{HOME}'].flatMap((name, i) => [
          [`/proc/${90 + i}/stat`, statLine(90 + i, 'x', 'S', 50_000)],
          [`/proc/${90 + i}/cmdline`, `/bin/${name}\0`],
        ]),
      ),
    })
    await run(host, config)
    const { config: loaded } = await loadConfig({ ...host, live: false, save: saveOf }, config)
    expect(Object.keys(loaded.services)).toHaveLength(6)
    expect(Object.values(loaded.services)[0]?.target).toEqual({ type: 'container', ref: 'f'.repeat(12) })
    expect(readFileSync(config, 'utf8')).not.toContain('\u001b')
  })
})

describe('where init cannot write', () => {
  it.skipIf(!isRoot)('a folder of root, as an ordinary user (needs root to become one): 77', () => {
    const folder = join(top, 'of-root')
    mkdirSync(folder, { mode: 0o755 })
    chmodSync(top, 0o755)
    const script = bundle('commands/run-init.ts', top)
    const config = join(folder, 'config.yaml')
    expect(asNobody(script, [config])).toMatchObject({
      code: exitCode.noPermission,
      message: expect.stringContaining(config),
      mend: 'run it as root, or name a file of your own: --config FILE',
    })
    expect(existsSync(config)).toBe(false)
  })

  it('what the kernel denies is 77, other failures are 2, each with its mend', async () => {
    const { host, config } = prepare({ uid: 1000 })
    const failing = (detail: string): Host => ({
      ...host,
      apply: async () => ({ outcome: 'failed', detail }),
    })
    await expect(run(failing('/x: permission denied (EACCES)'), config)).rejects.toMatchObject({
      code: exitCode.noPermission,
      mend: expect.stringContaining('root'),
    })
    await expect(run(failing('/x: read-only file system (EROFS)'), config)).rejects.toMatchObject({
      code: exitCode.critical,
      mend: expect.any(String),
    })
  })

  it('a file where the folder should be: 2', async () => {
    const { host, config } = prepare()
    writeFileSync(config, 'x')
    await expect(run(host, join(config, 'config.yaml'))).rejects.toMatchObject({ code: exitCode.critical })
  })

  it('a folder where the file should be: 2', async () => {
    const { host, config } = prepare()
    mkdirSync(config)
    await expect(run(host, config)).rejects.toMatchObject({ code: exitCode.critical })
  })

  it('a link to a config is one that is there; a link to nothing is told', async () => {
    const { host, folder, config } = prepare()
    symlinkSync(join(folder, 'mine.yaml'), config)
    await expect(run(host, config)).rejects.toMatchObject({
      message: expect.stringContaining('symbolic link'),
    })
    expect(existsSync(join(folder, 'mine.yaml'))).toBe(false)
    writeFileSync(join(folder, 'mine.yaml'), '# mine\n')
    expect((await run(host, config)).body).toMatchObject({ outcome: 'exists' })
    expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe('# mine\n')
  })

  it('a user without HOME has no usual place: 64', async () => {
    const { host } = prepare({ uid: 1000 })
    await expect(command.run(contextOf(host))).rejects.toMatchObject({ code: exitCode.usage })
  })

  it('finds a config.yml too', async () => {
    const { host } = prepare({ files: { '/etc/oratio-health/config.yml': 'host: {}\n' } })
    const result = await command.run(contextOf(host))
    expect(result.document?.body).toMatchObject({ outcome: 'exists', path: '/etc/oratio-health/config.yml' })
  })
})
