import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { resolve } from 'node:path'
import { shortened } from './example-config.ts'
import { image, type Place } from './place.ts'
import { memoryFile, processesOf, type Seen } from './processes.ts'
import type { Replay } from './replay.ts'
import { until } from './until.ts'

const rpcPort = 17_781
const serverPort = 17_782
const minuteMs = 60_000

/** E: a wallet daemon's container that its own start script fills with processes. */
export const electronCash: Replay = {
  letter: 'E',
  name: 'electron-cash',
  async run(stage) {
    const host = await stage.open({ hostname: 'wallet-box', scheduler: 'cron', docker: true })
    const id = await start(host)
    const daemons = (): Seen[] => processesOf(id, 'electron-cash daemon')
    let server: Server | null = null
    try {
      await stage.step('200 orphans and more, no memory limit, RPC dead', async () => {
        await until('200 orphans', async () => (daemons().length > 200 ? true : null), 120_000)
        assert.equal(await rpc(), null)
        assert.ok(limitOf(daemons()) > 1e15)
      })
      server = await answer()
      await until('the RPC', rpc, 30_000)

      await host.shell(
        'mkdir -p -m 750 /etc/oratio-health; umask 077; printf secret >/etc/oratio-health/rpc.pass',
      )
      await host.shell('cat >/etc/oratio-health/config.yaml', config())
      stage.say(await host.shell('oratio-health install --scheduler cron'))

      const tracked = async (): Promise<Seen[]> => {
        const init = await host.docker('inspect', '-f', '{{.State.Pid}}', 'electron-cash')
        const pid = readFileSync(`/proc/${init}/root/data/daemon.pid`, 'utf8')
        return daemons().filter(({ innerPid }) => innerPid === Number(pid))
      }
      const [daemon] = await tracked()
      await stage.step('the orphans are gone, the tracked daemon lives on, RPC answers', async () => {
        await until('1 process left', async () => (daemons().length === 1 ? true : null), 2 * minuteMs)
        assert.deepEqual(daemons(), [daemon])
        assert.deepEqual(await tracked(), [daemon])
        assert.equal(await rpc(), '4.2.7')
      })
      await stage.step('the memory limit is in the cgroup, without a restart', async () => {
        await until(
          'the limit',
          async () => (limitOf(daemons()) === 2 * 1024 ** 3 ? true : null),
          2 * minuteMs,
        )
        assert.deepEqual(daemons(), [daemon])
      })
      await stage.step('cron has mailed the lines for the compose file', async () => {
        const letter = await until('the letter', () => letterWith(host, 'mem_limit: 2048m'), minuteMs)
        assert.match(letter, /mem_reservation: 512m/)
      })

      const starts: number[] = [await startedAt(host)]
      const nextStart = (waitMs: number): Promise<number> =>
        until(
          'another start of the container',
          async () => {
            const at = await startedAt(host)
            return at > (starts.at(-1) ?? 0) ? at : null
          },
          waitMs,
        )
      await stage.step('the daemon answers no more, its server does: a restart mends it', async () => {
        assert.equal(await rpc('wedge'), null)
        starts.push(await nextStart(3 * minuteMs))
        await until('the RPC', rpc, 2 * minuteMs)
      })
      await stage.step('a good check begins the count of restarts anew', async () => {
        const good = async (): Promise<number> =>
          (await checkLines(host)).filter((line) => / check: ok,/.test(line)).length
        const before = await good()
        await until('a good check', async () => ((await good()) > before ? true : null), 3 * minuteMs)
      })
      server.close()
      server = null
      await stage.step('RPC dies: restarted, and once more only after the backoff', async () => {
        await until('RPC dead', async () => ((await rpc()) === null ? true : null), 30_000)
        for (const waitMs of [2 * minuteMs, 3 * minuteMs]) starts.push(await nextStart(waitMs))
        const [, , first = 0, second = 0] = starts
        // The next minute's check held it; without a backoff it had been restarted then.
        assert.ok(second - first >= 70_000, `${(second - first) / 1000} s between the restarts`)
      })
      server = await answer()
      await stage.step(
        'restart_history.log has them all, with the backoff between the last two',
        async () => {
          const history = (): Promise<string> => host.shell('cat /var/log/oratio-health/restart_history.log')
          const line =
            /^\[(.{19})\] WARN electron-cash restarted: \d+ failed checks?(?: in a row)?: probe jsonrpc/gm
          const text = await until(
            'three restarts for the RPC',
            async () => {
              const told = await history()
              return told.match(line)?.length === 3 ? told : null
            },
            30_000,
          )
          const restarts = [...text.matchAll(line)]
          const [, first = 0, second = 0] = restarts.map(([, stamp = '']) =>
            Date.parse(`${stamp.replace(' ', 'T')}Z`),
          )
          assert.ok(second - first >= 70_000, text)
        },
      )
      await stage.step('one tracked daemon, RPC answers, the limit still holds', async () => {
        await until(
          '1 process left',
          async () => (daemons().length === 1 && (await rpc()) !== null ? true : null),
          3 * minuteMs,
        )
        assert.deepEqual(daemons(), await tracked())
        assert.equal(limitOf(daemons()), 2 * 1024 ** 3)
        assert.equal(await host.docker('inspect', '-f', '{{.State.Status}}', 'electron-cash'), 'running')
      })
      await stage.step(
        'the next check says of the wallet only that three restarts mask a fault',
        async () => {
          const since = await checkLines(host)
          const lines = await until(
            'another check',
            async () => {
              const now = await checkLines(host)
              // Its last line is written with the others, at the end.
              return now.filter((line) => / check: /.test(line)).length >
                since.filter((line) => / check: /.test(line)).length
                ? now.slice(since.length)
                : null
            },
            2 * minuteMs,
          )
          const told = lines.filter((line) => /(WARN|CRIT|ERROR) /.test(line))
          assert.equal(told.length, 1, told.join('\n'))
          assert.match(told[0] ?? '', /WARN electron-cash restarts: 3 times .* they mask a fault/)
        },
      )
    } finally {
      server?.close()
    }
  },
}

