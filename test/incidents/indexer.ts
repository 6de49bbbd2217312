import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { resolve } from 'node:path'
import { must } from '../e2e/environment.ts'
import { shortened } from './example-config.ts'
import { image, isGuest, type Place } from './place.ts'
import { processesOf } from './processes.ts'
import type { Replay } from './replay.ts'
import { until } from './until.ts'

const minuteMs = 60_000
const mib = 1024 ** 2
/** By name: where it listens, and what the load makes it keep. */
const services = [
  { name: 'indexer', port: 17_785, mibPerMinute: 60 },
  { name: 'indexer-fixed', port: 17_786, mibPerMinute: 10 },
] as const
const spool = '/var/spool/indexer'

/** O: a Node service that grows under load, beside its mended version; a deletion that fails for ever. */
export const indexer: Replay = {
  letter: 'O',
  name: 'indexer',
  async run(stage) {
    const host = await stage.open({ hostname: 'gpu-box', scheduler: 'cron', docker: true })
    await host.shell(
      'mkdir -p /opt/indexer; cat >/opt/indexer/delete.js',
      readFileSync('test/incidents/indexer/delete.js', 'utf8'),
    )
    await host.shell(`mkdir -p ${spool}; cd ${spool}; echo half >locked.part; echo half >free.part`)
    await must(['chattr', '+i', host.path(`${spool}/locked.part`)])
    for (const { name, port } of services) await start(host, name, port)
    const loads = services.map(({ port, mibPerMinute }) =>
      // A request keeps half a MiB.
      setInterval(() => ask(port, 'GET', '/stream').catch(() => {}), minuteMs / (mibPerMinute * 2)),
    )
    try {
      await host.shell(
        'mkdir -p -m 750 /etc/oratio-health; umask 077; cat >/etc/oratio-health/config.yaml',
        config(),
      )
      stage.say(await host.shell('oratio-health install --scheduler cron'))
      const pid = await pidOf(host, 'indexer')
      const first = { bytes: anonBytes(pid), atMs: Date.now() }

      await stage.step('the heap-dump hook ran at the first mark', async () => {
        await until('a dump', async () => (dumps(pid) === 1 ? true : null), 4 * minuteMs)
      })
      await stage.step('and at the second', async () => {
        await until('two dumps', async () => (dumps(pid) === 2 ? true : null), 4 * minuteMs)
      })
      const letter = await stage.step('60 MiB/min is a leak; a letter names culprit and kind', () =>
        until(
          'the letter',
          async () => /CRIT indexer growth: .*/.exec(await letters(host))?.[0] ?? null,
          6 * minuteMs,
        ),
      )
      stage.say(letter)
      await stage.step('the culprit is the node process, its anonymous memory', async () => {
        assert.match(letter, new RegExp(`node indexer\\.js \\(${pid}\\), .*of anonymous memory`))
      })
      await stage.step('the rate is the one measured from outside', async () => {
        const told = Number(/growth: ([\d.]+) MiB\/min/.exec(letter)?.[1])
        const minutes = (Date.now() - first.atMs) / minuteMs
        const measured = (anonBytes(pid) - first.bytes) / mib / minutes
        stage.say(`told ${told} MiB/min, measured ${measured.toFixed(1)} MiB/min`)
        assert.ok(Math.abs(told - measured) < measured * 0.2)
      })
      await stage.step('10 MiB/min is known, and is no leak of this rate', async () => {
        const rate = await until('its rate', () => recordedRate(host, 'indexer-fixed'), 6 * minuteMs)
        stage.say(`recorded ${(rate / mib).toFixed(1)} MiB/min`)
        assert.ok(Math.abs(rate - 10 * mib) < 3 * mib)
        assert.doesNotMatch(await letters(host), /(CRIT|WARN) indexer-fixed growth/)
      })
      await stage.step('the failing deletion was tried three times and is left out since', async () => {
        const cleanups = (): Promise<string> => host.shell('cat /var/log/oratio-health/cleanup_*.log')
        await until('left out', async () => (/left out/.test(await cleanups()) ? true : null), 3 * minuteMs)
        await until(
          'the hook left out',
          async () =>
            /left out/.test(await host.shell('cat /var/log/oratio-health/health_*.log')) ? true : null,
          3 * minuteMs,
        )
        assert.equal(await ask(services[0].port, 'GET', '/'), '3')
        const failures = (await cleanups())
          .split('\n')
          .filter((line) => line.includes('locked.part') && /EPERM/.test(line) && !line.includes('left out'))
        // Each run may say it in more than one line.
        const runs = new Set(failures.map((line) => /^\[(.{16})/.exec(line)?.[1]))
        assert.equal(runs.size, 3, failures.join('\n'))
        assert.equal(await host.shell(`ls ${spool}`), 'locked.part')
      })
      await stage.step('a minute later: no fourth deletion, no third dump', async () => {
        const checks = (): Promise<number> =>
          host.shell('grep -c "check: " /var/log/oratio-health/health_*.log').then(Number)
        const before = await checks()
        await until('one more check', async () => ((await checks()) > before ? true : null), 2 * minuteMs)
        assert.equal(await ask(services[0].port, 'GET', '/'), '3')
        assert.equal(dumps(pid), 2)
      })
    } finally {
      for (const load of loads) clearInterval(load)
      await must(['chattr', '-i', host.path(`${spool}/locked.part`)])
    }
  },
}

const config = (): string =>
  shortened('indexer', [
    ['at: 2G', 'at: 120M'],
    ['at: 4G', 'at: 240M'],
    ['every: 10m', 'every: 30s'],
    [
      'curl -fsS -X DELETE http://127.0.0.1:3005',
      `node /opt/indexer/delete.js http://127.0.0.1:${services[0].port}`,
    ],
    // A process whose open files even root may not see (the agent of a virtual machine) would keep it from all.
    ['older_than: 1h', 'older_than: 10s, keep_open: false'],
    ['cleanup-tmp: 10m', 'cleanup-tmp: 1m'],
    [
      '\ncleanup:\n',
      '  indexer-fixed:\n    container: indexer-fixed\n    memory: { growth: { warn: 20M/min, crit: 50M/min } }\n\ncleanup:\n',
    ],
  ])

const start = async (host: Place, name: string, port: number): Promise<void> => {
  const node = isGuest ? '/usr/bin/node' : (process.env.ORATIO_INCIDENTS_NODE ?? process.execPath)
  await host.docker(
    ...['run', '-d', '--name', name, '--network', 'host', '-e', `PORT=${port}`, '-w', '/app'],
    ...['-v', `${resolve('test/incidents/indexer')}:/app:ro`, '-v', `${node}:/usr/bin/node:ro`],
    ...[image, 'node', '--heapsnapshot-signal=SIGUSR2', '--diagnostic-dir=/tmp', 'indexer.js'],
  )
  await until(`${name} to answer`, () => ask(port, 'GET', '/').catch(() => null), 30_000)
}

const pidOf = async (host: Place, name: string): Promise<number> => {
  const id = await host.docker('inspect', '-f', '{{.Id}}', name)
  const [found] = processesOf(id, 'indexer.js')
  assert.ok(found, `no process of ${name}`)
  return found.pid
}

const ask = (port: number, method: string, path: string): Promise<string> =>
  new Promise((done, fail) => {
    const call = request({ host: '127.0.0.1', port, method, path, timeout: 5000 }, (answered) => {
      let text = ''
      answered.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answered.on('end', () => done(text))
    })
    call.on('timeout', () => call.destroy())
    call.on('error', fail).end()
  })

/** Heap snapshots in the container, by its own file system. */
const dumps = (pid: number): number =>
  readdirSync(`/proc/${pid}/root/tmp`).filter((name) => name.endsWith('.heapsnapshot')).length

const letters = (host: Place): Promise<string> => host.shell('cat /var/mail/letters/* 2>/dev/null || true')

/** Anonymous memory, by the kernel. */
const anonBytes = (pid: number): number =>
  Number(/^RssAnon:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

/** As recorded, in bytes a minute; null: not known yet. */
const recordedRate = async (host: Place, name: string): Promise<number | null> => {
  const ran = await host.run(['oratio-health', 'status', '--json'])
  const { services: found } = JSON.parse(ran.stdout)
  const rate = found.find((one: { name: string }) => one.name === name)?.metrics?.growthBytesPerMinute
  return typeof rate === 'number' && rate > 0 ? rate : null
}
