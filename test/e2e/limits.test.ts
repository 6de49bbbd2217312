import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { docker, initOf, removeAll, start } from './docker-house.ts'
import { engineSocket, launcher, type Run, run, temporaryFolder, until } from './environment.ts'
import { inside, programInMachine } from './machine.ts'

const mib = 1024 ** 2
let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(removeAll)

const configure = (text: string): void => writeFileSync(join(folder, 'config.yaml'), text, { mode: 0o600 })

interface LimitsRun extends Run {
  document: {
    status: string
    services: { service: string; limitBytes: number | null; reservationBytes: number | null }[]
    changes?: { service: string; outcome: string; detail: string; permanent: string[] }[]
  }
}

const limits = async (...args: string[]): Promise<LimitsRun> => {
  const ran = await run(
    [
      ...[process.execPath, launcher(), 'limits', ...args, '--json', '-c', join(folder, 'config.yaml')],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
    ],
    { env: { DOCKER_HOST: `unix://${engineSocket()}` } },
  )
  try {
    return { ...ran, document: JSON.parse(ran.stdout) }
  } catch {
    throw new Error(`no JSON (exit ${ran.exitCode}): ${ran.stdout}\n${ran.stderr}`)
  }
}

/** What the kernel holds it to: of either layout. */
const kernelLimit = async (name: string): Promise<number> => {
  const lines = readFileSync(`/proc/${await initOf(name)}/cgroup`, 'utf8').split('\n')
  const v1 = lines.find((line) => line.split(':')[1]?.split(',').includes('memory'))?.split(':')[2]
  const v2 = lines.find((line) => line.startsWith('0::'))?.split(':')[2]
  const path =
    v1 === undefined ? `/sys/fs/cgroup${v2}/memory.max` : `/sys/fs/cgroup/memory${v1}/memory.limit_in_bytes`
  return Number(readFileSync(path, 'utf8'))
}

describe('limits on a real Docker Engine', () => {
  it('names the container without one; sets it live, once; puts back what was', async () => {
    configure('services: { web: { container: e2e-web, limit: { memory: 64M, reservation: 32M } } }\n')
    await start('e2e-web', [], 'sleep', '3600')
    const status = await limits('status')
    expect(status).toMatchObject({ exitCode: 1, document: { status: 'warning' } })
    expect(status.document.services).toMatchObject([
      { service: 'web', limitBytes: null, wantedBytes: 64 * mib },
    ])

    const dry = await limits('apply', '-n')
    expect(dry.document.changes).toMatchObject([{ outcome: 'dry-run' }])
    expect(await kernelLimit('e2e-web')).toBeGreaterThan(1024 ** 4)

    const applied = await limits('apply')
    expect(applied).toMatchObject({
      exitCode: 0,
      document: { changes: [{ service: 'web', outcome: 'done' }] },
    })
    expect(applied.document.changes?.[0]?.permanent.join('\n')).toContain('mem_limit: 64m')
    expect(applied.document.services).toMatchObject([{ limitBytes: 64 * mib, reservationBytes: 32 * mib }])
    expect(await kernelLimit('e2e-web')).toBe(64 * mib)
    expect(await docker('inspect', '-f', '{{.HostConfig.Memory}}', 'e2e-web')).toBe(String(64 * mib))

    expect((await limits('apply')).document.changes).toMatchObject([
      { outcome: 'skipped', detail: 'as wanted' },
    ])
    expect(await limits('status')).toMatchObject({ exitCode: 0 })

    const removed = await limits('remove')
    expect(removed).toMatchObject({ exitCode: 0, document: { changes: [{ outcome: 'done' }] } })
    expect(await kernelLimit('e2e-web')).toBeGreaterThan(1024 ** 4)
    expect(await limits('status')).toMatchObject({ exitCode: 1 })
    expect((await limits('remove')).document.changes).toEqual([])
  })

  it('a limit that there was is what remove puts back, also after two different ones of ours', async () => {
    await start('e2e-web', ['-m', '128m'], 'sleep', '3600')
    configure('services: { web: { container: e2e-web, limit: { memory: 64M } } }\n')
    await limits('apply')
    configure('services: { web: { container: e2e-web, limit: { memory: 96M } } }\n')
    await limits('apply')
    expect(await kernelLimit('e2e-web')).toBe(96 * mib)
    await limits('remove', 'web')
    expect(await kernelLimit('e2e-web')).toBe(128 * mib)
    expect(await docker('inspect', '-f', '{{.HostConfig.MemorySwap}}', 'e2e-web')).toBe(String(256 * mib))
  })

  it('below what is in use it is refused, naming whom the kernel would kill; --force does as told', async () => {
    const hold = 'x = bytearray(60 << 20); import time; print("held", flush=True); time.sleep(3600)'
    await start('e2e-web', [], 'python3', '-c', hold)
    await until('it holds 60 MiB', async () =>
      (await docker('logs', 'e2e-web')).includes('held') ? true : null,
    )
    configure('services: { web: { container: e2e-web, limit: { memory: 32M } } }\n')
    const refused = await limits('apply')
    expect(refused).toMatchObject({ exitCode: 2, document: { status: 'critical' } })
    expect(refused.document.changes?.[0]?.detail).toMatch(
      /it uses .*more than 32\.0 MiB: the kernel would kill python3.* \(\d+, .*\); --force/,
    )
    expect(await kernelLimit('e2e-web')).toBeGreaterThan(1024 ** 4)
    await limits('apply', '--force')
    const state = await docker('inspect', '-f', '{{.HostConfig.Memory}} {{.State.OOMKilled}}', 'e2e-web')
    // Killed, or the engine could not bring it down and says so; never untold.
    expect(state === '0 false' || state.startsWith(String(32 * mib))).toBe(true)
  })

  it('a container that is not there, a plain process, and a config that wants nothing', async () => {
    configure('services: { web: { container: e2e-none, limit: { memory: 64M } } }\n')
    expect(await limits('apply')).toMatchObject({
      exitCode: 2,
      document: { changes: [{ outcome: 'failed' }] },
    })
    configure('services: { cron: { process: never-there-at-all, limit: { memory: 64M } } }\n')
    const process_ = await limits('apply')
    expect(process_.exitCode).toBe(2)
    expect(process_.document.changes?.[0]?.detail).toMatch(/plain process cannot be limited/)
    configure('services: { web: { container: e2e-none } }\n')
    expect(await limits('apply')).toMatchObject({ exitCode: 64 })
  })
})

