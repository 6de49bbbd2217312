import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command as watch } from '../../src/commands/watch.ts'
import { valueOrNull } from '../../src/core/reading.ts'
import { makeSave } from '../../src/host/save.ts'
import { jobRunsPath, readRuns } from '../../src/store/job-runs.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { capturedHost } from '../support/captured-host.ts'
import { type Daemon, type House, house, ran, type Settings } from '../support/healing.ts'
import { until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf } from './temp-host.ts'

// The whole program on real processes; as a container's entrypoint in test/e2e/watch.test.ts.
const top = tempFolder('watch')
const program = bundle('../src/cli.ts', top)

const argvOf = (place: House, ...args: string[]): string[] => [
  ...[process.execPath, program, 'watch', '-c', place.config],
  ...['--state-dir', place.stateDir, '--log-dir', place.logDir, ...args],
]

const lastExit = (place: House, command: string): number | null | undefined => {
  const save = makeSave(liveBase, () => 0)
  return valueOrNull(readRuns(save, jobRunsPath(place.stateDir, command)))?.at(-1)?.exitCode
}

interface Watching {
  pid: number
  stdout(): string
  stderr(): string
  signal(name: NodeJS.Signals): void
  ended: Promise<number | string | null>
}

const watching = (place: House, ...args: string[]): Watching => started(argvOf(place, ...args))

const started = ([node = '', ...rest]: string[]): Watching => {
  const child = spawn(node, rest, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (part: string) => {
      said[name] += part
    })
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    pid: child.pid ?? -1,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    signal: (name) => void child.kill(name),
    ended,
  }
}

const quiet =
  'host: { memory: { warn: off, crit: off }, swap: { warn: off, crit: off }, cpu: { warn: off, crit: off }, pressure: { warn: off, crit: off }, disks: { warn: off, crit: off }, folders: [] }\n'

const configure = (place: House, services: Record<string, Settings>, more = ''): void =>
  writeFileSync(place.config, `${quiet}services: ${JSON.stringify(services)}\n${more}`, { mode: 0o600 })

const settings = (daemon: Daemon, restart: Settings = {}): Settings => ({
  pidfile: daemon.pidFile,
  start: daemon.start,
  restart: {
    after: 1,
    grace: '100ms',
    evidence: false,
    limit: '100 per 1h',
    backoff: { after: 90 },
    ...restart,
  },
})

