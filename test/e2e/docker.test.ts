import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type CheckDocument,
  documentOf,
  engineSocket,
  engineTcp,
  image,
  launcher,
  must,
  podmanSocket,
  quietHost,
  type Run,
  run,
  type ServiceDocument,
  temporaryFolder,
  until,
} from './environment.ts'

const mib = 1024 ** 2

// Fills its anonymous memory up to the given MiB and keeps it.
const hold = `
import re, sys, time
wanted = float(sys.argv[1]) * 1024
blocks = []
while True:
    have = int(re.search(r'RssAnon:\\s+(\\d+)', open('/proc/self/status').read()).group(1))
    if have >= wanted: break
    blocks.append(bytearray(b'x' * 65536))
print('holding', flush=True)
time.sleep(3600)
`

const docker = (...args: string[]): Promise<string> =>
  must(['docker', ...args], { env: { DOCKER_HOST: `unix://${engineSocket()}` } })

const start = (name: string, options: string[], ...command: string[]): Promise<string> =>
  docker('run', '-d', '--name', name, '--network', 'none', ...options, image(), ...command)

const startHolding = async (name: string, heldMib: number, ...options: string[]): Promise<void> => {
  await start(name, options, 'python3', '-c', hold, String(heldMib))
  await until(`${name} holds ${heldMib} MiB`, async () =>
    (await docker('logs', name)).includes('holding') ? true : null,
  )
}

let folder = ''

const check = (args: string[] = [], env: Record<string, string> = {}): Promise<Run> =>
  run(
    [
      process.execPath,
      launcher(),
      'check',
      '--json',
      '-c',
      join(folder, 'config.yaml'),
      '--state-dir',
      join(folder, 'state'),
      '--log-dir',
      join(folder, 'log'),
      ...args,
    ],
    { env: { DOCKER_HOST: `unix://${engineSocket()}`, ...env } },
  )

const checked = async (env: Record<string, string> = {}): Promise<CheckDocument> =>
  documentOf(await check([], env))

const configure = (services = ''): void => {
  writeFileSync(join(folder, 'config.yaml'), `${quietHost}  disks: { warn: off, crit: off }\n${services}`, {
    mode: 0o640,
  })
}

const service = (document: CheckDocument, name: string): ServiceDocument => {
  const found = document.services.find((s) => s.name === name)
  if (!found) throw new Error(`no service ${name} in ${JSON.stringify(document.services.map((s) => s.name))}`)
  return found
}

beforeEach(() => {
  folder = temporaryFolder()
  configure()
})

afterEach(async () => {
  const ids = (await docker('ps', '-aq')).split('\n').filter((id) => id !== '')
  if (ids.length > 0) await docker('rm', '-f', ...ids)
})

