import { describe, expect, it } from 'vitest'
import type { ContainerFacts, DiskUsage, UnitFacts } from '../../../src/core/facts.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import { scheduledCause } from '../../../src/core/restart-memory.ts'
import type { Host } from '../../../src/host/host.ts'
import { parseSystemctlShow, unitFacts } from '../../../src/parse/systemctl-show.ts'
import { ledgerText } from '../../../src/store/restart-ledger.ts'
import { freshRestarts, type OtherRestarts } from '../../../src/store/restart-state.ts'
import { freshState } from '../../../src/store/state.ts'
import { stateText } from '../../../src/store/state-text.ts'
import { container } from '../../support/captured-host.ts'
import { given, kernel, nowMs, quiet, run, type Scene } from './run-crash-report.ts'

const id = 'c'.repeat(64)
const event = (action: string, secondsAgo: number, attributes: object = {}): string =>
  JSON.stringify({
    Type: 'container',
    Action: action,
    Actor: { ID: id, Attributes: { name: 'indexer', image: 'x', ...attributes } },
    time: Math.floor(nowMs / 1000) - secondsAgo,
    timeNano: (nowMs - secondsAgo * 1000) * 1e6,
  })
const eventsOf = (...lines: string[]) => value({ text: `${lines.join('\n')}\n`, truncated: false })
const missing = failed('tool-missing', 'journalctl', 'is not installed or not in PATH')
const sourcesOf = (body: Record<string, unknown>): { name: string; missing: string | null }[] =>
  (body.sections as { sources: { name: string; missing: string | null }[] }).sources
const flat = (text: string): string => text.replace(/\s+/g, ' ')

describe('events of the container engine', () => {
  it('tell of a container that ran out of memory and is gone, and of one that crashed', async () => {
    const { body, result } = await run({
      events: eventsOf(
        event('oom', 600),
        event('die', 599, { exitCode: '137' }),
        event('die', 60, { exitCode: '139' }),
        event('die', 30, { exitCode: '0' }),
      ),
    })
    expect(body.events).toMatchObject([
      { kind: 'oom-kill', scope: 'container', container: id, exitCode: 137 },
      { kind: 'container-exit', exitCode: 139, message: 'container indexer exited with 139' },
    ])
    expect(body.suspects).toMatchObject([{ name: 'indexer', kind: 'container' }])
    expect(result.status).toBe('critical')
  })

  it('and its inspection, on one kill, are one; what is before the window is left out', async () => {
    const dead = container({
      ...{ id, name: 'indexer', state: 'exited', exitCode: 137, oomKilled: true, restartCount: 0 },
      finishedAtMs: nowMs - 60_000,
    })
    const { body } = await run({
      containers: value([dead]),
      events: eventsOf(event('oom', 200_000), event('oom', 61), event('die', 60, { exitCode: '137' })),
    })
    expect(body.events).toMatchObject([{ kind: 'oom-kill', container: id }])
  })

  it('that do not come in time are named, and all else is told', async () => {
    const late = failed('timeout', 'unix:///run/docker.sock', 'no whole answer within 2000 ms')
    const { body, result } = await run({ events: late, programs: { _TRANSPORT: kernel } })
    expect(result.status).toBe('critical')
    expect(sourcesOf(body)).toContainEqual(
      expect.objectContaining({
        name: 'container engine (events)',
        missing: expect.stringContaining('2000'),
      }),
    )
  })

  it('are asked for from the beginning of the window until now and a little on, with a bound', async () => {
    const asked: unknown[] = []
    await run({
      options: { since: 3600 },
      change: ({ engine }) => ({
        engine: {
          ...engine,
          events: async (...to) => {
            asked.push(to)
            return eventsOf()
          },
        },
      }),
    })
    expect(asked).toEqual([[nowMs / 1000 - 3600, (nowMs + 500) / 1000, 2000]])
  })
})