describe('limits on a real systemd', () => {
  it('sets the property of a unit, once, and puts it back', async () => {
    const property = (): Promise<string> => inside('systemctl show -p MemoryMax --value e2e-limited.service')
    await inside(`
      printf '[Service]\\nExecStart=/bin/sleep 3600\\n' >/etc/systemd/system/e2e-limited.service
      systemctl daemon-reload; systemctl start e2e-limited
      mkdir -p /var/tmp/limits
      printf 'services: { app: { unit: e2e-limited, limit: { memory: 64M } } }\\n' >/var/tmp/limits/config.yaml
      chmod 600 /var/tmp/limits/config.yaml`)
    const ours = (...args: string[]): Promise<Run> =>
      run(
        programInMachine(
          'limits',
          ...args,
          ...['-c', '/var/tmp/limits/config.yaml', '--state-dir', '/var/tmp/limits/state'],
          ...['--log-dir', '/var/tmp/limits/log'],
        ),
      )
    try {
      const before = await property()
      const applied = await ours('apply', '--force')
      expect(await property()).toBe(String(64 * mib))
      expect(applied.stdout).toContain('MemoryMax=64M')
      expect((await ours('apply', '--force')).stdout).toBe('')
      // For the moment only; what is put back is put back over a reboot all the same.
      await inside('sed -i s/64M/96M/ /var/tmp/limits/config.yaml')
      await ours('apply', '--force', '--runtime')
      expect(await property()).toBe(String(96 * mib))
      await ours('remove')
      expect(
        await inside('cat /etc/systemd/system.control/e2e-limited.service.d/50-MemoryMax.conf'),
      ).toContain('MemoryMax=infinity')
      expect(await property()).toBe(before)
    } finally {
      await inside(
        'systemctl stop e2e-limited; rm -rf /etc/systemd/system/e2e-limited.service* /etc/systemd/system.control/e2e-limited.service.d /var/tmp/limits; systemctl daemon-reload',
      )
    }
  })
})
