import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { ran } from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
import { validateDocument } from '../../support/schema.ts'
import { forgetSecondPlace } from '../../support/second-place.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount, unmount } from '../../support/tiny-disk.ts'

// The whole program on this machine in trouble: a clear line and a true status, never a stack trace, never "ok" for
// what was not measured.
const top = tempFolder('troubles')
chmodSync(top, 0o755)
const program = bundle('../src/cli.ts', top)

const off = '{ warn: off, crit: off }'
const quiet = `host: { memory: ${off}, swap: ${off}, cpu: ${off}, pressure: ${off}, disks: ${off} }\n`

const arrange = (config = quiet) => {
  const folder = mkdtempSync(join(top, 'house-'))
  chmodSync(folder, 0o755)
  const file = join(folder, 'config.yaml')
  writeFileSync(file, config, { mode: 0o644 })
  const [state, log] = [join(folder, 'state'), join(folder, 'log')]
  forgetSecondPlace(state)
  const argv = [process.execPath, program, 'check', '-c', file, '--state-dir', state, '--log-dir', log]
  return { folder, state, log, argv }
}

/** Its exit status and what it said, once as under cron and once as a document that is of the schema. */
const check = async (
  argv: readonly string[],
  options: { uid?: number; env?: Record<string, string> } = {},
) => {
  const cron = await ran(argv, options)
  const json = await ran([...argv, '--json'], options)
  for (const { stderr, stdout } of [cron, json]) expect(stderr + stdout).not.toMatch(/^\s+at |node:internal/m)
  const document = JSON.parse(json.stdout)
  expect(validateDocument(document)).toEqual([])
  expect(json.code).toBe(document.exitCode)
  return { code: json.code, said: cron.stderr, cronCode: cron.code, document }
}

const mounted = (folder: string, options: string): void => {
  mkdirSync(folder, { recursive: true })
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'oh-test', folder]).status).toBe(0)
  onTestFinished(() => unmount(folder))
}