const unitFiles = (kills: string): Record<string, string> => {
  const folder = '/sys/fs/cgroup/system.slice/trading.service'
  return {
    '/proc/self/mountinfo': '30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/cgroup.controllers': 'memory pids\n',
    '/proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 600 kB\n',
    [`${folder}/cgroup.procs`]: '77\n',
    [`${folder}/memory.current`]: '1000\n',
    [`${folder}/memory.max`]: 'max\n',
    [`${folder}/memory.stat`]: 'anon 1000\nfile 0\nshmem 0\ninactive_file 0\n',
    [`${folder}/memory.events`]: `low 0\nhigh 0\nmax 9\noom 3\noom_kill ${kills}\n`,
  }
}
const unit = (): UnitFacts =>
  unitFacts(
    parseSystemctlShow(
      'Id=trading.service\nNames=trading.service\nLoadState=loaded\nActiveState=active\nSubState=running\nControlGroup=/system.slice/trading.service\n',
    )[0] ?? {},
  )
const services = { trade: { target: { type: 'unit', ref: 'trading' } } }

describe('memory.events of the configured services', () => {
  it('tell of kills whose log is gone', async () => {
    const { body, text, result } = await run({
      files: unitFiles('3'),
      units: value([unit()]),
      config: { services },
      options: { output: '-' },
    })
    expect(body.suspects).toMatchObject([
      {
        name: 'trading.service',
        kind: 'unit',
        why: ['the kernel counts 3 kills for memory in its cgroup'],
      },
    ])
    expect(flat(text)).toContain('the kernel counts 3 kills for memory in its cgroup')
    expect(result.status).toBe('warning')
  })

  it('of which there are none say nothing', async () => {
    const { body, result } = await run({
      files: unitFiles('0'),
      units: value([unit()]),
      config: { services },
    })
    expect(body.suspects).toEqual([])
    expect(result.status).toBe('ok')
  })

  it('that cannot be read are named', async () => {
    const denied = failed('denied', '/sys/fs/cgroup/system.slice/trading.service', 'permission denied')
    const { body } = await run({
      files: unitFiles('3'),
      units: value([unit()]),
      config: { services },
      change: ({ cgroups }) => ({ cgroups: { ...cgroups, memory: () => denied } }),
    })
    expect(body.suspects).toEqual([])
    expect(sourcesOf(body)).toContainEqual(
      expect.objectContaining({ name: 'cgroup of trade', missing: expect.stringContaining('permission') }),
    )
  })
})

const usage = (usedPercent: number, usedInodesPercent: number): DiskUsage => ({
  ...{ totalBytes: 100 * 1024 ** 3, availableBytes: 1024 ** 3, totalInodes: 1_000_000 },
  ...{ usedPercent, usedInodesPercent },
})
const withDisk =
  (usedPercent: number, usedInodesPercent: number) =>
  ({ files }: Host): Partial<Host> => ({
    files: {
      ...files,
      mounts: () =>
        value([
          {
            ...{ source: '/dev/vda1', rootInside: '/', mountPoint: '/', type: 'ext4', readOnly: false },
            ...{ id: 1, device: '254:1', superOptions: 'rw' },
          },
        ]),
      diskUsage: () => value(usage(usedPercent, usedInodesPercent)),
    },
  })

describe('disks', () => {
  it.each([
    ['space', 98, 10, /Warning: .*\/.*98/],
    ['inodes', 10, 99, /Warning: .*99.*inodes/],
  ])('that are full of %s are a warning, and nobody is suspected', async (_, space, inodes, words) => {
    for (const format of ['text', 'md', 'html']) {
      const { result, text, body } = await run({
        change: withDisk(space, inodes),
        options: { output: '-', format },
      })
      expect(result.status).toBe('warning')
      expect(body.suspects).toEqual([])
      expect((body.sections as { warnings: string[] }).warnings).toHaveLength(1)
      expect(flat(text)).toMatch(words)
      if (format === 'text') expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
    }
  })

  it('with room are no warning, whatever the config calls critical', async () => {
    const { result, body } = await run({
      change: withDisk(90, 90),
      config: { host: { disks: { warn: 10, crit: 20, paths: [] } } },
    })
    expect(result.status).toBe('ok')
    expect(body.sections).toMatchObject({ warnings: [] })
  })
})

