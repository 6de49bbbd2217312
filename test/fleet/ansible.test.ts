import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Hosts, type Run, run, startHosts, tarballIn } from './hosts.ts'

const off = { warn: 'off', crit: 'off' }
const secret = 'sesame-street-4711'
const folder = '/var/lib/prometheus/node-exporter'
const config = {
  host: { memory: off, swap: off, cpu: off, pressure: off },
  services: { wallet: { unit: 'wallet.service', verify: { max_growth: '20M/min', max_processes: 1 } } },
}

/** A service of that name that holds what it has, or leaks some 190 MiB/min until it holds 1 GB. */
const wallet = {
  steady: 'import time; time.sleep(9e9)',
  leaking:
    'import time; kept=[]; [(kept.append(bytearray(b"x"*1000000)), time.sleep(0.3)) for _ in range(1000)]; time.sleep(9e9)',
}
const startWallet = (n: number, kind: keyof typeof wallet): Promise<string> =>
  hosts.on(
    n,
    'cat >/opt/wallet.py; printf "[Service]\\nExecStart=/usr/bin/python3 /opt/wallet.py\\n" >/etc/systemd/system/wallet.service; systemctl daemon-reload; systemctl restart wallet.service',
    wallet[kind],
  )

interface Recap {
  changed: number
  failed: number
}

/** By host, what the end of a playbook's output counts. */
const recap = ({ output }: Run): Record<string, Recap> =>
  Object.fromEntries(
    [...output.matchAll(/^(host\d) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=(\d+)/gm)].map(
      ([, host, changed, failed]) => [host, { changed: Number(changed), failed: Number(failed) }],
    ),
  )

const unchanged = { changed: 0, failed: 0 }
const everyHost = [1, 2, 3]
let hosts: Hosts
let before: string[][] = []

beforeAll(async () => {
  hosts = await startHosts(3, {
    oratio_health_textfile_folder: folder,
    oratio_health_verify_for: '12s',
    oratio_health_verify_interval: '1s',
    oratio_health_secrets: { 'rpc.pass': secret },
    oratio_health_config: config,
  })
  hosts.give({ oratio_health_package: await tarballIn(hosts.folder) })
  for (const n of everyHost) await startWallet(n, n === 2 ? 'leaking' : 'steady')
  before = await Promise.all(everyHost.map(hosts.files))
}, 400_000)

afterAll(() => hosts?.stop(), 60_000)

it('has nothing for yamllint and ansible-lint to say', async () => {
  for (const argv of [
    ['yamllint', '-s', '.'],
    ['ansible-lint', '--nocolor', '-q'],
  ])
    expect(await run(argv, { cwd: join(import.meta.dirname, '../../deploy/ansible') })).toMatchObject({
      exitCode: 0,
    })
}, 120_000)

it('changes nothing in check mode, and shows the config it would write', async () => {
  const checked = await hosts.playbook('rollout.yml', ['--check', '--diff', '--limit', 'host1'])
  expect(checked).toMatchObject({ exitCode: 0, output: expect.stringContaining('+    unit: wallet.service') })
  expect(recap(checked).host1?.changed).toBeGreaterThan(4)
  expect(await hosts.files(1)).toEqual(before[0])
}, 120_000)

it('stops at the batch whose verify fails, and the next host stays untouched', async () => {
  const stopped = await hosts.playbook('rollout.yml')
  expect(stopped.exitCode).not.toBe(0)
  expect(stopped.output).toMatch(/verify ended with status 2.*FAIL {2}wallet/)
  expect(recap(stopped)).toMatchObject({ host1: { failed: 0 }, host2: { failed: 1 } })
  expect(recap(stopped).host3).toBeUndefined()
  expect(await hosts.on(1, 'cat /etc/cron.d/oratio-health')).toContain('/usr/local/bin/oratio-health check')
  expect(await hosts.files(3)).toEqual(before[2])
}, 240_000)

it('goes through once the leak is mended, shows no secret, and has nothing to do a second time', async () => {
  await startWallet(2, 'steady')
  const through = await hosts.playbook('rollout.yml', ['--diff', '-v'])
  expect(through).toMatchObject({ exitCode: 0, output: expect.not.stringContaining(secret) })
  expect(recap(through)).toMatchObject({ host1: unchanged, host2: unchanged, host3: { failed: 0 } })
  for (const n of everyHost) {
    expect(await hosts.on(n, 'stat -c "%a %U %n" /etc/oratio-health/* /etc/cron.d/oratio-health')).toBe(
      '640 root /etc/oratio-health/config.yaml\n600 root /etc/oratio-health/rpc.pass\n644 root /etc/cron.d/oratio-health',
    )
    expect(await hosts.on(n, 'cat /etc/oratio-health/rpc.pass')).toBe(secret)
    expect(await hosts.on(n, `cat ${folder}/oratio_health.prom`)).toContain(
      'oratio_health_service_up{service="wallet"} 1',
    )
  }
  const again = await hosts.playbook('rollout.yml')
  expect(recap(again)).toEqual({ host1: unchanged, host2: unchanged, host3: unchanged })
}, 400_000)

it('puts no broken config in place', async () => {
  const was = await hosts.on(1, 'cat /etc/oratio-health/config.yaml')
  hosts.give({ oratio_health_config: { services: { wallet: { unit: 'wallet.service', memry: 1 } } } })
  const refused = await hosts.playbook('rollout.yml', ['--limit', 'host1'])
  hosts.give({ oratio_health_config: config })
  expect(refused.exitCode).not.toBe(0)
  expect(refused.output).toContain('services.wallet.memry: unknown key')
  expect(await hosts.on(1, 'cat /etc/oratio-health/config.yaml')).toBe(was)
}, 120_000)

it('moves to timers of systemd, and leaves nothing behind when it is taken away', async () => {
  hosts.give({ oratio_health_scheduler: 'systemd' })
  expect(await hosts.playbook('rollout.yml', ['--limit', 'host1'])).toMatchObject({ exitCode: 0 })
  expect(
    await hosts.on(1, 'systemctl is-active oratio-health-check.timer; test ! -e /etc/cron.d/oratio-health'),
  ).toBe('active')

  expect(await hosts.playbook('remove.yml')).toMatchObject({ exitCode: 0 })
  for (const n of everyHost) {
    const left = (await hosts.files(n)).filter((line) => !before[n - 1]?.includes(line))
    // node_exporter's folder is not taken away.
    expect(left.filter((line) => !/ \/var\/lib\/prometheus(\/node-exporter)?$/.test(line))).toEqual([])
  }
  const again = await hosts.playbook('remove.yml')
  expect(recap(again)).toEqual({ host1: unchanged, host2: unchanged, host3: unchanged })
}, 400_000)
