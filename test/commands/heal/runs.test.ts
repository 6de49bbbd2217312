import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { check, type Daemon, type House, house, type Settings } from '../../support/healing.ts'
import { until } from '../../support/process-family.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const top = tempFolder('runs')
const program = bundle('../src/cli.ts', top)

const settings = (daemon: Daemon, crit: number, more: Settings = {}): Settings => ({
  pidfile: daemon.pidFile,
  processes: { crit },
  start: daemon.start,
  ...more,
  restart: {
    after: 1,
    grace: '100ms',
    evidence: false,
    backoff: { after: 50 },
    ...(more.restart as Settings),
  },
})

const countedOf = (place: House): number => place.state().restarts.daemon?.memory.restartedAtMs.length ?? 0

/** A run that is in the middle of a restart, waiting for a daemon that ignores SIGTERM. */
const runInTheMiddle = async (place: House): Promise<{ kill(): Promise<void> }> => {
  const counted = countedOf(place)
  const folders = ['-c', place.config, '--state-dir', place.stateDir, '--log-dir', place.logDir]
  const child = spawn(process.execPath, [program, 'check', '-q', ...folders], { stdio: 'ignore' })
  let isOver = false
  child.once('exit', () => {
    isOver = true
  })
  const kill = async () => {
    child.kill('SIGKILL')
    await until(() => isOver)
  }
  onTestFinished(kill)
  // It is counted before anything is touched.
  await until(() => isOver || countedOf(place) > counted)
  expect(isOver).toBe(false)
  return { kill }
}

it('tells of no secret in `start:`, neither before nor when it fails', async () => {
  const place = house(top)
  const daemon = place.daemon('daemon', { obeys: true })
  await daemon.launch()
  place.configure({ daemon: settings(daemon, 1, { start: ['/bin/false', '--api-key', 'hunter2'] }) })
  const dry = await check(program, place, ['--dry-run'])
  const run = await check(program, place)
  expect(run.services.daemon?.action?.outcome).toBe('failed')
  const logs = readdirSync(place.logDir).map((name) => readFileSync(join(place.logDir, name), 'utf8'))
  for (const words of [dry.stdout, logs.join('')]) expect(words).toContain('start /bin/false --api-key ***')
  for (const words of [dry.stdout, run.stdout, ...logs]) expect(words).not.toContain('hunter2')
})

describe('of several runs', () => {
  it('the second at once ends with 75, and does nothing', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    place.configure({ daemon: settings(daemon, 1, { restart: { grace: '60s' } }) })
    const first = await runInTheMiddle(place)
    const { code, stdout } = await check(program, place)
    expect(code).toBe(75)
    expect(stdout).toMatch(/already running \(process \d+/)
    expect(daemon.everStarted()).toHaveLength(1)
    await first.kill()
    expect(existsSync(join(place.stateDir, 'check.lock'))).toBe(true)
    place.configure({ daemon: settings(daemon, 1000) })
    const { services } = await check(program, place)
    expect(services.daemon?.action).toMatchObject({
      outcome: 'done',
      reason: expect.stringMatching(/^taken up again: 1 failed check/),
    })
    expect(existsSync(join(place.stateDir, 'check.lock'))).toBe(false)
  })

  it('that are all killed in the middle, none goes on beyond the budget but the one that takes it up', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    place.configure({ daemon: settings(daemon, 1, { restart: { grace: '60s', limit: '2 per 24h' } }) })
    for (let n = 0; n < 3; n++) await (await runInTheMiddle(place)).kill()
    const { services } = await check(program, place)
    expect(services.daemon?.findings.map(({ message }) => message).join()).toMatch(
      /given up after 3 restarts/,
    )
    expect(services.daemon?.action).toBeNull()
    expect(place.journal()).toEqual([])
    expect(daemon.everStarted()).toHaveLength(1)
    expect(place.ledger().filter((line) => / gave-up/.test(line))).toHaveLength(1)
  })

  it('one with --no-act says what another left unfinished, and leaves it', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    const pid = await daemon.launch()
    place.configure({ daemon: settings(daemon, 1, { restart: { grace: '60s' } }) })
    await (await runInTheMiddle(place)).kill()
    const { services, code } = await check(program, place, ['--no-act'])
    expect(code).toBe(2)
    expect(services.daemon?.findings.map(({ message }) => message).join()).toMatch(/not brought to its end/)
    expect(daemon.mains()).toEqual([pid])
    expect(place.journal()).toHaveLength(1)
  })

  it('none takes up a restart that the config has switched off since', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    const pid = await daemon.launch()
    place.configure({ daemon: settings(daemon, 1, { restart: { grace: '60s' } }) })
    await (await runInTheMiddle(place)).kill()
    place.configure({ daemon: { ...settings(daemon, 1), restart: 'off' } })
    const { services } = await check(program, place)
    expect(services.daemon).toMatchObject({ status: 'critical', action: null })
    expect(daemon.mains()).toEqual([pid])
  })
})

