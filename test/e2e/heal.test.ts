import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  documentOf,
  engineSocket,
  image,
  launcher,
  machinePid,
  must,
  quietHost,
  run,
  temporaryFolder,
  until,
} from './environment.ts'

const host = `${quietHost}  disks: { warn: off, crit: off }\n`

// A wallet daemon's RPC with 200 orphans, whom its init adopts. It answers until /dead is there. The image has the
// smallest python, without http.server.
const daemon = `
rm -f /dead
for i in $(seq 200); do (sleep 3600 &) ; done
exec python3 -c '
import os, re, socket
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", 17777))
server.listen(50)
while True:
    client = server.accept()[0]
    call = client.recv(65536).decode()
    while "method" not in call: call += client.recv(65536).decode()
    said = "\\"error\\":{\\"code\\":-1,\\"message\\":\\"wallet not loaded\\"}" if os.path.exists("/dead") else "\\"result\\":\\"4.5\\""
    body = "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":" + re.search(r"\\"id\\": *([^,}]+)", call).group(1) + "," + said + "}"
    client.sendall(("HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body)).encode())
    client.close()
'
`

const docker = (...args: string[]): Promise<string> =>
  must(['docker', ...args], { env: { DOCKER_HOST: `unix://${engineSocket()}` } })

describe('a container whose RPC dies', () => {
  let folder = ''

  beforeEach(() => {
    folder = temporaryFolder()
    writeFileSync(
      join(folder, 'config.yaml'),
      `${host}services:
  wallet:
    container: e2e-wallet
    probes:
      - { jsonrpc: "http://127.0.0.1:17777", method: version, timeout: 5s }
    restart: { after: 3, limit: 2 per 24h, grace: 1s, backoff: { after: 9, step: 1s } }
`,
      { mode: 0o600 },
    )
  })
  afterEach(() => docker('rm', '-f', 'e2e-wallet'))

  const check = async (...args: string[]) => {
    const places = ['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')]
    const ran = await run(
      [
        process.execPath,
        launcher(),
        'check',
        '--json',
        '-c',
        join(folder, 'config.yaml'),
        ...places,
        ...args,
      ],
      { env: { DOCKER_HOST: `unix://${engineSocket()}` } },
    )
    const document = documentOf(ran)
    const wallet = document.services.find(({ name }) => name === 'wallet')
    if (!wallet) throw new Error('no wallet in the document')
    return { exitCode: document.exitCode, wallet }
  }

  const answers = (): Promise<true> =>
    until('the RPC answers', async () => ((await check('--no-act')).exitCode === 0 ? true : null))

  it('is restarted on the third failed check and not before, without its orphans, and given up at its budget', async () => {
    await docker('run', '-d', '--name', 'e2e-wallet', '--network', 'host', image(), 'sh', '-c', daemon)
    await answers()
    const initOf = (): Promise<string> => docker('inspect', '-f', '{{.State.Pid}}', 'e2e-wallet')

    for (const round of [1, 2]) {
      const before = await initOf()
      await docker('exec', 'e2e-wallet', 'touch', '/dead')
      const first = await check()
      expect(first).toMatchObject({ exitCode: 2, wallet: { failedChecks: 1, action: null } })
      expect(first.wallet.metrics.processes).toBeGreaterThan(200)
      expect((await check()).wallet).toMatchObject({ failedChecks: 2, action: null })
      expect(await initOf()).toBe(before)
      const third = await check()
      expect(third.wallet, `round ${round}`).toMatchObject({
        failedChecks: 0,
        action: { kind: 'restart', outcome: 'done' },
      })
      expect(await initOf()).not.toBe(before)
      await answers()
    }

    // The budget of two is used up: it is said, and nothing is touched any more.
    const before = await initOf()
    await docker('exec', 'e2e-wallet', 'touch', '/dead')
    for (let i = 0; i < 2; i++) await check()
    const given = await check()
    expect(given.wallet.action).toBeNull()
    expect(given.wallet.findings.find(({ check: name }) => name === 'restart')).toMatchObject({
      status: 'critical',
    })
    expect(await initOf()).toBe(before)

    // A person resets it, and it is restarted again.
    await check('--reset')
    await check()
    expect((await check()).wallet.action).toMatchObject({ outcome: 'done' })
    await answers()

    const history = readFileSync(join(folder, 'log/restart_history.log'), 'utf8')
    expect(history.match(/ wallet restarted: 3 failed checks in a row: .*wallet not loaded/g)).toHaveLength(3)
    expect(history).toContain(' wallet gave-up')
  })
})

describe('a unit that fails its probe', () => {
  const inside = (script: string, input = ''): Promise<string> =>
    must(
      [
        'nsenter',
        '-t',
        machinePid(),
        '-a',
        '--',
        '/usr/bin/env',
        '-i',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        '/bin/sh',
        '-euc',
        script,
      ],
      { input },
    )

  afterEach(() =>
    inside('systemctl stop ailing.service || true; systemctl reset-failed; rm -rf /var/tmp/heal /run/ill'),
  )

  it('is restarted by systemd on the third failed check and not before', async () => {
    await inside('systemd-run --quiet --unit=ailing sleep 3600; mkdir -p /var/tmp/heal; touch /run/ill')
    await inside(
      'umask 077; cat >/var/tmp/heal/config.yaml',
      `${host}services:
  ailing:
    unit: ailing.service
    probes: [ { exec: ["test", "!", "-e", "/run/ill"] } ]
    restart: { after: 3, grace: 1s }
`,
    )
    const invocation = (): Promise<string> => inside('systemctl show -P InvocationID ailing.service')
    const check = (then: string): Promise<string> =>
      inside(
        `cd /var/tmp/heal; /usr/bin/node /opt/oratio-health/bin/oratio-health.js check -q -c config.yaml --state-dir state --log-dir log ${then}`,
      )
    const before = await invocation()
    for (let i = 0; i < 2; i++) await check('|| test $? = 2')
    expect(await invocation()).toBe(before)
    await check('|| test $? = 2')
    expect(await invocation()).not.toBe(before)
    expect(await inside('cat /var/tmp/heal/log/restart_history.log')).toContain(
      ' ailing restarted: 3 failed checks',
    )
    await inside('rm /run/ill')
    // Well again, so it ends with 0.
    await check('')
  })
})
