import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DockerHouse, docker, dockerHouse, initOf, removeAll, start } from './docker-house.ts'
import { engineSocket, until } from './environment.ts'

let house: DockerHouse
const check = async (...args: string[]) => (await house.check(...args)).of('odd')
const stateOf = (): Promise<string> => docker('inspect', '-f', '{{.State.Status}}', 'e2e-odd')
/** One process is too many for it: it always fails. */
const failing = (restart: string, more = ''): string =>
  `  odd: { container: e2e-odd, processes: { crit: 1 }, restart: { grace: 0s, evidence: false, ${restart} }${more} }\n`
const well = '  odd: { container: e2e-odd, restart: { after: 1, grace: 0s, evidence: false } }\n'

beforeEach(async () => {
  house = dockerHouse()
  await start('e2e-odd', ['--network', 'none'], 'sleep', '3600')
})
afterEach(removeAll)

describe('a real engine that hangs', () => {
  // The one that scripts/e2e.sh has started.
  const engine = Number(readFileSync(join(dirname(engineSocket()), 'daemon.pid'), 'utf8'))
  afterEach(async () => {
    process.kill(engine, 'SIGCONT')
    await until('the engine answers', () => docker('version').then(() => true as const))
  })

  it('is no failed check, and no good one', async () => {
    house.configure(failing('after: 3'))
    for (const failedChecks of [1, 2]) expect(await check()).toMatchObject({ failedChecks, action: null })
    process.kill(engine, 'SIGSTOP')
    const hanging = await check()
    expect(hanging).toMatchObject({ status: 'unknown', failedChecks: 2, action: null })
    process.kill(engine, 'SIGCONT')
    const before = await initOf('e2e-odd')
    expect(await check()).toMatchObject({ action: { outcome: 'done' } })
    expect(await initOf('e2e-odd')).not.toBe(before)
  })

  it('at the stop of a restart makes it fail, and what it did too late is mended by the next run', async () => {
    // The probe freezes it when the container was seen and nothing was done yet.
    house.configure(failing('after: 1', `, probes: [ { exec: [kill, -STOP, "${engine}"] } ]`))
    const failed = await check()
    expect(failed).toMatchObject({ status: 'critical', action: { kind: 'restart', outcome: 'failed' } })
    expect(failed.action?.reason).toMatch(/stop: .*no whole answer within/)
    expect(house.saved('log/restart_history.log')).toContain(' CRIT odd restart-failed: ')
    process.kill(engine, 'SIGCONT')
    house.configure(well)
    // The engine may do now what it was asked then.
    await until('it is well again', async () => ((await check()).status === 'ok' ? true : null))
    expect(await stateOf()).toBe('running')
    expect(JSON.parse(house.saved('state/journal.json')).entries).toEqual([])
  })
})

describe('a paused container', () => {
  it('is no failure; when it is one by the config it runs again, unpaused', async () => {
    house.configure(well)
    await docker('pause', 'e2e-odd')
    expect(await check()).toMatchObject({ status: 'warning', failedChecks: 0, action: null })
    house.configure(well.replace('after: 1', 'after: 1, fail_on: warning'))
    expect(await check()).toMatchObject({ action: { outcome: 'done' } })
    expect(await stateOf()).toBe('running')
  })
})

describe('restart.every', () => {
  it('restarts a healthy container at that age, not before, and not out of its budget', async () => {
    const config =
      '  odd: { container: e2e-odd, restart: { every: 60s, grace: 0s, evidence: false, limit: 1 per 24h } }\n'
    house.configure(config)
    const first = await initOf('e2e-odd')
    expect((await check()).action).toBeNull()
    const restarted = await until(
      'it is restarted',
      async () => {
        const { metrics, action } = await check()
        if (action === null) expect(metrics.uptimeSeconds).toBeLessThan(60)
        else expect(metrics.uptimeSeconds).toBeGreaterThanOrEqual(60)
        if (action === null) await new Promise((resolve) => setTimeout(resolve, 3000))
        return action
      },
      100_000,
    )
    expect(restarted).toMatchObject({ outcome: 'done', reason: expect.stringMatching(/^restart every 1m/) })
    expect(await initOf('e2e-odd')).not.toBe(first)
    expect((await check()).action).toBeNull()
    // The one restart of its budget is still there.
    house.configure(failing('after: 1, limit: 1 per 24h'))
    expect((await check()).action).toMatchObject({ outcome: 'done' })
  })
})