describe('check', () => {
  it.skipIf(!canMount)(
    'with a full disk for its logs says so, and what it would have logged (skipped where nothing can be mounted)',
    async () => {
      const { argv, log, state } = arrange()
      for (const folder of [log, state]) {
        mounted(folder, 'size=4k')
        writeFileSync(join(folder, 'ballast'), 'x'.repeat(4096))
      }
      const { code, cronCode, said } = await check(argv)
      expect([code, cronCode]).toEqual([1, 1])
      expect(said).toMatch(/own log: could not be written: .*ENOSPC.* — free some space there/)
      expect(said).toMatch(
        /own state: could not be saved, so it is kept in \/run\/oratio-health until it can, and nothing is restarted: .*ENOSPC/,
      )
      // Incident O6: the lines go to the console.
      expect(said).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] INFO /m)
    },
  )

  it.skipIf(!canMount)(
    'with read-only folders for logs and state says so (skipped where nothing can be mounted)',
    async () => {
      const { argv, log, state } = arrange()
      for (const folder of [log, state]) mounted(folder, 'ro,size=8k')
      const { code, said } = await check(argv)
      expect(code).toBe(1)
      expect(said).toMatch(/own log: could not be written: .*EROFS.* — remount it writable/)
    },
  )

  it('with folders it may not write tells all of it once, a reminder apart, and its end once', async () => {
    const { folder, state, log, argv } = arrange(
      `${quiet.replace(' }\n', '')}, folders: [{ path: HOT, warn: 100K }] }\nnotify: { targets: [{ run: "echo $TITLE >>TOLD" }] }\n`,
    )
    const [hot, run, told] = ['hot', 'run', 'told'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    for (const path of [hot, run, state, log]) mkdirSync(path)
    const file = join(folder, 'config.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('HOT', hot).replace('TOLD', told))
    writeFileSync(told, '')
    writeFileSync(join(hot, 'big'), 'x'.repeat(300_000))
    const uid = isRoot ? 65_534 : (process.getuid?.() ?? 0)
    if (isRoot) for (const path of [run, told]) chownSync(path, uid, uid)
    chmodSync(run, 0o700)
    const close = (mode: number): void => {
      for (const path of [state, log]) chmodSync(path, mode)
    }
    close(0o555)
    const minute = async () => (await ran(argv, { uid, env: { XDG_RUNTIME_DIR: run } })).stderr
    const titles = () => readFileSync(told, 'utf8').split('\n').slice(0, -1)

    const first = await minute()
    expect(first).toMatch(/own state: could not be saved, so it is kept in .*oratio-health until it can/)
    expect(first).toMatch(/INFO check: /)
    expect([await minute(), await minute()]).toEqual(['', ''])
    expect(titles()).toHaveLength(1)
    rmSync(join(hot, 'big'))
    expect(await minute()).toMatch(/^OK folder .*: recovered/m)
    expect([await minute(), titles().length]).toEqual(['', 2])

    const kept = readdirSync(join(run, 'oratio-health'))
    expect(kept).not.toEqual([])
    await ran([...argv, '-n'], { uid, env: { XDG_RUNTIME_DIR: run } })
    expect(readdirSync(join(run, 'oratio-health'))).toEqual(kept)
    if (isRoot) for (const path of [state, log]) chownSync(path, uid, uid)
    close(0o755)
    expect(await minute()).toMatch(/^OK own state: recovered/m)
    expect([await minute(), titles().length]).toEqual(['', 3])
    expect(readdirSync(join(run, 'oratio-health'))).toEqual([])
  })

  it.each([
    ['cut off', '{"version":1,"told":[', /own state: was broken \(it is not JSON, or cut off\)/],
    ['of garbage', '\u0000\ufffd\u0001', /own state: was broken/],
    ['empty', '', /own state: was broken \(it is empty\)/],
  ])(
    'with a state file that is %s begins anew, keeps the old one, and is well then',
    async (_, text, words) => {
      const { argv, state } = arrange()
      mkdirSync(state)
      const file = join(state, 'state.json')
      writeFileSync(file, text)
      const said = (await ran([...argv, '--dry-run'])).stderr
      expect([/own state: was broken .*this run writes nothing/.test(said), existsSync(file)]).toEqual([
        true,
        true,
      ])
      const broken = await ran(argv)
      expect([broken.code, words.test(broken.stderr)]).toEqual([1, true])
      expect(readdirSync(state).filter((name) => name.startsWith('state.json.broken-'))).toHaveLength(1)
      expect((await check(argv)).code).toBe(0)
    },
  )

  it('with a config that is broken says where, in a document that names the host too', async () => {
    const { argv } = arrange('host: { memory: 5 }\n')
    const { code, said, document } = await check(argv)
    expect(code).toBe(78)
    expect(said).toMatch(/config\.yaml:1:17 host\.memory: expected a group of keys/)
    expect(document).toMatchObject({ schema: 'oratio-health/error@1', host: hostname() })
  })

  it('with a Docker socket that accepts and never answers ends in time, unknown', async () => {
    const { argv, folder } = arrange(`${quiet}services: { web: { container: web } }\n`)
    const socket = join(folder, 'docker.sock')
    const server = createServer(() => {}).listen(socket)
    onTestFinished(() => void server.close())
    const env = { DOCKER_HOST: `unix://${socket}` }
    const { code, document } = await check([...argv, '--no-act'], { env })
    expect(code).toBe(3)
    expect(document.services[0]).toMatchObject({ status: 'unknown', failedChecks: 0 })
    expect(document.services[0].findings[0].message).toMatch(
      /could not be asked: .*no whole answer within 5000 ms/,
    )
  })

  it('with a Docker that is dead: unknown, and no failed check', async () => {
    const { argv, folder } = arrange(`${quiet}services: { web: { container: web, restart: { after: 1 } } }\n`)
    const { code, document } = await check(argv, { env: { DOCKER_HOST: `unix://${folder}/none.sock` } })
    expect(code).toBe(3)
    expect(document.services[0]).toMatchObject({ status: 'unknown', failedChecks: 0, action: null })
  })

  it.skipIf(!isRoot)('by a user who may not write there says so (needs root)', async () => {
    const { argv, state } = arrange()
    const { code, said } = await check(argv, { uid: 65_534 })
    expect(code).toBe(1)
    expect(said).toMatch(
      /own log: could not be written: permission denied on .* — name a folder that this user may write: --log-dir DIR/,
    )
    expect(existsSync(state)).toBe(false)
  })

  it.skipIf(!isRoot)(
    "by a user who may not read root's state ends with 77, and says so (needs root)",
    async () => {
      const { argv } = arrange()
      await ran(argv)
      const { code, cronCode, said } = await check(argv, { uid: 65_534 })
      expect([code, cronCode]).toEqual([77, 77])
      expect(said).toMatch(/^oratio-health: this user may not read \S+state\n {2}run it as its owner/)
      expect((await ran([...argv, '-n'], { uid: 65_534 })).code).toBe(77)
    },
  )

  // A mount namespace of its own, in which /proc hides what is not the user's.
  const hidden = ['unshare', '-m', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh']
  const canHide = isRoot && spawnSync(hidden[0] as string, [...hidden.slice(1), 'true']).status === 0
  it.skipIf(!canHide)(
    'by a user from whom processes are hidden calls none of them missing (skipped where /proc cannot be mounted)',
    async () => {
      const { argv } = arrange(
        `${quiet}services: { init: { process: { match: no-such-thing-runs-here } } }\n`,
      )
      const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
      const { document } = await check([...hidden, ...asNobody, ...argv])
      expect(document.services[0].findings[0]).toMatchObject({ status: 'unknown' })
      expect(document.services[0].findings[0].message).toMatch(/hidepid/)
    },
  )

  it('has no output to cut at the very first run, whose log folder is not made yet', async () => {
    const { argv, log } = arrange(
      `${quiet}services: { app: { pidfile: /nowhere.pid, start: [/bin/sleep, "600"] } }\n`,
    )
    expect(existsSync(log)).toBe(false)
    expect((await check(argv)).said).not.toMatch(/could not be cut/)
  })

  it('cuts the output of what it starts once it is big, and says so in its log', async () => {
    const { argv, log } = arrange(
      `${quiet}services: { app: { pidfile: /nowhere.pid, start: [/bin/sleep, "600"] }, other: { pidfile: /none.pid } }\n`,
    )
    mkdirSync(log, { mode: 0o750 })
    for (const name of ['app', 'other'])
      writeFileSync(join(log, `output_${name}.log`), 'printed a line\n'.repeat(1_500_000))
    await ran([...argv, '-n'])
    expect(statSync(join(log, 'output_app.log')).size).toBe(22_500_000)
    await ran(argv)
    expect(statSync(join(log, 'output_app.log')).size).toBe(0)
    expect(statSync(join(log, 'output_app.log.1')).size).toBeGreaterThan(1_000_000)
    expect(statSync(join(log, 'output_other.log')).size).toBe(22_500_000)
    // Two files of them around midnight.
    const health = readdirSync(log).filter((name) => name.startsWith('health_'))
    expect(health.map((name) => readFileSync(join(log, name), 'utf8')).join('')).toMatch(
      /INFO cut .*output_app\.log at 21\.5 MiB; its last 1\.0 MiB are in .*\.1\n/,
    )
  })
})