describe('what depends on a service', () => {
  const arrange = async (names: readonly string[]) => {
    const place = house(top)
    const daemons = new Map(names.map((name) => [name, place.daemon(name, { children: 0 })]))
    for (const daemon of daemons.values()) await daemon.launch()
    const of = (name: string): Daemon => daemons.get(name) as Daemon
    return { place, of, starts: (name: string) => of(name).everStarted().length - 1 }
  }
  const restartedIn = (place: House): string[] => place.ledger().map((line) => line.split(' ')[3] ?? '')

  it('is restarted after it, once', async () => {
    const { place, of, starts } = await arrange(['front', 'worker', 'db', 'other'])
    place.configure({
      front: settings(of('front'), 1000, { after: ['worker', 'db'] }),
      worker: settings(of('worker'), 1000, { after: 'db' }),
      db: settings(of('db'), 1),
      other: settings(of('other'), 1000),
    })
    const { services } = await check(program, place)
    expect(restartedIn(place)).toEqual(['db', 'worker', 'front'])
    expect(['front', 'worker', 'db', 'other'].map(starts)).toEqual([1, 1, 1, 0])
    expect(services.front?.action?.reason).toMatch(/^it depends on db, which was restarted/)
  })

  it('is restarted after it, once, when both fail', async () => {
    const { place, of, starts } = await arrange(['front', 'db'])
    place.configure({
      front: settings(of('front'), 1, { after: 'db' }),
      db: settings(of('db'), 1),
    })
    await check(program, place)
    expect(restartedIn(place)).toEqual(['db', 'front'])
    expect(['front', 'db'].map(starts)).toEqual([1, 1])
  })

  it('stays as it is when the restart failed, or has no `restart:`', async () => {
    const { place, of, starts } = await arrange(['front', 'db', 'cache', 'page'])
    place.configure({
      front: settings(of('front'), 1000, { after: 'db' }),
      db: { ...settings(of('db'), 1), start: ['/bin/false'] },
      cache: settings(of('cache'), 1),
      page: { ...settings(of('page'), 1000, { after: 'cache' }), restart: 'off' },
    })
    const { services } = await check(program, place)
    expect(services.db?.action?.outcome).toBe('failed')
    expect(['front', 'db', 'cache', 'page'].map(starts)).toEqual([0, 0, 1, 0])
  })

  it('is said under --dry-run, too', async () => {
    const { place, of, starts } = await arrange(['front', 'db'])
    place.configure({ front: settings(of('front'), 1000, { after: 'db' }), db: settings(of('db'), 1) })
    const { services } = await check(program, place, ['--dry-run'])
    expect(services.front?.action).toMatchObject({
      outcome: 'dry-run',
      reason: expect.stringMatching(/^it depends on db, which was restarted; would end .*; would start /),
    })
    expect([starts('front'), starts('db'), place.journal()]).toEqual([0, 0, []])
  })

  it('waits for the next check of all where the names on the command line leave it out', async () => {
    const { place, of, starts } = await arrange(['front', 'worker', 'db', 'other'])
    const configure = (crit: number) =>
      place.configure({
        front: settings(of('front'), 1000, { after: 'worker' }),
        worker: settings(of('worker'), 1000, { after: 'db' }),
        db: settings(of('db'), crit),
        other: settings(of('other'), 1000),
      })
    configure(1)
    const dry = (await check(program, place, ['db', '--dry-run'])).services.db
    expect(dry?.action?.reason).toMatch(/worker, front depend on it; their turn comes/)
    const { services } = await check(program, place, ['db'])
    expect(Object.keys(services)).toEqual(['db'])
    expect(services.db?.action).toMatchObject({ outcome: 'done' })
    expect(services.db?.action?.reason).toMatch(
      /; worker, front depend on it; their turn comes with the next/,
    )
    expect(place.journal().map(({ service }) => service)).toEqual(['worker', 'front'])
    configure(1000)
    await check(program, place, ['other'])
    expect(['front', 'worker', 'db', 'other'].map(starts)).toEqual([0, 0, 1, 0])
    await check(program, place)
    expect(['front', 'worker', 'db', 'other'].map(starts)).toEqual([1, 1, 1, 0])
    expect(restartedIn(place)).toEqual(['db', 'worker', 'front'])
    expect(place.journal()).toEqual([])
  })

  it('waits in its maintenance window, and is restarted by the run after it', async () => {
    const { place, of, starts } = await arrange(['front', 'db'])
    const configure = (crit: number, maintenance?: string) =>
      place.configure({
        front: settings(of('front'), 1000, { after: 'db', ...(maintenance && { maintenance }) }),
        db: settings(of('db'), crit),
      })
    configure(1, '00:00-24:00')
    for (const args of [[], ['--no-act']]) {
      const { services } = await check(program, place, args)
      expect(services.front?.action).toMatchObject({
        outcome: 'skipped',
        reason: expect.stringMatching(/^it depends on db, which was restarted, but /),
      })
      configure(1000, '00:00-24:00')
    }
    expect([starts('db'), starts('front'), place.journal().length]).toEqual([1, 0, 1])
    configure(1000)
    await check(program, place)
    expect([starts('db'), starts('front'), place.journal().length]).toEqual([1, 1, 0])
  })

  it('is not restarted twice: another has restarted it while it was due', async () => {
    const { place, of, starts } = await arrange(['front', 'db'])
    const configure = (crit: number, more: Settings) =>
      place.configure({
        front: settings(of('front'), 1000, { after: 'db', ...more }),
        db: settings(of('db'), crit),
      })
    configure(1, { maintenance: '00:00-24:00' })
    await check(program, place)
    for (const pid of of('front').mains()) process.kill(pid, 'SIGKILL')
    await of('front').launch()
    configure(1000, {})
    const { services } = await check(program, place)
    expect([services.front?.action, starts('front'), place.journal().length]).toEqual([null, 1, 0])
  })
})

