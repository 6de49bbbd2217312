import type { Finding, Status } from '../../src/core/finding.ts'
import { absent, failed, value } from '../../src/core/reading.ts'
import type { CheckResult, Consumer, ServiceFacts, ServiceResult } from '../../src/core/service.ts'

/** Results of `check` that the reports are tested with. */

export const startedAtMs = 1_769_850_000_000
const MiB = 1024 ** 2
const GiB = 1024 ** 3

export const finding = (
  check: string,
  code: string,
  status: Status,
  more: Partial<Finding> = {},
): Finding => ({
  check,
  code,
  status,
  value: null,
  unit: null,
  warn: null,
  crit: null,
  ...more,
})

const memory = (usedBytes: number, totalBytes: number, status: Status = 'ok'): Finding =>
  finding('memory', 'level', status, {
    value: (usedBytes / totalBytes) * 100,
    unit: 'percent',
    warn: 85,
    crit: 95,
    args: { usedBytes, totalBytes, of: 'host', estimated: 0 },
  })
const cpu = (percent: number): Finding =>
  finding('cpu', 'level', 'ok', {
    value: percent,
    unit: 'percent',
    warn: 90,
    crit: 98,
    args: { overSeconds: 60 },
  })
const pressure = (percent: number, status: Status = 'ok'): Finding =>
  finding('pressure', 'level', status, { value: percent, unit: 'percent', warn: 10, crit: 40, args: {} })
const disk = (item: string, percent: number, totalBytes: number, status: Status = 'ok', inRam = 0): Finding =>
  finding('disks', 'level', status, {
    item,
    value: percent,
    unit: 'percent',
    warn: 80,
    crit: 95,
    args: { totalBytes, availableBytes: Math.round(totalBytes * (1 - percent / 100)), type: 'ext4', inRam },
  })
const inodes = (item: string, percent: number, status: Status = 'ok'): Finding =>
  finding('disks', 'inodes', status, {
    item,
    value: percent,
    unit: 'percent',
    warn: 80,
    crit: 95,
    args: { totalInodes: 6_553_600, type: 'ext4', inRam: 0 },
  })
const folder = (item: string, bytes: number, files: number): Finding =>
  finding('folders', 'level', 'ok', { item, value: bytes, unit: 'bytes', args: { files, atLeast: 0 } })

export const service = (
  name: string,
  more: Partial<ServiceFacts> = {},
  rest: Partial<Omit<ServiceResult, 'facts'>> = {},
): ServiceResult => ({
  facts: {
    name,
    kind: 'container',
    target: { type: 'container', ref: name },
    configured: true,
    state: 'running',
    stateDetail: '',
    identity: 'a1b2c3',
    mainPid: 4711,
    pids: [4711],
    memory: value({
      leakBytes: 80 * MiB,
      usedBytes: 96 * MiB,
      swapBytes: 0,
      limitBytes: null,
      limitAt: null,
    }),
    processes: value(2),
    openFiles: value(31),
    threads: value(9),
    restarts: value(0),
    uptimeSeconds: value(93_784),
    oomKills: value(0),
    health: null,
    ...more,
  },
  status: 'ok',
  findings: [],
  failedChecks: 0,
  action: null,
  ...rest,
})

const consumer = (name: string, pid: number | null, processes: number, rssBytes: number): Consumer => ({
  name,
  pid,
  processes,
  rssBytes,
  swapBytes: 0,
})

const nothing: CheckResult = {
  hostname: 'vps1',
  startedAtMs,
  finishedAtMs: startedAtMs + 412,
  status: 'ok',
  findings: [],
  services: [],
  biggestProcesses: [],
  biggestNames: [],
  ownFindings: [],
}

/** A fresh machine without swap, Docker or config. */
export const healthy: CheckResult = {
  ...nothing,
  findings: [
    memory(1.2 * GiB, 3.8 * GiB),
    finding('swap', 'absent', 'ok', { args: { what: 'swap' } }),
    cpu(12.4),
    pressure(0),
    disk('/', 41, 98 * GiB),
    inodes('/', 7),
    disk('/run', 2, 394 * MiB, 'ok', 1),
    folder('/tmp', 12 * MiB, 31),
  ],
  biggestProcesses: [consumer('systemd-journal', 211, 1, 98 * MiB), consumer('sshd', 800, 1, 12 * MiB)],
  biggestNames: [consumer('systemd-journal', null, 1, 98 * MiB), consumer('sshd', null, 3, 30 * MiB)],
}

const up = finding('state', 'running', 'ok', { args: { kind: 'container', detail: '' } })
const noLimit = finding('limit', 'no-limit', 'ok', {
  unit: 'bytes',
  args: { limitAt: null, wantedBytes: null },
})