describe('who uses the memory now', () => {
  const stat = (pid: number, comm: string, pages: number): string =>
    `${pid} (${comm}) S 1 ${pid} ${pid} 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 500 1 ${pages} 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`
  const processFiles = (pid: number, comm: string, kib: number, swapKib = 0): Record<string, string> => ({
    [`/proc/${pid}/stat`]: stat(pid, comm, kib / 4),
    [`/proc/${pid}/status`]: `Name:\tx\nUid:\t0\t0\t0\t0\nThreads:\t1\nRssAnon:\t${kib} kB\nRssFile:\t0 kB\nRssShmem:\t0 kB\nVmRSS:\t${kib} kB\nVmSwap:\t${swapKib} kB\n`,
  })
  const files = {
    '/proc/uptime': '273600.12 1000.00\n',
    '/proc/loadavg': '0.52 0.48 0.41 1/200 4321\n',
    '/proc/meminfo':
      'MemTotal: 8000000 kB\nMemFree: 400000 kB\nMemAvailable: 500000 kB\nSwapTotal: 2000000 kB\nSwapFree: 1000000 kB\n',
    ...processFiles(10, 'python3', 1048576, 524288),
    '/proc/10/cmdline': 'python3\0/srv/capture_monitor.py\0',
    ...processFiles(21, 'ffmpeg', 10240),
    ...processFiles(22, 'ffmpeg', 10240),
    ...processFiles(23, 'ffmpeg', 10240),
  }

  it('is told as ps, free and uptime told it, with swap and by the name', async () => {
    const { text, body } = await run({ files, options: { output: '-' } })
    const now = (body.sections as { hostNow: string[] }).hostNow
    expect(now).toEqual([
      'up 3d 4h, load 0.52, 0.48, 0.41 (1, 5 and 15 minutes)',
      'memory: 488.3 MiB of 7.6 GiB available',
      'swap: 976.6 MiB of 1.9 GiB free',
      'process python3 capture_monitor.py (10): 1.0 GiB + 512.0 MiB swap',
      ...[21, 22, 23].map((pid) => `process ffmpeg (${pid}): 10.0 MiB`),
      '3 processes ffmpeg: 30.0 MiB',
    ])
    expect(text).toContain('  process python3 capture_monitor.py (10): 1.0 GiB + 512.0 MiB swap\n')
  })

  it('has a bound, and names of others cannot write lines of their own', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) =>
        Object.entries(processFiles(100 + i, `a\nb${i}`, 4000 + 4 * i)),
      ).flat(),
    )
    const { body } = await run({ files: many })
    const now = (body.sections as { hostNow: string[] }).hostNow
    expect(now).toHaveLength(5)
    expect(now[0]).toBe('process a\\nb39 (139): 4.1 MiB')
  })

  it('of given files alone is not asked', async () => {
    const { body } = await run({ files, options: { from: [given('some.log', `${kernel.join('\n')}\n`)] } })
    expect((body.sections as { hostNow: string[] }).hostNow).toEqual([])
  })
})

describe('pressure now', () => {
  const psi = (some: string, full: string): string =>
    `some avg10=0.00 avg60=${some} avg300=0.00 total=1\nfull avg10=0.00 avg60=${full} avg300=0.00 total=1\n`

  it('of memory, disks and processors is told', async () => {
    const { text } = await run({
      files: {
        '/proc/pressure/memory': psi('41.50', '12.25'),
        '/proc/pressure/io': psi('7.00', '6.00'),
        '/proc/pressure/cpu': psi('80.00', '0.00'),
      },
      options: { output: '-' },
    })
    const told = flat(text)
    expect(told).toContain(
      'memory pressure: 41.5% of the last minute in which a task waited, 12.25% in which all did',
    )
    expect(told).toContain('io pressure: 7% of the last minute in which a task waited, 6% in which all did')
    expect(told).toContain('cpu pressure: 80% of the last minute in which a task waited SOURCES')
  })

  it('that makes no sense is named; a kernel without it is no lack', async () => {
    const { body } = await run({ files: { '/proc/pressure/memory': 'nonsense\n' } })
    expect(sourcesOf(body).filter(({ name }) => name.startsWith('pressure'))).toMatchObject([
      { name: 'pressure (/proc/pressure/memory)', missing: expect.stringContaining('pressure file') },
    ])
    const without = sourcesOf((await run({})).body)
    expect(without.filter(({ name }) => name.startsWith('pressure'))).toEqual([])
  })
})

/** `check` has dated these. */
const checked = (service: string, others: OtherRestarts[]): Record<string, string> => ({
  '/var/lib/oratio-health/state.json': stateText({
    ...freshState(),
    savedAtMs: nowMs - 60_000,
    restarts: { [service]: { ...freshRestarts, others } },
  }),
})

