import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type DockerHouse,
  docker,
  dockerHouse,
  initOf,
  removeAll,
  start,
  walletDaemon,
} from './docker-house.ts'
import { must, until } from './environment.ts'

let house: DockerHouse
const check = (...args: string[]) => house.check(...args)

beforeEach(() => {
  house = dockerHouse()
})
afterEach(removeAll)

const probe = '{ jsonrpc: "http://127.0.0.1:17777", method: version, timeout: 5s }'
const kill = (file: string): Promise<string> => docker('exec', 'e2e-wallet', 'touch', file)

describe('a container whose RPC dies', () => {
  const wallet = async (...args: string[]) => (await check(...args)).of('wallet')
  const answers = (): Promise<true> =>
    until('the RPC answers', async () => ((await check('--no-act')).exitCode === 0 ? true : null))

  it('is restarted on the third failed check and not before, without its orphans, and given up at its budget', async () => {
    house.configure(`  wallet:
    container: e2e-wallet
    probes: [ ${probe} ]
    restart: { after: 3, limit: 2 per 24h, grace: 1s, backoff: { after: 9, step: 1s } }
`)
    await start('e2e-wallet', ['--network', 'host'], 'sh', '-c', `rm -f /dead; ${walletDaemon(200)}`)
    await answers()

    for (const round of [1, 2]) {
      const before = await initOf('e2e-wallet')
      const pids = (await docker('top', 'e2e-wallet', '-eo', 'pid')).split('\n').slice(1)
      expect(pids.length).toBeGreaterThan(200)
      await kill('/dead')
      const first = await wallet()
      expect(first).toMatchObject({ status: 'critical', failedChecks: 1, action: null })
      expect(first.metrics.processes).toBeGreaterThan(200)
      expect(await wallet()).toMatchObject({ failedChecks: 2, action: null })
      expect(await initOf('e2e-wallet')).toBe(before)
      const third = await wallet()
      expect(third, `round ${round}`).toMatchObject({
        failedChecks: 0,
        action: { kind: 'restart', outcome: 'done' },
      })
      // The orphans are gone with the daemon; the one that is tracked now is not.
      expect(pids.filter((pid) => existsSync(`/proc/${pid.trim()}`))).toEqual([])
      expect(await initOf('e2e-wallet')).not.toBe(before)
      await answers()
    }

    // The budget of two is used up: it is said, and nothing is touched any more.
    const before = await initOf('e2e-wallet')
    await kill('/dead')
    for (let i = 0; i < 2; i++) await check()
    const given = await wallet()
    expect(given.action).toBeNull()
    expect(given.findings.find(({ check: name }) => name === 'restart')).toMatchObject({ status: 'critical' })
    expect(await initOf('e2e-wallet')).toBe(before)

    // A person resets it, and it is restarted again.
    await check('--reset')
    await check()
    expect((await wallet()).action).toMatchObject({ outcome: 'done' })
    await answers()

    const history = house.saved('log/restart_history.log')
    expect(history.match(/ wallet restarted: 3 failed checks in a row: .*wallet not loaded/g)).toHaveLength(3)
    expect(history).toContain(' wallet gave-up')
  })

  it('and stays dead is restarted with longer and longer waits, given up, and well again when it is mended', async () => {
    // Incident E6 with 3 s for its 60: no clock is faked.
    const [stepMs, limit] = [3000, 5]
    house.configure(`  wallet:
    container: e2e-wallet
    probes: [ ${probe} ]
    restart: { after: 3, limit: ${limit} per 24h, grace: 0s, evidence: false, backoff: { after: 3, step: 3s } }
`)
    await start('e2e-wallet', ['--network', 'host'], 'sh', '-c', `touch /dead; ${walletDaemon(3)}`)
    const restartedAtMs = (): number[] =>
      JSON.parse(house.saved('state/state.json')).restarts.wallet.memory.restartedAtMs
    const begunMs = Date.now()
    const seen: { checkedAtMs: number; restarts: number; did: string }[] = []
    const gaveUp = await until(
      'it is given up',
      async () => {
        const checked = await check()
        const { action, findings } = checked.of('wallet')
        const restarts = restartedAtMs().length
        const held = action?.outcome === 'skipped' && /waits until/.test(action.reason)
        const did = action?.outcome === 'done' ? 'restart' : held ? 'wait' : 'none'
        seen.push({ checkedAtMs: checked.startedAtMs, restarts, did })
        return findings.some(({ message }) => /given up after 5 restarts/.test(message)) ? true : null
      },
      100_000,
    )
    expect(gaveUp).toBe(true)

    const at = restartedAtMs()
    expect(at).toHaveLength(limit)
    const waits = at.slice(1).map((ms, i) => ms - (at[i] as number))
    console.table(
      at.map((ms, i) => ({
        restart: i + 1,
        at: (ms - begunMs) / 1000,
        afterSeconds: (waits[i - 1] ?? 0) / 1000,
      })),
    )
    // Three failed checks before each of the first three, and nothing else to wait for.
    expect(seen.slice(0, 9).map(({ did }) => did)).toEqual(
      [1, 2, 3].flatMap(() => ['none', 'none', 'restart']),
    )
    expect(waits[2]).toBeGreaterThanOrEqual(3 * stepMs)
    expect(waits[3]).toBeGreaterThanOrEqual(4 * stepMs)
    // It waited for that alone: who was held back was so before its time, and the next one after it was not.
    for (const { checkedAtMs, restarts, did } of seen.filter((one) => one.did === 'wait'))
      expect(checkedAtMs, did).toBeLessThan((at[restarts - 1] as number) + restarts * stepMs)
    for (const n of [4, 5])
      expect(seen.filter((one) => one.did === 'wait' && one.restarts === n - 1).length).toBeGreaterThan(0)

    // Given up, nothing is touched any more; a person mends it, and it is well without a word to this tool.
    const init = await initOf('e2e-wallet')
    for (let i = 0; i < 3; i++) expect((await wallet()).action).toBeNull()
    expect(await initOf('e2e-wallet')).toBe(init)
    await docker('exec', 'e2e-wallet', 'rm', '/dead')
    expect((await wallet()).findings.filter(({ check: name }) => name === 'restart')).toEqual([])
    expect(await initOf('e2e-wallet')).toBe(init)
    expect(JSON.parse(house.saved('state/state.json')).restarts.wallet.memory).toMatchObject({
      gaveUpAtMs: null,
      restartsInARow: 0,
    })
  })
})

