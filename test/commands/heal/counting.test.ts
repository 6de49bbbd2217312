import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { check, type Daemon, folderIn, type House, house, type Settings } from '../../support/healing.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const top = tempFolder('counting')
const program = bundle('../src/cli.ts', top)

const [failing, well] = [{ crit: 1 }, { crit: 1000 }]

const settings = (daemon: Daemon, processes: Settings, restart: Settings = {}): Settings => ({
  pidfile: daemon.pidFile,
  processes,
  start: daemon.start,
  restart: { after: 3, grace: '100ms', evidence: false, backoff: { after: 50 }, ...restart },
})

/** A service that runs, and a run of `check` on it with these limits. */
const arrange = async (restart: Settings = {}, more: Settings = {}) => {
  const place = house(top)
  const daemon = place.daemon('daemon', { children: 1 })
  await daemon.launch()
  const run = async (processes: Settings, ...args: string[]) => {
    place.configure({ daemon: { ...settings(daemon, processes, restart), ...more } })
    const { services, code } = await check(program, place, args)
    return { ...services.daemon, code }
  }
  return { place, daemon, run, starts: () => daemon.everStarted().length - 1 }
}

const memoryOf = (place: House) => place.state().restarts.daemon?.memory

describe('a restart', () => {
  it('comes with the third failed check, and not before', async () => {
    const { place, daemon, run, starts } = await arrange()
    const [first] = daemon.mains()
    expect(await run(failing)).toMatchObject({ failedChecks: 1, action: null, code: 2 })
    expect(await run(failing)).toMatchObject({ failedChecks: 2, action: null })
    expect(starts()).toBe(0)
    const { action } = await run(failing)
    expect(action).toMatchObject({ kind: 'restart', outcome: 'done' })
    expect(action?.reason).toMatch(/^3 failed checks in a row: .*; runs as process \d+$/)
    await daemon.allRun()
    expect(daemon.mains()).not.toContain(first)
    expect(starts()).toBe(1)
    expect(place.ledger()).toEqual([
      expect.stringMatching(/ WARN daemon restarted: 3 failed checks in a row/),
    ])
    expect(place.journal()).toEqual([])
    expect(await run(failing)).toMatchObject({ failedChecks: 1, action: null })
  })

  it('is put off by a good check, which begins the count anew', async () => {
    const { run, starts } = await arrange()
    for (const limits of [failing, failing, well, failing]) await run(limits)
    expect(await run(failing)).toMatchObject({ failedChecks: 2, action: null })
    expect(starts()).toBe(0)
  })

  it('is neither brought nearer nor put off by a check that could not see', async () => {
    const { place, daemon, run, starts } = await arrange()
    // A circle of links: the pid file is neither there nor missing.
    const folder = folderIn(place, 'run')
    renameSync(daemon.pidFile, join(folder, 'daemon.pid'))
    daemon.pidFile = join(folder, 'daemon.pid')
    await run(failing)
    await run(failing)
    renameSync(folder, `${folder}.away`)
    symlinkSync(folder, folder)
    expect(await run(failing)).toMatchObject({ status: 'unknown', failedChecks: 2, action: null })
    rmSync(folder)
    renameSync(`${folder}.away`, folder)
    expect(await run(failing)).toMatchObject({ action: { outcome: 'done' } })
    expect(starts()).toBe(1)
  })

  it('begins its count anew with a process that somebody else has started', async () => {
    const { daemon, run } = await arrange()
    await run(failing)
    await run(failing)
    for (const pid of [...daemon.mains(), ...daemon.children()]) process.kill(pid, 'SIGKILL')
    await daemon.launch()
    expect(await run(failing)).toMatchObject({ failedChecks: 1, action: null })
  })

  it('comes on a host whose state is full of containers that were here today', async () => {
    const { place, run, starts } = await arrange()
    await run(failing)
    const { sum, ...state } = place.state() as unknown as { sum: unknown; restarts: Record<string, unknown> }
    const strangers = Array.from({ length: 500 }, (_, i) => [`ci-${i}`, state.restarts.daemon])
    const restarts = { ...Object.fromEntries(strangers), daemon: state.restarts.daemon }
    writeFileSync(join(place.stateDir, 'state.json'), JSON.stringify({ ...state, restarts }))
    expect(sum).toBeDefined()
    // Read back, the last of them is beyond the bound already.
    for (const failedChecks of [1, 2]) expect(await run(failing)).toMatchObject({ failedChecks })
    expect((await run(failing)).action).toMatchObject({ outcome: 'done' })
    expect(starts()).toBe(1)
  })

  it('waits longer from one to the next', async () => {
    const { run, starts } = await arrange({ after: 1, backoff: { after: 2, step: '1h' } })
    await run(failing)
    await run(failing)
    const held = await run(failing)
    expect(held.action).toMatchObject({ outcome: 'skipped', reason: expect.stringMatching(/waits until/) })
    expect(starts()).toBe(2)
  })

  it('is given up when the budget is used, told once, and begins anew with --reset', async () => {
    const { place, run, starts } = await arrange({ after: 1, limit: '2 per 24h' })
    for (const n of [1, 2]) expect((await run(failing)).action?.outcome, `${n}`).toBe('done')
    for (let n = 0; n < 3; n++) {
      const given = await run(failing)
      expect(given).toMatchObject({ status: 'critical', action: null })
      expect(given.findings?.map(({ message }) => message).join()).toMatch(/given up after 2 restarts/)
    }
    expect(starts()).toBe(2)
    expect(place.ledger().filter((line) => / CRIT daemon gave-up/.test(line))).toHaveLength(1)
    expect((await run(failing, '--reset')).action?.outcome).toBe('done')
    expect(starts()).toBe(3)
  })

  it('is made again after it was given up and then well once, within the budget', async () => {
    const { place, run, starts } = await arrange({ after: 1, limit: '1 per 24h' })
    await run(failing)
    await run(failing)
    await run(well)
    expect(memoryOf(place)).toMatchObject({ gaveUpAtMs: null, restartsInARow: 0 })
    expect((await run(failing)).action).toBeNull()
    expect(starts()).toBe(1)
  })

  it('uses the budget that a lost state had used', async () => {
    const { place, run, starts } = await arrange({ after: 1, limit: '2 per 24h' })
    await run(failing)
    // The history has whole seconds, and two of one second count as one.
    const second = Math.floor(Date.now() / 1000)
    while (Math.floor(Date.now() / 1000) === second) await new Promise((resolve) => setTimeout(resolve, 20))
    await run(failing)
    rmSync(join(place.stateDir, 'state.json'))
    expect(await run(failing)).toMatchObject({ action: null, status: 'critical' })
    expect(memoryOf(place)?.restartedAtMs).toHaveLength(2)
    expect(starts()).toBe(2)
  })

  it('does not refill its budget when the clock is set back', async () => {
    const { place, run, starts } = await arrange({ after: 1, limit: '1 per 24h' })
    await run(failing)
    const state = place.state()
    const aheadMs = Date.now() + 365 * 86_400_000
    for (const { memory } of Object.values(state.restarts)) memory.restartedAtMs = [aheadMs]
    // Without its checksum, which a hand that edits cannot make, it is taken all the same.
    const { sum, ...own } = state as unknown as Record<string, unknown>
    writeFileSync(join(place.stateDir, 'state.json'), JSON.stringify(own))
    expect(sum).toBeDefined()
    expect(await run(failing)).toMatchObject({ action: null, status: 'critical' })
    expect(starts()).toBe(1)
  })
})