/** Incident E: 202 python3 processes in a container without a limit. */
export const electronCash: CheckResult = {
  ...nothing,
  hostname: 'wallet-host',
  status: 'critical',
  findings: [
    memory(82.4 * GiB, 91 * GiB, 'warning'),
    finding('swap', 'level', 'warning', {
      value: 61.3,
      unit: 'percent',
      warn: 50,
      crit: 90,
      args: { usedBytes: 4.9 * GiB, totalBytes: 8 * GiB },
    }),
    cpu(38),
    pressure(14.2, 'warning'),
    disk('/', 71, 438 * GiB),
    disk('/var/lib/docker', 81.4, 1.8 * 1024 * GiB, 'warning'),
    folder('/tmp', 2.4 * GiB, 48_211),
  ],
  services: [
    service('caddy', { uptimeSeconds: value(9_000_000) }, { findings: [up, noLimit] }),
    service(
      'electron-cash',
      {
        memory: value({
          leakBytes: 62.1 * GiB,
          usedBytes: 62.89 * GiB,
          swapBytes: 4.4 * GiB,
          limitBytes: null,
          limitAt: null,
        }),
        processes: value(202),
        openFiles: value(4_120),
        threads: value(812),
        uptimeSeconds: value(446_400),
        oomKills: value(3),
      },
      {
        status: 'critical',
        failedChecks: 4,
        findings: [
          up,
          finding('memory', 'size', 'critical', {
            value: Math.round(62.89 * GiB),
            unit: 'bytes',
            warn: 500 * MiB,
            crit: GiB,
            args: {
              usedBytes: 62.89 * GiB,
              leakBytes: 62.1 * GiB,
              swapBytes: 4.4 * GiB,
              ceilingBytes: 91 * GiB,
              ceilingOf: 'ram',
              limitAt: null,
            },
          }),
          noLimit,
          finding('processes', 'count', 'critical', {
            value: 202,
            unit: 'count',
            warn: 10,
            crit: 50,
            args: { match: 'python' },
          }),
          finding('oom', 'kills', 'warning', { value: 3, unit: 'count', warn: 1, args: {} }),
        ],
      },
    ),
    service('monitor.service', {
      kind: 'unit',
      target: { type: 'unit', ref: 'monitor.service' },
      memory: value({
        leakBytes: 1.6 * GiB,
        usedBytes: 1.7 * GiB,
        swapBytes: 0,
        limitBytes: 6 * GiB,
        limitAt: '/system.slice/monitor.service',
      }),
    }),
  ],
  biggestProcesses: [812_113, 812_009, 811_870, 811_221, 810_994].map((pid, i) => ({
    ...consumer('python3', pid, 1, Math.round((512 - i * 11) * MiB)),
    swapBytes: i === 0 ? 96 * MiB : 0,
  })),
  biggestNames: [
    { ...consumer('python3', null, 202, 62.4 * GiB), swapBytes: 4.4 * GiB },
    consumer('dockerd', null, 1, 212 * MiB),
    consumer('caddy', null, 1, 58 * MiB),
  ],
}

/** Incident V: capture_monitor.py leaks on a Raspberry Pi, the hot folder is full. */
export const raspberryPi: CheckResult = {
  ...nothing,
  hostname: 'sunri-pi4',
  status: 'critical',
  findings: [
    memory(6.9 * GiB, 7.6 * GiB, 'warning'),
    finding('swap', 'level', 'ok', {
      value: 12.5,
      unit: 'percent',
      warn: 50,
      crit: 90,
      args: { usedBytes: 25 * MiB, totalBytes: 200 * MiB },
    }),
    cpu(74),
    finding('pressure', 'absent', 'ok', { args: { what: 'PSI' } }),
    disk('/', 63, 29 * GiB),
    disk('/run/hot', 96.2, 400 * MiB, 'critical', 1),
    disk('/tmp', 84, 500 * MiB, 'warning', 1),
    folder('/tmp', 420 * MiB, 1_213),
    folder('/run/log/journal', 118 * MiB, 4),
    folder('/home/pi/…/__pycache__', 14 * MiB, 611),
  ],
  services: [
    service(
      'capture_monitor.py',
      {
        kind: 'process',
        target: { type: 'process', match: 'capture_monitor\\.py', user: null, exe: null },
        memory: value({
          leakBytes: 5.9 * GiB,
          usedBytes: 5.9 * GiB,
          swapBytes: 20 * MiB,
          limitBytes: null,
          limitAt: null,
        }),
        processes: value(1),
        restarts: absent('a restart counter'),
        oomKills: absent('a counter'),
        uptimeSeconds: value(36_400),
      },
      {
        status: 'critical',
        findings: [
          finding('state', 'running', 'ok', { args: { kind: 'process', detail: '' } }),
          finding('memory', 'size', 'critical', {
            value: 5.9 * GiB,
            unit: 'bytes',
            warn: 700 * MiB,
            crit: GiB,
            args: {
              usedBytes: 5.9 * GiB,
              leakBytes: 5.9 * GiB,
              swapBytes: 20 * MiB,
              ceilingBytes: 7.6 * GiB,
              ceilingOf: 'ram',
              limitAt: null,
            },
          }),
        ],
      },
    ),
  ],
  biggestProcesses: [
    consumer('python3', 1211, 1, 5.9 * GiB),
    consumer('ffmpeg', 1300, 1, 88 * MiB),
    consumer('ffmpeg', 1301, 1, 86 * MiB),
  ],
  biggestNames: [consumer('python3', null, 3, 6 * GiB), consumer('ffmpeg', null, 4, 340 * MiB)],
}