const config = (): string =>
  shortened('electron-cash', [
    ['127.0.0.1:7777', `127.0.0.1:${rpcPort}`],
    ['after: 3   ', 'after: 1   '],
    ['{ after: 3, step: 60s, max: 1h }', '{ after: 1, step: 70s, max: 1h }'],
    ['older_than: 10m', 'older_than: 10s'],
    ['kill-orphans: 10m', 'kill-orphans: 1m'],
    ['limits: 1h', 'limits: 1m'],
  ])

const start = (host: Place): Promise<string> => {
  const app = resolve('test/incidents/electron-cash')
  return host.docker(
    ...['run', '-d', '--name', 'electron-cash', '--network', 'host', '-v', `${app}:/app:ro`],
    ...['-e', `RPC_PORT=${rpcPort}`, '-e', `SERVER_PORT=${serverPort}`, image, 'sh', '/app/start.sh'],
  )
}

const checkLines = async (host: Place): Promise<string[]> =>
  (await host.shell('cat /var/log/oratio-health/health_*.log')).split('\n')

/** What the wallet's server is to it: something that takes connections. */
const answer = (): Promise<Server> =>
  new Promise((done, fail) => {
    const server = createServer((client) => client.on('error', () => {}).end())
    server.on('error', fail).listen(serverPort, '127.0.0.1', () => done(server))
  })

/** The version that it answers; null: no answer, or an error. */
const rpc = (method = 'version'): Promise<string | null> =>
  new Promise((done) => {
    const call = request(
      { host: '127.0.0.1', port: rpcPort, method: 'POST', auth: 'rpc:secret', timeout: 3000 },
      (answered) => {
        let text = ''
        answered.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answered.on('end', () => done(/"result":"([^"]*)"/.exec(text)?.[1] ?? null))
      },
    )
    call.on('timeout', () => call.destroy())
    call.on('error', () => done(null))
    call.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method }))
  })

const limitOf = ([process]: Seen[]): number => {
  const text = process === undefined ? null : memoryFile(process.pid, 'memory.limit_in_bytes', 'memory.max')
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text ?? Number.NaN)
}

const startedAt = async (host: Place): Promise<number> =>
  Date.parse(await host.docker('inspect', '-f', '{{.State.StartedAt}}', 'electron-cash'))

const letterWith = async (host: Place, part: string): Promise<string | null> => {
  const letters = await host.shell('cat /var/mail/letters/* 2>/dev/null || true')
  return letters.includes(part) ? letters : null
}