describe('a maintenance window', () => {
  it('does not keep a service down that a run has left stopped, and lets one wait that still runs', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon', { children: 0 })
    const pid = await daemon.launch()
    place.configure({ daemon: settings(daemon, 1, { restart: { grace: '60s' } }) })
    await (await runInTheMiddle(place)).kill()
    place.configure({ daemon: settings(daemon, 1000, { maintenance: '00:00-24:00' }) })
    const { services } = await check(program, place)
    expect(services.daemon?.action).toMatchObject({
      outcome: 'skipped',
      reason: expect.stringMatching(/nothing is down; it is a maintenance window$/),
    })
    expect([daemon.mains(), place.journal().length]).toEqual([[pid], 1])
    process.kill(pid, 'SIGKILL')
    await until(() => daemon.mains().length === 0)
    expect((await check(program, place)).services.daemon?.action?.outcome).toBe('done')
    await daemon.allRun()
    expect(place.journal()).toEqual([])
  })
})

describe('a broken action journal', () => {
  it('is told, kept aside, and not touched by a dry run', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon', { children: 0 })
    await daemon.launch()
    place.configure({ daemon: settings(daemon, 1000) })
    mkdirSync(place.stateDir)
    const file = join(place.stateDir, 'journal.json')
    writeFileSync(file, '{"version":1,"entr')
    for (const args of [['--dry-run'], []]) {
      const { code, stdout } = await check(program, place, args)
      expect(code).toBe(1)
      expect(stdout).toMatch(/own action-journal was broken/)
      expect(existsSync(file)).toBe(args.length > 0)
    }
    expect(readdirSync(place.stateDir).join()).toMatch(/journal\.json\.broken-/)
    expect((await check(program, place)).code).toBe(0)
  })
})