const unreadable = (check: string, cause: string, what: string, detail: string, item?: string): Finding =>
  finding(check, 'unreadable', 'unknown', {
    ...(item === undefined ? {} : { item }),
    args: { cause, what, detail },
  })

const denied = failed('denied', '/proc/4711/io', 'EACCES')

/** Nothing can be measured: hidepid, an engine that hangs, a disk that fails. */
export const blind: CheckResult = {
  ...nothing,
  status: 'unknown',
  findings: [
    unreadable('memory', 'malformed', '/proc/meminfo', 'no MemTotal line'),
    unreadable('swap', 'denied', '/proc/meminfo', 'EACCES'),
    unreadable('cpu', 'denied', '/proc/stat', 'EACCES'),
    unreadable('pressure', 'io', '/proc/pressure/memory', 'EIO: i/o error'),
    unreadable('disks', 'timeout', '/srv/nas', '', '/srv/nas'),
    finding('folders', 'incomplete', 'unknown', {
      item: '/srv/data',
      value: 2 * GiB,
      unit: 'bytes',
      warn: 5 * GiB,
      args: { files: 500_000, atLeast: 1 },
    }),
    finding('disks', 'skipped', 'ok', { item: '/mnt/nas', args: { type: 'nfs4', reason: 'may-hang' } }),
    unreadable('units', 'denied', '/run/dbus/system_bus_socket', 'EACCES'),
    finding('cpu', 'defect', 'unknown', {
      args: { message: "Cannot read properties of undefined (reading 'x')", stack: null },
    }),
  ],
  services: [
    service(
      'db',
      {
        state: 'unknown',
        stateDetail: '/var/run/docker.sock did not answer within 5s',
        identity: null,
        mainPid: null,
        pids: [],
        memory: failed('timeout', '/var/run/docker.sock', 'no answer within 5s'),
        processes: failed('timeout', '/var/run/docker.sock', 'no answer within 5s'),
        openFiles: failed('timeout', '/var/run/docker.sock', ''),
        threads: failed('timeout', '/var/run/docker.sock', ''),
        restarts: failed('timeout', '/var/run/docker.sock', ''),
        uptimeSeconds: failed('timeout', '/var/run/docker.sock', ''),
        oomKills: failed('timeout', '/var/run/docker.sock', ''),
      },
      {
        status: 'unknown',
        findings: [
          finding('state', 'unknown', 'unknown', {
            args: { kind: 'container', detail: '/var/run/docker.sock: no answer within 5s' },
          }),
          unreadable('memory', 'timeout', '/var/run/docker.sock', 'no answer within 5s'),
        ],
      },
    ),
    service('web', { openFiles: denied }),
    service('worker', { openFiles: denied }),
  ],
  ownFindings: [
    finding('log', 'unwritable', 'warning', {
      args: {
        cause: 'io',
        what: '/var/log/oratio-health',
        detail: 'ENOSPC: no space left on device',
        folder: '/var/log/oratio-health',
      },
    }),
    finding('state', 'broken', 'warning', {
      args: {
        kind: 'broken',
        detail: 'no JSON',
        file: '/var/lib/oratio-health/state.json',
        setAsideTo: '/var/lib/oratio-health/state.json.broken',
      },
    }),
  ],
}

const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31mfoo) Z \r\n\u202egnp.exe\u2066|rm -rf /'
const long = `${'python3-'.repeat(31)}worker1`

/** Names that strangers chose. */
export const hostile: CheckResult = {
  ...nothing,
  hostname: 'host\u001b[31m.example',
  status: 'critical',
  findings: [
    memory(1 * GiB, 4 * GiB),
    disk(`/mnt/${evil}`, 99.7, 10 * GiB, 'critical'),
    disk(`/mnt/${'漢字'.repeat(60)}`, 12, 10 * GiB),
    disk(`/mnt/${long}`, 85, 10 * GiB, 'warning'),
    unreadable('folders', 'io', `/tmp/${evil}`, `EIO ${evil}`, `/tmp/${evil}`),
  ],
  services: [
    service(
      evil,
      {},
      {
        status: 'critical',
        findings: [finding('state', 'failed', 'critical', { args: { kind: 'unit', detail: evil } })],
      },
    ),
    service(long, { openFiles: failed('denied', `/proc/${evil}`, evil) }),
    service('日本語のサービス', {}, { action: { kind: 'restart', outcome: 'failed', reason: evil } }),
    service('👩‍👩‍👧‍👦 family e\u0301e\u0301', { memory: absent('memory') }),
  ],
  biggestProcesses: [consumer('()()())))', 1, 1, GiB), consumer(evil, 2, 1, GiB), consumer(long, 3, 1, MiB)],
  biggestNames: [consumer(evil, null, 12, GiB), consumer('', null, 1, MiB)],
  ownFindings: [finding('state', evil, 'warning')],
}

export const samples: Record<string, CheckResult> = { healthy, electronCash, raspberryPi, blind, hostile }