/** Documents of `--json`, one after another. */
const documents = (text: string): { status: string; startedAt: string }[] =>
  text
    .split(/^(?=\{)/m)
    .filter((part) => part.trim().endsWith('}'))
    .map((part) => JSON.parse(part))

describe('watch', () => {
  it('checks so many times, each by the clock, and ends with the status of the last', async () => {
    const place = house(top)
    configure(place, {})
    const beganMs = performance.now()
    const { code, stdout } = await ran(argvOf(place, '--count', '3', '--interval', '1s', '--json'))
    // Of the whole, since a busy machine may have held up the first round before it looked at the clock, and no other.
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(2000)
    expect(code).toBe(0)
    expect(documents(stdout)).toHaveLength(3)
  })

  it('starts what has start: at once, restarts it when it dies, and says a thing once', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon', { obeys: true, children: 0 })
    configure(place, { daemon: settings(daemon), never: { process: '/never/there/at/all' } })
    const run = watching(place, '--interval', '1s')
    await until(() => daemon.everStarted().length === 1)
    process.kill(daemon.everStarted()[0] ?? Number.NaN, 'SIGKILL')
    await until(() => daemon.everStarted().length === 2)
    // It is told when the new one has lived for a while.
    await until(() => place.ledger().length > 0)
    expect(place.ledger().join('\n')).toMatch(/ daemon restarted: 1 failed check/)
    run.signal('SIGTERM')
    expect(await run.ended).toBe(143)
    expect(run.stderr().match(/never/g)?.length).toBeLessThanOrEqual(2)
    // No entrypoint: what runs goes on running.
    expect(daemon.mains()).toHaveLength(1)
  })

  it('-n starts nothing, and a second watch is refused', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    configure(place, { daemon: settings(daemon) })
    const dry = await ran(argvOf(place, '-n', '--count', '1'))
    expect(dry.stdout + dry.stderr).toContain('start /bin/sh')
    expect(daemon.everStarted()).toEqual([])
    const run = watching(place, '--no-act', '--interval', '1h')
    await until(() => place.state().restarts !== undefined && run.stderr() !== '')
    expect((await ran(argvOf(place, '--count', '1'))).code).toBe(75)
    run.signal('SIGINT')
    expect(await run.ended).toBe(130)
  })

  it('SIGHUP reads the config anew; a broken one keeps the old, and a changed file alone changes nothing', async () => {
    const place = house(top)
    const one = place.daemon('one', { obeys: true })
    const two = place.daemon('two', { obeys: true })
    configure(place, { one: settings(one) })
    const run = watching(place, '--interval', '1s')
    await until(() => one.everStarted().length === 1)
    writeFileSync(place.config, 'services: [\n')
    run.signal('SIGHUP')
    await until(() => run.stderr().includes('the one before stays'))
    expect(run.stderr()).toMatch(/config\.yaml:\d+:\d+/)
    // It still heals by the old one.
    process.kill(one.everStarted().at(-1) ?? Number.NaN, 'SIGKILL')
    await until(() => one.everStarted().length === 2)

    configure(place, { one: settings(one), two: settings(two) })
    process.kill(one.everStarted().at(-1) ?? Number.NaN, 'SIGKILL')
    await until(() => one.everStarted().length === 3)
    expect(two.everStarted()).toEqual([])
    run.signal('SIGHUP')
    await two.allRun()
    run.signal('SIGTERM')
    expect(await run.ended).toBe(143)
  })

  it('a SIGTERM in the middle of a restart ends it soon, and the next one takes the restart up', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    configure(place, {
      daemon: { ...settings(daemon, { grace: '60s' }), processes: { crit: 1 } },
    })
    const run = watching(place, '--interval', '1s')
    await until(() => place.journal().length > 0)
    run.signal('SIGTERM')
    expect(await run.ended).toBe(143)
    expect(lastExit(place, 'check')).toBe(143)
    expect(lastExit(place, 'watch')).toBe(143)
    expect(place.journal()).toHaveLength(1)
    configure(place, { daemon: settings(daemon) })
    await ran(argvOf(place, '--count', '1'))
    expect(place.journal()).toEqual([])
    expect(place.ledger().join('\n')).toContain('taken up again')
    expect(daemon.mains()).toHaveLength(1)
  })

  it('a second SIGTERM does not wait', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    configure(place, { daemon: { ...settings(daemon, { grace: '60s' }), processes: { crit: 1 } } })
    const run = watching(place, '--interval', '1s')
    await until(() => place.journal().length > 0)
    run.signal('SIGTERM')
    run.signal('SIGTERM')
    expect(await run.ended).toBe(143)
  })

  it('as process 1 says that it wants an init, and counts the zombies it sees', async () => {
    const place = house(top)
    configure(place, {})
    const inside = `sh -c 'sh -c "true & exec sleep 0" & exec "$0" "$@"' ${argvOf(place, '--count', '2', '--interval', '1s').join(' ')}`
    const { stderr } = await ran(['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', `exec ${inside}`])
    expect(stderr).toMatch(/this is process 1, which should reap zombies and cannot \(now \d+\)/)
  })

  it('does not take --count 0, which would check nothing', async () => {
    const context = { ...contextOf(capturedHost()), options: { count: 0 } }
    await expect(watch.run(context)).rejects.toMatchObject({ code: 64 })
  })
})

describe('check', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that %s ends in the middle is recorded as ended by it', async (signal, code) => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    configure(place, { daemon: { ...settings(daemon, { grace: '60s' }), processes: { crit: 1 } } })
    const run = started(argvOf(place).map((one) => (one === 'watch' ? 'check' : one)))
    await until(() => place.journal().length > 0)
    expect(lastExit(place, 'check')).toBeNull()
    run.signal(signal)
    expect(await run.ended).toBe(code)
    expect(lastExit(place, 'check')).toBe(code)
  })
})
