import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import type { Run } from '../e2e/environment.ts'
import { shortened } from './example-config.ts'
import { figuresFile, figuresOf } from './figures.ts'
import type { Place } from './place.ts'
import type { Replay } from './replay.ts'
import { killOf, letters, letterWith, memoryOf, property, removeUnits, startUnits } from './units.ts'
import { until } from './until.ts'

const minuteMs = 60_000
const mib = 1024 ** 2
const limitMib = 560
const raisedMib = 1120
/** The leak; the same without `restart:`, which shows when the kernel would have come; the mended version. */
const [leaking, left, fixed] = ['trading-service', 'trading-left', 'trading-fixed'] as const
const startOf = (more: string): string =>
  `[Service]\nExecStart=/usr/bin/python3 -u /opt/trading/trading.py 60 40${more}\nMemoryMax=${limitMib}M\n`
const [leak, mended] = [startOf(''), startOf(' 90')]

/** T: a service that grows to its limit, beside one like it that nobody restarts, and its mended version. */
export const tradingService: Replay = {
  letter: 'T',
  name: 'trading-service',
  needsGuest: true,
  async run(stage) {
    const host = await stage.open({ hostname: 'trading-vps', scheduler: 'systemd' })
    await host.shell(
      `mkdir -p ${figuresFile.replace(/[^/]*$/, '')} /opt/trading; cat >/opt/trading/trading.py`,
      readFileSync('test/incidents/trading-service/trading.py', 'utf8'),
    )
    // Less, and the end of the host's memory would come before that of the limit.
    const available = Number(await host.shell("awk '/^MemAvailable/ { print $2 }' /proc/meminfo")) / 1024
    assert.ok(
      available > 1300,
      `${Math.round(available)} MiB are free, and it takes 1300: see GUEST_MEMORY_MIB`,
    )
    const forecasts = collectForecasts(host)
    try {
      await configure(host)
      stage.say(await host.shell('oratio-health install --scheduler systemd --every 30s'))
      // Not before: a slow host takes minutes to get so far.
      await startUnits(host, { [leaking]: leak, [left]: leak, [fixed]: mended })
      const first = await lifeOf(host, leaking)
      const doomed = await property(host, left, 'MainPID')

      const letter = await stage.step('a letter has the time to the limit, minutes before it', () =>
        letterWith(host, new RegExp(`WARN ${left} forecast: .*`), 8 * minuteMs),
      )
      stage.say(letter)
      await stage.step('restarted before the kernel comes', async () => {
        await until(
          'another life',
          async () => ((await lifeOf(host, leaking)).invocation !== first.invocation ? true : null),
          5 * minuteMs,
        )
        assert.equal(await killOf(first.pid), null)
        assert.equal(await killOf(doomed), null)
        assert.equal(await property(host, leaking, 'ActiveState'), 'active')
      })
      const second = await lifeOf(host, leaking)
      await stage.step('verify fails the leak, for its growth, and passes the mended version', async () => {
        const found = await Promise.all([leaking, fixed].map((service) => verify(host, service)))
        assert.deepEqual(found, [
          { exitCode: 2, not: ['max-growth: fail'] },
          { exitCode: 0, not: [] },
        ])
      })
      const killedAtMs = await stage.step(
        'the one that nobody restarts is killed by the kernel',
        async () => {
          await until('the kill', () => killOf(doomed), 5 * minuteMs)
          assert.equal(await property(host, left, 'Result'), 'oom-kill')
          return Number((await property(host, left, 'ExecMainExitTimestamp')).slice(1)) * 1000
        },
      )
      await stage.step('within the range of each forecast that left three minutes to act', async () => {
        const made = forecasts.stop().filter(({ atMs }) => killedAtMs - atMs >= 3 * minuteMs)
        const wrong = made.filter(
          ({ atMs, lowMs, highMs }) => killedAtMs < atMs + lowMs || atMs + highMs < killedAtMs,
        )
        const told = (all: readonly Forecast[]): string =>
          all
            .map(
              ({ atMs, lowMs, highMs }) =>
                `${seconds(lowMs)} to ${seconds(highMs)}, and it took ${seconds(killedAtMs - atMs)}`,
            )
            .join('; ')
        stage.say(told(made))
        assert.ok(made.length >= 3)
        // A range so wide that anything lies in it would be no forecast.
        const vague = made.filter(({ lowMs, highMs }) => highMs > 3 * lowMs)
        assert.equal(told(vague), '')
        assert.equal(told(wrong), '')
      })

      await configure(host, ['# limit: { memory: 12G }', `limit: { memory: ${raisedMib}M }`])
      stage.say(await host.shell('oratio-health install'))
      await stage.step('the limit is raised live, without a restart', async () => {
        await until(
          'the limit in the cgroup',
          async () => (memoryOf(host, leaking, 'memory.max') === raisedMib * mib ? true : null),
          3 * minuteMs,
        )
        assert.equal(await property(host, leaking, 'MemoryMax'), String(raisedMib * mib))
        assert.deepEqual(await lifeOf(host, leaking), second)
      })
      await stage.step('it lives at a size at which it would have been killed', async () => {
        await until(
          'more than the old limit',
          async () => (memoryOf(host, leaking, 'memory.current') > limitMib * mib ? true : null),
          10 * minuteMs,
        )
        assert.deepEqual(await lifeOf(host, leaking), second)
      })

      await configure(host)
      stage.say(await host.shell('oratio-health install'))
      await stage.step('to take it back now is refused: the kernel would kill it', async () => {
        const { exitCode, stderr } = await takeBack(host)
        stage.say(stderr)
        assert.equal(exitCode, 2)
        assert.match(stderr, /the kernel would kill python3/)
        assert.equal(memoryOf(host, leaking, 'memory.max'), raisedMib * mib)
      })
      await deploy(host, mended)
      const third = await lifeOf(host, leaking)
      await stage.step('with the fix deployed it is taken back, live, and stays so', async () => {
        stage.say((await takeBack(host)).stdout)
        assert.equal(memoryOf(host, leaking, 'memory.max'), limitMib * mib)
        // The schedule does not raise it again.
        await checksMore(host, 3)
        assert.equal(memoryOf(host, leaking, 'memory.max'), limitMib * mib)
        assert.equal(await property(host, leaking, 'MemoryMax'), String(limitMib * mib))
        assert.deepEqual(await lifeOf(host, leaking), third)
      })
      await stage.step('the warm-up of the mended version was never called a leak', async () => {
        assert.doesNotMatch(letters(host), new RegExp(`(WARN|CRIT) ${fixed} (growth|forecast)`))
      })
    } finally {
      forecasts.stop()
      await removeUnits(host, [leaking, left, fixed])
    }
  },
}