describe('restarts by the engine and systemd', () => {
  const hourMs = 3_600_000
  const web: Partial<ContainerFacts> = {
    ...{ id, name: 'web', state: 'running', exitCode: 0, oomKilled: false, restartCount: 4 },
    ...{ startedAtMs: nowMs - 90 * 24 * hourMs, finishedAtMs: null, restartPolicy: 'always' },
  }
  const of = async (
    more: Partial<ContainerFacts>,
    saved: Record<string, string> = {},
    rest: Partial<Scene> = {},
  ) => {
    const containers = value([container({ ...web, ...more })])
    const { body, result } = await run({ containers, saved, options: { output: '-' }, ...rest })
    const why = (body.suspects as { name: string; why: string[] }[]).map((one) => [one.name, ...one.why])
    return { why, status: result.status, now: (body.sections as { hostNow: string[] }).hostNow }
  }
  const told = (count: number) => [['web', `restarted ${count} times: restarts hide a fault`]]
  const undated = ['web was restarted 4 times since it was made, none of them known to be of this time']

  it('of a life of months, at no known time, blame nobody and are no warning', async () => {
    expect(await of({})).toEqual({ why: [], status: 'ok', now: undated })
    // Fewer are not worth a line.
    expect(await of({ restartCount: 2 })).toEqual({ why: [], status: 'ok', now: [] })
  })

  it('are those of the time asked for that check has dated', async () => {
    const dated = checked('web', [
      { atMs: nowMs - 70 * hourMs, by: 'engine', count: 30 },
      { atMs: nowMs - 20 * hourMs, by: 'engine', count: 2 },
      { atMs: nowMs - hourMs, by: 'engine', count: 3 },
    ])
    expect(await of({ restartCount: 50 }, dated)).toEqual({ why: told(5), status: 'warning', now: [] })
    const week = { options: { output: '-', since: 7 * 86_400 } }
    expect((await of({ restartCount: 50 }, dated, week)).why).toEqual(told(35))
    const services = { shop: { target: { type: 'container', ref: 'web' } } }
    const named = checked('shop', [{ atMs: nowMs - hourMs, by: 'engine', count: 3 }])
    expect((await of({}, named, { config: { services } })).why).toEqual(told(3))
    const old = checked('web', [{ atMs: nowMs - 70 * hourMs, by: 'engine', count: 4 }])
    expect(await of({}, old)).toEqual({ why: [], status: 'ok', now: undated })
  })

  it.each([
    ['is being restarted', { state: 'restarting' }],
    ['was started a minute ago', { startedAtMs: nowMs - 60_000 }],
    [
      'was given up an hour ago',
      { state: 'exited', restartPolicy: 'on-failure', exitCode: 1, finishedAtMs: nowMs - hourMs },
    ],
  ] as [string, Partial<ContainerFacts>][])('count all without a check where one %s', async (_, more) => {
    expect(await of(more)).toMatchObject({ why: told(4), status: 'warning', now: [] })
  })

  it('of a unit are those since the boot, where that is of the time asked for', async () => {
    const units = value([{ ...unit(), restarts: 6 }])
    // The boot of these hosts was 26 hours ago, or so.
    const since = async (seconds: number) =>
      (await run({ units, options: { output: '-', since: seconds } })).body
    expect((await since(10 * 86_400)).suspects).toMatchObject([
      { name: 'trading.service', why: ['restarted 6 times: restarts hide a fault'] },
    ])
    expect(await since(3600)).toMatchObject({
      suspects: [],
      sections: {
        hostNow: [
          'trading.service was restarted 6 times since the boot, none of them known to be of this time',
        ],
      },
    })
  })
})