describe('a container that shares the network of another', () => {
  const network = (name: string): Promise<string> =>
    initOf(name).then((pid) => must(['readlink', `/proc/${pid}/ns/net`]))

  it('is restarted after it, and has the new network', async () => {
    const configure = (crit: number, maintenance = '') =>
      house.configure(`  page: { container: e2e-page, restart: { grace: 0s }${maintenance} }
  vpn:
    container: e2e-vpn
    processes: { crit: ${crit} }
    restart: { after: 1, grace: 0s, evidence: false }
`)
    await start('e2e-vpn', ['--network', 'none'], 'sleep', '3600')
    await start('e2e-page', ['--network', 'container:e2e-vpn'], 'sleep', '3600')
    const old = await network('e2e-vpn')
    configure(1)
    const said = await check('--dry-run')
    expect(said.of('page').action).toMatchObject({
      outcome: 'dry-run',
      reason: expect.stringMatching(/^it depends on vpn, .*would stop container .*would start container/),
    })
    expect(await network('e2e-vpn')).toBe(old)
    // A window keeps it: it stays on a network that is gone, and the journal knows.
    configure(1, ', maintenance: "00:00-24:00"')
    expect((await check()).of('vpn').action).toMatchObject({ outcome: 'done' })
    expect(await network('e2e-page')).toBe(old)
    expect(house.saved('state/journal.json')).toContain('"follows":"vpn"')
    configure(1000)
    expect((await check()).of('page').action).toMatchObject({ outcome: 'done' })
    expect(await network('e2e-page')).toBe(await network('e2e-vpn'))
    expect(house.saved('state/journal.json')).not.toContain('follows')
  })
})

describe('containers that end again and again', () => {
  it('are judged by their state at each look, and none is called unknown', async () => {
    // Twelve, since the moment in which a look meets one between two lives is short.
    const names = Array.from({ length: 12 }, (_, i) => `flapper-${i}`)
    house.configure(names.map((name) => `  ${name}: { container: ${name} }\n`).join(''))
    for (const name of names)
      await start(name, ['--network', 'none', '--restart', 'always'], 'sh', '-c', 'sleep 0.1; exit 3')
    const statuses = new Set<string>()
    for (let i = 0; i < 8; i++) {
      const checked = await check()
      for (const name of names) {
        const { status, findings } = checked.of(name)
        expect(findings.filter(({ status: one }) => one === 'unknown')).toEqual([])
        statuses.add(status)
      }
    }
    expect([...statuses]).toContain('critical')
  })
})