const configure = async (host: Place, ...more: readonly (readonly [string, string])[]): Promise<void> => {
  const config = shortened('trading-service', [
    ['{ warn: 20m, crit: 5m }', '{ warn: 9m, crit: 3m }'],
    ['max_memory: 2G', 'max_memory: 300M'],
    ['min_uptime: 8h, warm_up: 30m', 'min_uptime: 1m, warm_up: 30s'],
    ['limits: 10m', 'limits: 1m'],
    [
      '\nschedule:\n',
      `
  ${left}:
    unit: ${left}.service
    memory: { forecast: { warn: 9m, crit: off } }
  ${fixed}:
    unit: ${fixed}.service
    memory: { forecast: { warn: 9m, crit: 3m } }
    verify: { max_memory: 300M, max_growth: 50M/h, max_swap: 0, max_cpu: 40%, min_uptime: 1m, warm_up: 30s }

schedule:
`,
    ],
    ...more,
  ])
  await host.shell(
    'mkdir -p -m 750 /etc/oratio-health; umask 077; cat >/etc/oratio-health/config.yaml',
    config,
  )
}

interface Forecast {
  atMs: number
  lowMs: number
  highMs: number
}

/** Keeps the forecasts that are written of the one that nobody restarts. */
const collectForecasts = (host: Place): { stop(): Forecast[] } => {
  const made = new Map<number, Forecast>()
  const timer = setInterval(() => {
    const figure = figuresOf(host)
    const left_ = (estimate: string): number | null =>
      figure?.('service_seconds_to_limit', { service: left, estimate }) ?? null
    const [at, low, high] = [figure?.('last_run_timestamp_seconds') ?? null, left_('low'), left_('high')]
    if (at === null || low === null || high === null) return
    made.set(at, { atMs: at * 1000, lowMs: low * 1000, highMs: high * 1000 })
  }, 1000)
  return {
    stop: () => {
      clearInterval(timer)
      return [...made.values()]
    },
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

/** Of its present life: systemd's number of it, and the process. */
const lifeOf = async (host: Place, unit: string): Promise<{ invocation: string; pid: string }> => ({
  invocation: await property(host, unit, 'InvocationID'),
  pid: await property(host, unit, 'MainPID'),
})

/**
 * How it ended, and which criteria were not passed. In the background: it takes longer than a command of a replay may.
 * After a warm-up of 30 s it has eleven samples of a life that has just begun, and needs eight.
 */
const verify = async (host: Place, service: string): Promise<{ exitCode: number; not: string[] }> => {
  const [document, ended] = [`/run/verify-${service}.json`, `/run/verify-${service}.ended`]
  const command = `oratio-health verify ${service} --for 2m --interval 8s --json`
  await host.shell(
    `rm -f ${ended}; (code=0; ${command} >${document} || code=$?; echo $code >${ended}) </dev/null >/dev/null 2>&1 &`,
  )
  const exitCode = await until(
    `the end of verify ${service}`,
    async () =>
      (existsSync(host.path(ended)) ? /^\d+/.exec(readFileSync(host.path(ended), 'utf8'))?.[0] : null) ??
      null,
    10 * minuteMs,
  )
  const { criteria } = JSON.parse(readFileSync(host.path(document), 'utf8')) as Acceptance
  return {
    exitCode: Number(exitCode),
    not: criteria
      .filter(({ result }) => result !== 'pass')
      .map(({ name, result, reason }) => `${name}: ${reason === null ? result : JSON.stringify(reason)}`),
  }
}

interface Acceptance {
  criteria: { name: string; result: string; reason: unknown }[]
}

const deploy = async (host: Place, lines: string): Promise<void> => {
  await startUnits(host, { [leaking]: lines })
  await host.shell(`systemctl restart ${leaking}`)
}

/** Again while the schedule's own run, which may be the last one, holds the lock. */
const takeBack = (host: Place): Promise<Run> =>
  until(
    'the lock',
    async () => {
      const ran = await host.run(['oratio-health', 'limits', 'remove', leaking])
      return ran.exitCode === 75 ? null : ran
    },
    minuteMs,
  )

const checksMore = async (host: Place, count: number): Promise<void> => {
  const seen = new Set<number>()
  await until(
    `${count} more checks`,
    async () => {
      const at = figuresOf(host)?.('last_run_timestamp_seconds')
      if (at != null) seen.add(at)
      return seen.size > count ? true : null
    },
    8 * minuteMs,
  )
}
