import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type CheckDocument,
  documentOf,
  machinePid,
  must,
  quietHost,
  type Run,
  run,
  type ServiceDocument,
} from './environment.ts'

const mib = 1024 ** 2
const program = ['/usr/bin/node', '/opt/oratio-health/bin/oratio-health.js']
const asOrdinary = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']

const inside = (argv: readonly string[], user: 'root' | 'ordinary' = 'root'): string[] => [
  'nsenter',
  ...[
    '-t',
    machinePid(),
    '-a',
    '--',
    '/usr/bin/env',
    '-i',
    'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ],
  ...(user === 'root' ? ['HOME=/root'] : ['HOME=/home/ordinary', ...asOrdinary]),
  ...argv,
]

const shell = (script: string, input = ''): Promise<string> =>
  must(inside(['/bin/sh', '-euc', script]), { input })

let runs = 0

/** Looks with a config of its own and a state of its own. */
const look = async (config: string, user: 'root' | 'ordinary' = 'root'): Promise<Run> => {
  const folder = `/var/tmp/look-${++runs}`
  await shell(`mkdir -p ${folder}; cat >${folder}/config.yaml; chown -R ${user} ${folder}`, config)
  const places = ['--state-dir', `${folder}/state`, '--log-dir', `${folder}/log`]
  return run(inside([...program, 'check', '--json', '-c', `${folder}/config.yaml`, ...places], user))
}

const noDisks = `${quietHost}  disks: { warn: off, crit: off }\n`

const service = (document: CheckDocument, name: RegExp): ServiceDocument => {
  const found = document.services.find((s) => name.test(s.name))
  if (!found) throw new Error(`no service ${name} in ${JSON.stringify(document.services.map((s) => s.name))}`)
  return found
}

const quiet = { status: 'ok', exitCode: 0 }

beforeAll(async () => {
  await shell('systemctl reset-failed')
})

describe('units of a real systemd', () => {
  afterEach(() => shell('systemctl reset-failed'))

  it('names a failed unit with status 2, and ends with 0 after reset-failed', async () => {
    expect(documentOf(await look(noDisks))).toMatchObject(quiet)

    await run(inside(['systemd-run', '--quiet', '--wait', '--unit=broken', '/bin/false']))
    const document = documentOf(await look(noDisks))
    expect(document).toMatchObject({ status: 'critical', exitCode: 2 })
    expect(service(document, /^broken(\.service)?$/)).toMatchObject({ kind: 'unit', status: 'critical' })

    await shell('systemctl reset-failed')
    expect(documentOf(await look(noDisks))).toMatchObject(quiet)
  })

  it('looks at a unit by its name: running, stopped, not there', async () => {
    const config = `${noDisks}services:\n  mine: { unit: mine.service }\n`
    const missing = documentOf(await look(config))
    expect(missing.exitCode).toBe(2)
    expect(service(missing, /^mine$/).status).toBe('critical')

    await shell(
      `cat >/run/systemd/system/mine.service; systemctl daemon-reload; systemctl start mine`,
      `[Service]
ExecStart=/usr/bin/python3 -c 'import time; held = b"x" * (40 << 20); time.sleep(3600)'
Restart=on-failure
`,
    )
    const running = documentOf(await look(config))
    const mine = service(running, /^mine$/)
    expect(running.exitCode).toBe(0)
    expect(mine).toMatchObject({ kind: 'unit', status: 'ok' })
    expect(mine.metrics).toMatchObject({ processes: 1, restarts: 0 })
    expect(mine.metrics.uptimeSeconds).toBeLessThan(120)
    // The machine's memory cgroups are read-only, so units have none of their own: never a zero for that.
    expect(mine.metrics.memoryBytes === null || (mine.metrics.memoryBytes ?? 0) > 30 * mib).toBe(true)

    await shell('systemctl stop mine')
    const stopped = documentOf(await look(config))
    expect(stopped.exitCode).toBe(2)
    expect(service(stopped, /^mine$/).status).toBe('critical')
    await shell('rm /run/systemd/system/mine.service; systemctl daemon-reload')
  })
})

describe('a full tmpfs', () => {
  const config = `${quietHost}  disks: { warn: 80%, crit: 95%, paths: [/mnt/hot] }\n`

  afterEach(() => shell('umount /mnt/hot; rmdir /mnt/hot'))

  it('is critical, and is well again when it is emptied', async () => {
    await shell('mkdir -p /mnt/hot; mount -t tmpfs -o size=4m tmpfs /mnt/hot')
    expect(documentOf(await look(config))).toMatchObject(quiet)

    await shell('dd if=/dev/zero of=/mnt/hot/segment.ts bs=64k count=64 2>/dev/null')
    const full = documentOf(await look(config))
    expect(full).toMatchObject({ status: 'critical', exitCode: 2 })
    const named = full.findings.filter((f) => f.status === 'critical')
    expect(named.map(({ check, item }) => [check, item])).toEqual([['disks', '/mnt/hot']])
    expect(named[0]?.message).toContain('/mnt/hot')
    // Without any paths it is found among the mounts.
    const found = documentOf(await look(quietHost)).findings.find((f) => f.item === '/mnt/hot')
    expect(found).toMatchObject({ check: 'disks', status: 'critical' })

    await shell('rm /mnt/hot/segment.ts')
    expect(documentOf(await look(config))).toMatchObject(quiet)
  })
})

describe('an ordinary user', () => {
  it('sees the host without a fault and without a stack trace', async () => {
    const seen = await look(noDisks, 'ordinary')
    expect(documentOf(seen)).toMatchObject(quiet)
    expect(seen.stderr).toBe('')
  })

  it('keeps state and logs in the own home when nothing else is said', async () => {
    // What other tests have had this user's checks remember is none of this one's.
    await shell(
      'rm -rf /home/ordinary/.local; cat >/home/ordinary/quiet.yaml; chown ordinary /home/ordinary/quiet.yaml',
      noDisks,
    )
    const said = await run(inside([...program, 'check', '-c', '/home/ordinary/quiet.yaml'], 'ordinary'))
    expect(said).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const modes = await shell(
      'find /home/ordinary/.local/state/oratio-health -printf "%m %y %U\\n" | sort -u',
    )
    // 600 is what the config came to (config.json): the config itself may be closed to its group.
    expect(modes.split('\n')).toEqual(['600 f 1000', '640 f 1000', '750 d 1000'])
  })

  it('never takes a process that hidepid hides for one that is gone', async () => {
    await shell('systemd-run --quiet --unit=hidden sleep 424242; mount -o remount,hidepid=2 /proc')
    try {
      const config = `${noDisks}services:\n  hidden: { process: { match: "sleep 424242" } }\n`
      const blind = documentOf(await look(config, 'ordinary'))
      expect(blind).toMatchObject({ status: 'unknown', exitCode: 3 })
      expect(service(blind, /^hidden$/).status).toBe('unknown')
      const root = documentOf(await look(config))
      expect(root).toMatchObject(quiet)
      expect(service(root, /^hidden$/).metrics.processes).toBe(1)
    } finally {
      await shell('mount -o remount,hidepid=0 /proc; systemctl stop hidden')
    }
  })
})