describe('a unit that is failed', () => {
  const bootMs = 1_795_600_000_000
  const failedSince = (hoursAgo: number | null): NonNullable<Scene['units']> =>
    value([
      {
        ...unit(),
        ...{ activeState: 'failed', subState: 'failed', result: 'exit-code' },
        inactiveSinceMonotonicUs: hoursAgo === null ? null : (nowMs - hoursAgo * 3_600_000 - bootMs) * 1000,
      },
    ])
  const eventsWith = async (scene: Partial<Scene>) => {
    const { body, result } = await run(scene)
    return { events: body.events as { kind: string; at: string | null }[], status: result.status }
  }

  it('of before the time asked for is no event, whether the journal can be read or not', async () => {
    for (const hoursAgo of [25, null])
      expect(await eventsWith({ units: failedSince(hoursAgo) })).toEqual({ events: [], status: 'ok' })
    const without = {
      programs: { dmesg: ['[   12.345678] usb 1-1: new device'] },
      instead: { journalctl: missing },
    }
    expect(await eventsWith({ units: failedSince(25), ...without })).toEqual({ events: [], status: 'ok' })
    // Nobody knows when: better told.
    expect(await eventsWith({ units: failedSince(null), ...without })).toMatchObject({
      events: [{ kind: 'unit-failed', at: null }],
      status: 'critical',
    })
  })

  it('since then is one, once, also where the journal has lost it', async () => {
    expect(await eventsWith({ units: failedSince(2) })).toMatchObject({
      events: [{ kind: 'unit-failed', unit: 'trading.service', at: expect.any(String) }],
      status: 'critical',
    })
    const told = JSON.stringify({
      __REALTIME_TIMESTAMP: `${(nowMs - 7_100_000) * 1000}`,
      ...{ SYSLOG_IDENTIFIER: 'systemd', _PID: '1', _UID: '0', UNIT: 'trading.service' },
      MESSAGE: "trading.service: Failed with result 'exit-code'.",
    })
    const { events } = await eventsWith({
      units: failedSince(2),
      programs: { _TRANSPORT: [quiet], MESSAGE_ID: [told] },
    })
    expect(events).toHaveLength(1)
  })
})

describe('the log of a container of the config', () => {
  it.each([
    ['its name', 'indexer'],
    ['the beginning of its id', id.slice(0, 8)],
    ['project and service of compose', 'shop/web'],
  ])('is read when it is known by %s', async (_, ref) => {
    const asked: unknown[] = []
    const running = container({
      ...{ id, name: 'indexer', composeProject: 'shop', composeService: 'web' },
      ...{ state: 'running', startedAtMs: nowMs - 3_600_000 },
    })
    const other = container({ id: 'f'.repeat(64), name: 'other', state: 'running' })
    const { result } = await run({
      containers: value([other, running]),
      config: { services: { app: { target: { type: 'container', ref }, features: {} } } },
      change: ({ engine }) => ({
        engine: {
          ...engine,
          logs: async (of, _since, _bytes, _ms, lines) => {
            asked.push(of, lines)
            return value({ text: '', truncated: true })
          },
        },
      }),
    })
    // The newest of a chatty one, which alone leaves no doubt of the host.
    expect(asked).toEqual([id, 5242])
    expect(result.status).toBe('ok')
  })
})

describe('the own restart history', () => {
  const path = '/var/log/oratio-health/restart_history.log'
  const line = (hoursAgo: number, event: 'restarted' | 'gave-up'): string =>
    ledgerText({ atMs: nowMs - hoursAgo * 3_600_000, service: 'trade', event, detail: 'over its limit' })

  it('is told of the window, and restarts that hid a fault count for the unit they were of', async () => {
    const { text, body } = await run({
      saved: {
        [path]: [30, 3, 2, 1].map((hours) => line(hours, 'restarted')).join('') + line(0.5, 'gave-up'),
      },
      config: { services },
      options: { output: '-' },
    })
    const told = (body.sections as { ownActions: string[] }).ownActions
    expect(told).toHaveLength(4)
    expect(text).toContain('WHAT ORATIO-HEALTH DID')
    expect(flat(text)).toContain('trade gave-up: over its limit')
    expect(body.suspects).toMatchObject([
      { name: 'trading.service', kind: 'unit', why: ['restarted 3 times: restarts hide a fault'] },
    ])
  })

  it('tells of restarts that `every:` asked for, and blames nobody for them', async () => {
    const every = [3, 2, 1].map((hours) =>
      ledgerText({
        atMs: nowMs - hours * 3_600_000,
        service: 'trade',
        event: 'restarted',
        detail: `${scheduledCause}4h`,
      }),
    )
    const { body, result } = await run({
      saved: { [path]: every.join('') },
      config: { services },
      options: { output: '-' },
    })
    expect((body.sections as { ownActions: string[] }).ownActions).toHaveLength(3)
    expect(body.suspects).toEqual([])
    expect(result.status).toBe('ok')
  })

  it('is of this host, and so is what grew: neither is in the report of another root', async () => {
    const reads: string[] = []
    const { body, text } = await run({
      live: false,
      instead: { journalctl: absent('journalctl'), dmesg: absent('dmesg') },
      files: { '/var/log/kern.log': `${kernel.join('\n')}\n` },
      saved: { [path]: [3, 2, 1].map((hours) => line(hours, 'restarted')).join('') },
      config: { services },
      reads,
    })
    expect((body.sections as { ownActions: string[] }).ownActions).toEqual([])
    expect(body.suspects).toMatchObject([{ name: 'capture.service' }])
    expect(text).not.toContain('WHAT ORATIO-HEALTH DID')
    expect(reads).toEqual([])
  })

  it('and what systemd counts are added up, of one suspect', async () => {
    const { body } = await run({
      saved: {
        [path]: line(2, 'restarted') + line(1, 'restarted'),
        ...checked('trade', [{ atMs: nowMs - 3_600_000, by: 'systemd', count: 2 }]),
      },
      units: value([{ ...unit(), restarts: 9 }]),
      config: { services },
    })
    expect(body.suspects).toMatchObject([
      { name: 'trading.service', why: ['restarted 4 times: restarts hide a fault'] },
    ])
  })
})