describe('containers of a real Docker Engine', () => {
  it('names a container near its limit with status 2, and ends with 0 when it is gone', async () => {
    await startHolding('leaking', 61.5, '-m', '64m')
    const document = await checked()
    expect(document).toMatchObject({ status: 'critical', exitCode: 2 })
    const leaking = service(document, 'leaking')
    expect(leaking).toMatchObject({ kind: 'container', status: 'critical' })
    expect(leaking.metrics.memoryLimitBytes).toBe(64 * mib)
    expect(leaking.metrics.memoryBytes).toBeGreaterThan(61 * mib)
    expect(leaking.metrics.memoryBytes).toBeLessThanOrEqual(64 * mib)
    expect(leaking.metrics.memoryPercent).toBeGreaterThan(95)
    expect(leaking.metrics.processes).toBe(1)
    expect(leaking.findings.filter((f) => f.status === 'critical').map((f) => f.check)).toEqual(['memory'])

    const cron = await run(
      [
        process.execPath,
        launcher(),
        'check',
        '-c',
        join(folder, 'config.yaml'),
        '--state-dir',
        join(folder, 's2'),
        '--log-dir',
        join(folder, 'l2'),
      ],
      { env: { DOCKER_HOST: `unix://${engineSocket()}` } },
    )
    expect(cron).toMatchObject({ exitCode: 2, stdout: '' })
    expect(cron.stderr).toMatch(/leaking/)

    await docker('rm', '-f', 'leaking')
    expect(await checked()).toMatchObject({ status: 'ok', exitCode: 0, services: [] })
  })

  it('takes a container without a limit as no fault', async () => {
    await start('unlimited', [], 'sleep', '600')
    const document = await checked()
    expect(document).toMatchObject({ status: 'ok', exitCode: 0 })
    expect(service(document, 'unlimited').metrics.memoryLimitBytes).toBeNull()
  })

  it('counts the processes of a container from the host, by name too', async () => {
    await start(
      'many',
      ['-m', '128m'],
      'python3',
      '-c',
      `
import os, time
for _ in range(11):
    if os.fork() == 0: time.sleep(3600)
time.sleep(3600)`,
    )
    configure('services:\n  many: { container: many, processes: { match: python, warn: 10, crit: 50 } }\n')
    const document = await until('all 12 processes run', async () => {
      const seen = await checked()
      return service(seen, 'many').metrics.processes === 12 ? seen : null
    })
    expect(document).toMatchObject({ status: 'warning', exitCode: 1 })
    expect(service(document, 'many').findings.find((f) => f.status === 'warning')?.check).toBe('processes')
  })

  it('still measures a paused container', async () => {
    await startHolding('parked', 20, '-m', '64m')
    await docker('pause', 'parked')
    const parked = service(await checked(), 'parked')
    expect(parked.metrics.memoryBytes).toBeGreaterThan(20 * mib)
    expect(parked.metrics.memoryBytes).toBeLessThan(40 * mib)
  })

  it('begins a new series for a container that was restarted between two runs', async () => {
    await startHolding('restarted', 40, '-m', '64m')
    const before = service(await checked(), 'restarted')
    await docker('restart', '-t', '0', 'restarted')
    const after = service(await checked(), 'restarted')
    expect(after.metrics.growthBytesPerMinute).toBeNull()
    expect(after.metrics.uptimeSeconds).toBeLessThan(60)
    expect(before.metrics.restarts).toBe(0)
    expect(after.status).not.toBe('unknown')
  })

  it('finds a service by its compose project and service, and by an id prefix', async () => {
    const id = await start(
      'wallet_daemon_1',
      [
        '--label',
        'com.docker.compose.project=wallet',
        '--label',
        'com.docker.compose.service=daemon',
        '-m',
        '64m',
      ],
      'sleep',
      '600',
    )
    configure(
      `services:\n  by-compose: { container: wallet/daemon }\n  by-id: { container: "${id.slice(0, 12)}" }\n`,
    )
    const document = await checked()
    for (const name of ['by-compose', 'by-id']) {
      expect(service(document, name)).toMatchObject({ kind: 'container', status: 'ok' })
      expect(service(document, name).metrics.memoryLimitBytes).toBe(64 * mib)
    }
  })

  it('does not call a configured container fine that does not exist', async () => {
    configure('services:\n  gone: { container: gone }\n')
    const document = await checked()
    expect(document.exitCode).toBe(2)
    expect(service(document, 'gone').status).toBe('critical')
  })

  it('hears an Engine on a TCP port', async () => {
    await start('over-tcp', ['-m', '64m'], 'sleep', '600')
    const document = await checked({ DOCKER_HOST: engineTcp() })
    expect(service(document, 'over-tcp').metrics.memoryLimitBytes).toBe(64 * mib)
  })
})

describe('an Engine that does not answer', () => {
  beforeEach(() => configure('services:\n  wallet: { container: wallet }\n'))

  it('is status 3 when its socket is dead', async () => {
    const socket = join(folder, 'dead.sock')
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve)
    })
    // A killed engine leaves its socket behind: a hard link survives the tidy unlink of close().
    await must(['ln', socket, `${socket}.left`])
    await new Promise((resolve) => {
      server.close(resolve)
    })
    expect(existsSync(`${socket}.left`)).toBe(true)
    const document = await checked({ DOCKER_HOST: `unix://${socket}.left` })
    expect(document).toMatchObject({ status: 'unknown', exitCode: 3 })
    expect(service(document, 'wallet').status).toBe('unknown')
  })

  it('is status 3, in bounded time, when it accepts and stays silent', async () => {
    const socket = join(folder, 'silent.sock')
    const server = createServer((connection) => connection.on('error', () => {}))
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve)
    })
    try {
      expect(await checked({ DOCKER_HOST: `unix://${socket}` })).toMatchObject({
        status: 'unknown',
        exitCode: 3,
      })
    } finally {
      server.close()
    }
  })
})

describe.skipIf(podmanSocket() === null)('podman (skipped where it does not run)', () => {
  it('answers on its own socket as the Engine does', async () => {
    const url = `unix://${podmanSocket()}`
    const podman = (...args: string[]): Promise<string> => must(['podman', '--url', url, ...args])
    // Its default limits are above what a sandbox may set.
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '-m', '64m']
    await podman('run', '-d', '--name', 'pod', '--network', 'none', ...limits, image(), 'sleep', '600')
    try {
      const document = await checked({ DOCKER_HOST: url })
      expect(document).toMatchObject({ status: 'ok', exitCode: 0 })
      expect(service(document, 'pod')).toMatchObject({ kind: 'container', status: 'ok' })
      expect(service(document, 'pod').metrics).toMatchObject({ processes: 1, memoryLimitBytes: 64 * mib })
    } finally {
      await podman('rm', '-f', '-t', '0', 'pod')
    }
  })
})