describe('lines in its log', () => {
  it('restart a service once, not each time as long as they are in the window', async () => {
    const place = house(top)
    const daemon = place.daemon('daemon')
    await daemon.launch()
    const file = join(place.folder, 'app.log')
    writeFileSync(file, '')
    const probes = [{ log: 'WORKER TIMEOUT', file, within: '1h', crit: 5 }]
    place.configure({ daemon: { ...settings(daemon, well), probes } })
    const run = async () => (await check(program, place)).services.daemon
    await run()
    appendFileSync(file, 'WORKER TIMEOUT\n'.repeat(5))
    await run()
    await run()
    expect((await run())?.action).toMatchObject({ outcome: 'done' })
    await daemon.allRun()
    // They are told all the same.
    for (let n = 0; n < 4; n++) expect(await run()).toMatchObject({ status: 'critical', failedChecks: 0 })
    appendFileSync(file, 'WORKER TIMEOUT\n'.repeat(5))
    expect(await run()).toMatchObject({ failedChecks: 1 })
    expect(daemon.everStarted()).toHaveLength(2)
  })
})

describe('no restart', () => {
  it.each([
    ['with --no-act', {}, ['--no-act'], /does not act/],
    ['in a maintenance window', { maintenance: '00:00-24:00' }, [], /maintenance window/],
    ['in the grace of a start', { restart: { after: 1, start_grace: '1h' } }, [], /only just started/],
  ])('%s, though it is due', async (_, more, args, reason) => {
    const { run, starts } = await arrange({ after: 1 }, more)
    const { action, status } = await run(failing, ...args)
    expect(action).toMatchObject({ outcome: 'skipped', reason: expect.stringMatching(reason) })
    expect(status).toBe('critical')
    expect(starts()).toBe(0)
  })

  it('where it is off', async () => {
    const { run, starts } = await arrange({}, { restart: 'off' })
    for (let n = 0; n < 4; n++) await run(failing)
    expect(await run(failing)).toMatchObject({ failedChecks: 5, action: null })
    expect(starts()).toBe(0)
  })

  it('under --dry-run: each step is said, and nothing is changed', async () => {
    const { place, daemon, run, starts } = await arrange({ after: 1 })
    const running = daemon.mains()
    await run(well)
    const before = JSON.stringify([place.state(), place.ledger()])
    const { action } = await run(failing, '--dry-run')
    expect(action).toMatchObject({ outcome: 'dry-run' })
    expect(action?.reason).toMatch(/would end .*would start \/bin\/sh .*daemon\.sh main/)
    expect([daemon.mains(), starts()]).toEqual([running, 0])
    expect(JSON.stringify([place.state(), place.ledger()])).toBe(before)
  })
})
