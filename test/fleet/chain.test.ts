import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launcher, quietHost, run, temporaryFolder, until } from '../e2e/environment.ts'
import { isAlive } from '../support/process-family.ts'
import { type Receiver, startReceiver, type Told } from './receiver.ts'
import {
  type Stack,
  startAlertmanager,
  startNodeExporter,
  startStack,
  stopPrograms,
  untilSeen,
} from './stack.ts'

/** 24 MiB a minute, for ever: each life of it leaks. */
const leaking = `const kept = []
setInterval(() => kept.push(Buffer.alloc(400 * 1024, 1)), 1000)
`
const checkEveryMs = 2000

describe('a leak on a real host, by check, node_exporter, Prometheus and Alertmanager', () => {
  const folder = temporaryFolder()
  const textfiles = join(folder, 'textfiles')
  const pidfile = join(folder, 'leaky.pid')
  const config = join(folder, 'config.yaml')
  const program = join(folder, 'leaky.cjs')
  const places = ['-c', config, '--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')]
  const pid = (): number => Number(readFileSync(pidfile, 'utf8'))
  let receiver: Receiver
  let stack: Stack
  let schedule: Promise<void>
  let isOver = false

  /** As cron does, only more often: a new process each time, one after the other. */
  const keepChecking = async (): Promise<void> => {
    while (!isOver) {
      const nextMs = Date.now() + checkEveryMs
      await run([process.execPath, launcher(), 'check', ...places])
      await wait(Math.max(0, nextMs - Date.now()))
    }
  }

  const toldOf = (status: Told['status'], alertname: string, afterMs = 0): Told | undefined =>
    receiver.told.find(
      (told) => told.status === status && told.labels.alertname === alertname && told.atMs > afterMs,
    )
  const untilTold = (status: Told['status'], alertname: string, timeoutMs: number, afterMs = 0) =>
    until(`${alertname} ${status}`, async () => toldOf(status, alertname, afterMs) ?? null, timeoutMs).catch(
      (error: Error) => {
        const seen = receiver.told.map(({ status: what, labels }) => `${what} ${labels.alertname}`)
        throw new Error(`${error.message}; told: ${[...new Set(seen)].join(', ')}`)
      },
    )

  beforeAll(async () => {
    mkdirSync(textfiles)
    writeFileSync(program, leaking)
    writeFileSync(
      config,
      `${quietHost}  disks: { warn: off, crit: off }
services:
  leaky:
    pidfile: ${pidfile}
    start: [${JSON.stringify(process.execPath)}, ${program}]
    memory: { growth: { warn: 5M/min, crit: 10M/min } }
    restart: { after: 25, grace: 1s, evidence: false }
metrics: { textfile: ${textfiles}/oratio_health.prom }
`,
      { mode: 0o600 },
    )
    const child = spawn(process.execPath, [program], { detached: true, stdio: 'ignore' })
    child.unref()
    writeFileSync(pidfile, `${child.pid}\n`)
    receiver = await startReceiver()
    stack = await startStack(folder, textfiles, await startAlertmanager(folder, receiver.url))
    schedule = keepChecking()
  })

  afterAll(async () => {
    isOver = true
    await schedule
    // The tool's own start leads a session; this is our process alone.
    if (readFileSync(`/proc/${pid()}/cmdline`, 'utf8').includes(program)) process.kill(pid())
    await stack?.stop()
    receiver?.close()
  })

  it('reaches the webhook, is restarted by the toolkit, and clears', { timeout: 600_000 }, async () => {
    const first = pid()
    await untilSeen(stack, 'oratio_health_service_up{service="leaky", instance="host-a"} == 1')
    expect(toldOf('firing', 'OratioHealthServiceLeaks')).toBeUndefined()

    const leak = await untilTold('firing', 'OratioHealthServiceLeaks', 500_000)
    expect(leak).toMatchObject({
      labels: { service: 'leaky', instance: 'host-a', job: 'node', severity: 'warning' },
      annotations: { summary: 'leaky on host-a leaks memory', runbook: 'docs/runbooks.md#a-service-leaks' },
    })
    expect(pid(), 'the alert comes before the restart').toBe(first)
    const [rate] = await stack.query(
      'oratio_health_service_growth_bytes_per_second{service="leaky"} * 60 / 1048576',
    )
    expect(rate?.value).toBeGreaterThan(18)
    expect(rate?.value).toBeLessThan(30)

    // The new one writes its pid file when it has started, and on a busy machine the alert may be over by then.
    const endedMs = await until('its end', async () => (isAlive(first) ? null : Date.now()), 180_000)
    await until('the restart', async () => (pid() === first ? null : true), 60_000)
    const cleared = await untilTold('resolved', 'OratioHealthServiceLeaks', 90_000, endedMs)
    expect(cleared.labels).toEqual(leak.labels)
    expect(await stack.query('oratio_health_service_leak{service="leaky"} == 1')).toEqual([])
    expect(await stack.query('oratio_health_service_restarts_total')).toMatchObject([
      { labels: { service: 'leaky', by: 'oratio-health' }, value: 1 },
    ])
    expect(readFileSync(join(folder, 'log', 'restart_history.log'), 'utf8')).toMatch(/ leaky restarted: /)
  })

  it('a host that is gone is told, and told again when it is back', { timeout: 120_000 }, async () => {
    const goneMs = Date.now()
    await stopPrograms(join(folder, 'host'))
    const gone = await untilTold('firing', 'OratioHealthHostGone', 60_000, goneMs)
    expect(gone.labels).toMatchObject({ instance: 'host-a', severity: 'critical' })
    // On the port that Prometheus knows.
    const again = await startNodeExporter(join(folder, 'host'), textfiles, stack.nodeExporter)
    expect(again).toBe(stack.nodeExporter)
    await untilTold('resolved', 'OratioHealthHostGone', 60_000, goneMs)
  })
})