describe('/dev/kmsg', () => {
  const records = kernel.map((line, i) => `6,${i},${90_000_000_000 + i},-;${line.replace(/^.*?\] /, '')}`)

  it('is read where there is neither a journal nor dmesg', async () => {
    const { body } = await run({ instead: { journalctl: missing, dmesg: missing }, ring: records })
    expect(body.events).toMatchObject([{ kind: 'oom-kill', pid: 1010, unit: 'capture.service' }])
    expect(sourcesOf(body).map(({ name }) => name)).toContain('kernel log (/dev/kmsg)')
  })

  it('tells a kill that a flood has pushed out of the journal; one that both have is told once', async () => {
    const ring = kernel.map((line) => line.replace(/^.*kernel: \[ {2}100/, '[90000'))
    const killsWith = async (journal: string[]): Promise<number> => {
      const { body } = await run({ programs: { _TRANSPORT: journal, dmesg: ring } })
      return (body.events as { kind: string }[]).filter(({ kind }) => kind === 'oom-kill').length
    }
    expect(await killsWith(['1795690000.000000 box kernel: usb 1-1: new device'])).toBe(1)
    expect(await killsWith(kernel.map((line) => line.replace(/^.*box/, '1795690801.000000 box')))).toBe(1)
  })

  it('is left alone where dmesg tells the same', async () => {
    const { body } = await run({
      instead: { journalctl: missing },
      programs: { dmesg: kernel.map((line) => line.replace(/^.*kernel: \[ {2}100/, '[90000')) },
      ring: records,
    })
    expect(body.events).toHaveLength(1)
    expect(sourcesOf(body).map(({ name }) => name)).not.toContain('kernel log (/dev/kmsg)')
  })

  it('that may not be read is named with the mend', async () => {
    const { body } = await run({
      instead: { journalctl: missing, dmesg: missing },
      ring: failed('denied', '/dev/kmsg', 'operation not permitted (EPERM)'),
    })
    expect(sourcesOf(body)).toContainEqual(
      expect.objectContaining({
        name: 'kernel log (/dev/kmsg)',
        missing: expect.stringContaining('/dev/kmsg'),
        mend: expect.any(String),
      }),
    )
  })
})

it('a report that is written prunes old ones', async () => {
  const folder = '/var/log/oratio-health'
  const { removed } = await run({
    saved: {
      [`${folder}/investigation_20260901_030000.txt`]: 'old',
      [`${folder}/investigation_20260901_030000.html`]: 'old',
      [`${folder}/investigation_20261125_030000.txt`]: 'new',
      [`${folder}/notes_20260901.txt`]: 'of others',
    },
  })
  expect(removed.sort()).toEqual([
    `${folder}/investigation_20260901_030000.html`,
    `${folder}/investigation_20260901_030000.txt`,
  ])
})
