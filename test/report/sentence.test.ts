import { describe, expect, it } from 'vitest'
import { findingCodes } from '../../src/checks/registry.ts'
import type { Finding } from '../../src/core/finding.ts'
import { messageOf, sentenceOf, sentenceOn, subjectOf } from '../../src/report/sentence.ts'
import { finding } from './samples.ts'

const MiB = 1024 ** 2
const GiB = 1024 ** 3

const memoryArgs = {
  usedBytes: 2 * GiB,
  leakBytes: 2 * GiB,
  swapBytes: 0,
  ceilingBytes: 4 * GiB,
  ceilingOf: 'ram',
  limitAt: null,
}

/** Every finding that the checks can make, with the sentence for it. */
const host: [finding: Finding, message: string][] = [
  [
    finding('memory', 'level', 'critical', {
      value: 96.1,
      unit: 'percent',
      warn: 85,
      crit: 95,
      args: { totalBytes: 8 * GiB, of: 'host' },
    }),
    'memory 96% of 8.0 GiB, critical from 95% — restart the biggest process or add memory',
  ],
  [
    finding('memory', 'level', 'ok', {
      value: 20,
      unit: 'percent',
      args: { totalBytes: GiB, of: 'container', estimated: 1 },
    }),
    'memory of this container 20% of 1.0 GiB, estimated',
  ],
  [
    finding('swap', 'level', 'warning', {
      value: 61,
      unit: 'percent',
      warn: 50,
      crit: 90,
      args: { totalBytes: 8 * GiB },
    }),
    'swap 61% of 8.0 GiB, warning from 50% — restart what was swapped out, or add memory',
  ],
  [
    finding('swap', 'unreadable', 'unknown', {
      args: { cause: 'denied', what: '/proc/meminfo', detail: 'EACCES' },
    }),
    'swap could not be read: permission denied on /proc/meminfo — run as root',
  ],
  [
    finding('cpu', 'level', 'critical', {
      value: 99.2,
      unit: 'percent',
      warn: 90,
      crit: 98,
      args: { overSeconds: 60 },
    }),
    'CPU 99% busy over 1m, critical from 98% — see which process it is with top',
  ],
  [
    finding('cpu', 'since-boot', 'ok', { value: 3.4, unit: 'percent', args: { overSeconds: null } }),
    'CPU 3.4% busy since the boot',
  ],
  [
    finding('pressure', 'level', 'warning', {
      value: 12,
      unit: 'percent',
      warn: 10,
      crit: 40,
      args: { avg10: 30 },
    }),
    'memory pressure 12% of the last minute lost, warning from 10% — restart the biggest process or add memory',
  ],
  [
    finding('disks', 'level', 'critical', {
      item: '/run/hot',
      value: 97,
      unit: 'percent',
      warn: 80,
      crit: 95,
      args: { availableBytes: 12 * MiB, totalBytes: 400 * MiB, type: 'tmpfs', inRam: 1 },
    }),
    'disk /run/hot 97% of 400.0 MiB, 12.0 MiB left, critical from 95% — it is kept in RAM: delete what is no longer needed there',
  ],
  [
    finding('disks', 'inodes', 'warning', {
      item: '/',
      value: 85,
      unit: 'percent',
      warn: 80,
      args: { totalInodes: 65536 },
    }),
    'disk / 85% of 65536 inodes, warning from 80% — it holds too many small files: find the folder with du --inodes -x',
  ],
  [
    finding('disks', 'skipped', 'ok', { item: '/mnt/nas', args: { type: 'nfs4', reason: 'may-hang' } }),
    'disk /mnt/nas not measured: nfs4 may never answer; name it under host.disks.paths if it must be watched',
  ],
  [
    finding('disks', 'skipped', 'ok', { item: '/root/x', args: { type: 'ext4', reason: 'denied' } }),
    'disk /root/x not measured: permission denied; run as root to see it',
  ],
  [
    finding('disks', 'not-found', 'unknown', { item: '/run/hot' }),
    'disk /run/hot not there — create or mount it, or take it out of host.disks in the config',
  ],
  [
    finding('cleanup', 'leftovers', 'warning', {
      item: '/tmp',
      value: GiB,
      unit: 'bytes',
      args: { files: 3, staleSeconds: 180_000, atLeast: 1 },
    }),
    'stale files in /tmp at least 1.0 GiB in 3 files, stale for 2d 2h — `oratio-health cleanup-tmp -n` says what; see whether it is scheduled and what its log says',
  ],
  [
    finding('cleanup', 'leftovers', 'ok', {
      item: '/tmp',
      value: 0,
      unit: 'bytes',
      args: { files: 0, staleSeconds: null, atLeast: 0 },
    }),
    'stale files in /tmp none',
  ],
  [
    finding('cleanup', 'unseen', 'unknown', {
      ...{ item: '/tmp', value: GiB, unit: 'bytes' },
      args: {
        files: 3,
        staleSeconds: 180_000,
        atLeast: 0,
        atMost: 1,
        reason: 'what process 7 has open cannot be seen',
      },
    }),
    'stale files in /tmp not known: what process 7 has open cannot be seen; at most 1.0 GiB in 3 files, stale for 2d 2h — `oratio-health doctor` says what may be seen here, and `cleanup-tmp -n` what it makes of it',
  ],
  [
    finding('cleanup', 'leftovers', 'warning', {
      item: '/tmp',
      value: GiB,
      unit: 'bytes',
      args: { files: 3, staleSeconds: 180_000, atLeast: 1, atMost: 1 },
    }),
    'stale files in /tmp about 1.0 GiB in 3 files, stale for 2d 2h — `oratio-health cleanup-tmp -n` says what; see whether it is scheduled and what its log says',
  ],
  [
    finding('cleanup', 'skipped', 'ok', { item: '/mnt/x', args: { reason: 'a server answers for it' } }),
    'stale files in /mnt/x not looked at: a server answers for it',
  ],
  [
    finding('cleanup', 'refused', 'warning', { item: '/usr', args: { detail: '/usr: it is of the system' } }),
    'stale files in /usr will not be cleaned: /usr: it is of the system — mend the rule in the config',
  ],
  [
    finding('folders', 'level', 'warning', {
      item: '/tmp',
      value: 2 * GiB,
      unit: 'bytes',
      warn: GiB,
      args: { files: 1, atLeast: 1 },
    }),
    'folder /tmp at least 2.0 GiB in 1 file, warning from 1.0 GiB — delete what is no longer needed there',
  ],
  [
    finding('folders', 'incomplete', 'unknown', {
      item: '/srv',
      value: MiB,
      unit: 'bytes',
      args: { files: 9, atLeast: 1 },
    }),
    'folder /srv too many files to add up in time: at least 1.0 MiB in 9 files — watch a folder further down, or the disk it lies on',
  ],
  [finding('folders', 'not-found', 'ok', { item: '/var/x' }), 'folder /var/x not there'],
  [
    finding('orphans', 'left', 'warning', {
      ...{ item: 'wallet', value: 60, unit: 'count', warn: 1, args: { memoryBytes: 2 * GiB } },
    }),
    'orphans of rule wallet 60 left, with 2.0 GiB, warning from 1 — end them with kill-orphans; -n shows which',
  ],
  [
    finding('orphans', 'left', 'ok', { item: 'wallet', value: 0, unit: 'count', args: { memoryBytes: 0 } }),
    'orphans of rule wallet 0 left',
  ],
  [
    finding('orphans', 'blind', 'unknown', {
      item: 'wallet',
      args: { reason: 'no container wallet runs here' },
    }),
    'orphans of rule wallet could not be looked for: no container wallet runs here — mend that, or the rule in orphans: of the config',
  ],
  [
    finding('orphans', 'refused', 'unknown', { item: 'wide', args: { reason: 'it fits most' } }),
    'orphans of rule wide not looked for, the rule is refused: it fits most — write the rule in orphans: of the config narrower',
  ],
]

const risesArgs = {
  reason: 'grows-steadily',
  gainBytes: GiB,
  seconds: 1800,
  slopeLow: MiB,
  slopeHigh: 3 * MiB,
}
const rises = 'even its low points rise by 2.0 MiB/min, 1.0 GiB in 30m, and do not level off'
const fewArgs = { reason: 'too-few-samples', samples: 3, needed: 12 }
const levelArgs = { reason: 'level', levelBytes: GiB, swayBytes: MiB }
const rate = { value: 2 * MiB, unit: 'bytes-per-minute', warn: MiB, crit: 9 * MiB } as const
const left = { value: 5400, unit: 'seconds', warn: 86_400, crit: 7200 } as const
const noHistory = 'not known: no history is recorded of it — see whether the state folder can be written'

const service: [finding: Finding, message: string][] = [
  [
    finding('growth', 'leak', 'warning', { ...rate, args: risesArgs }),
    `growth 2.0 MiB/min (1.0 MiB/min to 3.0 MiB/min), warning from 1.0 MiB/min, ${rises} — find what grows in it; a restart gains time`,
  ],
  [
    // A slow one by the hour, the bound as well.
    finding('growth', 'leak', 'critical', {
      ...{ value: MiB, unit: 'bytes-per-minute', warn: null, crit: (50 * MiB) / 60 },
      args: { reason: 'leaks-across-restarts', lives: 3 },
    }),
    'growth 1.0 MiB/min, critical from 50.0 MiB/h, each of the last 3 lives grows, by 1.0 MiB/min; restarts only begin it anew — find what grows in it; a restart gains time',
  ],
  [
    finding('growth', 'leak', 'critical', {
      ...{ value: MiB, unit: 'bytes-per-minute', warn: null, crit: (50 * MiB) / 60 },
      args: { reason: 'leaked-before' },
    }),
    'growth 1.0 MiB/min, critical from 50.0 MiB/h, the lives before this one grew, by 1.0 MiB/min; this one is too young to tell — find what grows in it; a restart gains time',
  ],
  [
    finding('growth', 'growing', 'ok', { ...rate, warn: null, args: { ...risesArgs, reason: 'grows-weak' } }),
    'growth 2.0 MiB/min (1.0 MiB/min to 3.0 MiB/min), it grew by 1.0 GiB in 30m; that may still be chance',
  ],
  [
    finding('growth', 'stable', 'ok', { args: levelArgs }),
    'growth none: it stays at about 1.0 GiB, and moves within 1.0 MiB',
  ],
  [
    finding('growth', 'insufficient', 'unknown', { args: fewArgs }),
    'growth not known yet: 3 samples are too few to tell; 12 are needed',
  ],
  [finding('growth', 'no-history', 'unknown'), `growth ${noHistory}`],
  [
    finding('forecast', 'time-left', 'critical', {
      ...left,
      args: { limitBytes: 2 * GiB, ceilingOf: 'host', lowSeconds: 3600, highSeconds: 7200 },
    }),
    "forecast 1h 30m to the end of the host's memory, at 2.0 GiB, critical below 2h, between 1h and 2h — restart it before that, or raise its limit",
  ],
  [
    finding('forecast', 'leak', 'unknown', { args: { ...risesArgs, slope: 2 * MiB } }),
    `forecast no time can be told: ${rises}`,
  ],
  [
    finding('forecast', 'growing', 'unknown', { args: { ...risesArgs, slope: 2 * MiB } }),
    `forecast no time can be told: ${rises}`,
  ],
  [
    finding('forecast', 'stable', 'ok', { args: levelArgs }),
    'forecast its limit is not in sight: it stays at about 1.0 GiB, and moves within 1.0 MiB',
  ],
  [
    finding('forecast', 'insufficient', 'unknown', { args: fewArgs }),
    'forecast not known yet: 3 samples are too few to tell; 12 are needed',
  ],
  [finding('forecast', 'no-history', 'unknown'), `forecast ${noHistory}`],
  [
    finding('forecast', 'no-ceiling', 'unknown', { args: risesArgs }),
    'forecast it grows, but neither a limit nor the memory of the host is known — set a memory limit',
  ],
  [finding('state', 'running', 'ok', { args: { kind: 'unit', detail: 'exited' } }), 'state up: exited'],
  [finding('state', 'starting', 'ok', { args: { kind: 'unit', detail: '' } }), 'state starting'],
  [
    finding('state', 'unhealthy', 'critical', { args: { kind: 'container', detail: '', ref: 'db' } }),
    'state unhealthy: its own health check fails — see the output of the check in docker inspect db',
  ],
  [
    finding('state', 'paused', 'warning', { args: { kind: 'container', detail: '', ref: 'db' } }),
    'state paused — go on with docker unpause db',
  ],
  [
    finding('state', 'restarting', 'critical', {
      args: { kind: 'unit', detail: 'result exit-code', ref: 'db@1.service' },
    }),
    'state restarting again and again: result exit-code — see journalctl -u db@1.service, it does not stay up',
  ],
  [
    finding('state', 'stopped', 'critical', { args: { kind: 'process', detail: '' } }),
    'state stopped — start it',
  ],
  [
    finding('state', 'failed', 'critical', {
      args: { kind: 'container', detail: 'exited with 137, killed for memory', ref: 'db' },
    }),
    'state failed: exited with 137, killed for memory — see docker logs db, start it again',
  ],
  [
    // Nobody is to copy that into a shell.
    finding('state', 'failed', 'critical', { args: { kind: 'unit', detail: '', ref: 'a;reboot' } }),
    'state failed — see journalctl -u, start it again',
  ],
  [
    finding('state', 'missing', 'critical', { args: { kind: 'container', detail: 'no container db' } }),
    'state not there: no container db — start it, or correct its name in the config',
  ],
  [
    finding('state', 'unknown', 'unknown', {
      args: { kind: 'process', detail: '/etc/passwd: has no user pi; correct process.user of this service' },
    }),
    'state could not be asked: /etc/passwd: has no user pi; correct process.user of this service',
  ],
  [
    finding('state', 'unknown', 'unknown', { args: { kind: 'unit', detail: 'there is no systemd' } }),
    'state could not be asked: there is no systemd — `oratio-health doctor` says what is missing',
  ],
  [
    finding('memory', 'level', 'critical', {
      value: 97,
      unit: 'percent',
      warn: 85,
      crit: 95,
      args: { ...memoryArgs, ceilingBytes: 2 * GiB, ceilingOf: 'limit' },
    }),
    'memory 97% of its limit of 2.0 GiB, critical from 95% — restart it, and find what grows in it or raise its limit',
  ],
  [
    finding('memory', 'level', 'ok', { value: 50, unit: 'percent', args: memoryArgs }),
    'memory 50% of the RAM (4.0 GiB)',
  ],
  [
    finding('memory', 'size', 'warning', {
      value: 2 * GiB,
      unit: 'bytes',
      warn: GiB,
      args: { ...memoryArgs, swapBytes: GiB },
    }),
    'memory 2.0 GiB, 50% of the RAM, 1.0 GiB of it swapped out, warning from 1.0 GiB — restart it, and find what grows in it',
  ],
  [
    finding('memory', 'no-ceiling', 'unknown', {
      value: MiB,
      unit: 'bytes',
      args: { ...memoryArgs, ceilingBytes: null },
    }),
    'memory 1.0 MiB, but neither a limit nor the RAM is known, so no share of it — give its thresholds as sizes, e.g. warn: 500M',
  ],
  [
    finding('limit', 'limit', 'ok', {
      value: GiB,
      unit: 'bytes',
      args: { limitAt: '/x', wantedBytes: null },
    }),
    'memory limit 1.0 GiB',
  ],
  [
    finding('limit', 'no-limit', 'ok', { unit: 'bytes', args: { limitAt: null, wantedBytes: null } }),
    'memory limit none',
  ],
  [
    finding('limit', 'no-limit', 'warning', { unit: 'bytes', args: { limitAt: null, wantedBytes: 2 * GiB } }),
    'memory limit none, 2.0 GiB is wanted — set it with docker update --memory, or as MemoryMax= of the unit',
  ],
  [
    finding('processes', 'count', 'critical', {
      value: 202,
      unit: 'count',
      warn: 10,
      crit: 50,
      args: { match: 'python' },
    }),
    'processes 202 with a command line that matches python, critical from 50 — end those that nobody needs any more, or restart it',
  ],
  [finding('processes', 'count', 'ok', { value: 2, unit: 'count', warn: 10, args: {} }), 'processes 2'],
  [
    finding('oom', 'kills', 'warning', { value: 1, unit: 'count', warn: 1 }),
    'OOM 1 process was ended by the kernel for want of memory since it started — raise its limit, or find what grows in it',
  ],
  [
    finding('restarts', 'count', 'ok', { value: 7, unit: 'count', args: { kind: 'unit' } }),
    'restarts 7 by systemd since it was loaded',
  ],
  [
    finding('restarts', 'masking', 'warning', {
      value: 7,
      unit: 'count',
      warn: 3,
      crit: 20,
      args: { kind: 'unit', ref: 'db', byTool: 2, byEngine: 0, bySystemd: 6, over: 'day' },
    }),
    'restarts 7 times in 24 h (this week 6 by systemd, 2 by this tool), warning from 3: they mask a fault — see journalctl -u db for why it ends',
  ],
  [
    finding('restarts', 'masking', 'warning', {
      value: 5,
      unit: 'count',
      warn: 5,
      args: { kind: 'process', byTool: 5, byEngine: 0, bySystemd: 0, over: 'week' },
    }),
    'restarts 5 times in 7 days (this week 5 by this tool), warning from 5: they mask a fault — see its log for why it ends',
  ],
  [
    finding('restart_settings', 'hammers', 'warning', {
      value: 0.1,
      unit: 'seconds',
      args: { restart: 'always', wantedDelaySeconds: 5 },
    }),
    'restart settings Restart=always after only 100ms: they hammer — set RestartSec=5s',
  ],
  [
    finding('restart_settings', 'endless', 'warning', {
      value: 10,
      unit: 'seconds',
      args: { burstSeconds: 25, burst: 5, wantedBurst: 5, wantedIntervalSeconds: 360 },
    }),
    'restart settings its start limit never triggers: 5 starts take 25s at least, and it counts those within 10s — set StartLimitIntervalSec=360 with StartLimitBurst=5',
  ],
  [
    finding('restart_settings', 'endless', 'warning', {
      value: 0,
      unit: 'seconds',
      args: { burstSeconds: 25, burst: 5, wantedBurst: 5, wantedIntervalSeconds: 360 },
    }),
    'restart settings no start limit, so it is restarted for ever — set StartLimitIntervalSec=360 with StartLimitBurst=5',
  ],
  [
    finding('restart_settings', 'outlived', 'warning', {
      value: 300,
      unit: 'seconds',
      args: {
        burstSeconds: 50,
        burst: 5,
        outlivesSeconds: 50,
        restarts: 12,
        wantedBurst: 5,
        wantedIntervalSeconds: 18_060,
      },
    }),
    'restart settings restarted 12 times, and its start limit (5 starts within 5m) does not trigger, since it lives longer than 50s in between — set StartLimitIntervalSec=18060 or more with StartLimitBurst=5',
  ],
  [
    finding('restart_settings', 'outlived', 'warning', {
      value: 300,
      unit: 'seconds',
      args: {
        burstSeconds: 50,
        burst: 5,
        outlivesSeconds: 50,
        restarts: 12,
        wantedBurst: 5,
        wantedIntervalSeconds: 864_000,
      },
    }),
    'restart settings restarted 12 times, and its start limit (5 starts within 5m) does not trigger, since it lives longer than 50s in between — no start limit shows that: find why it ends',
  ],
  [
    finding('open_files', 'count', 'warning', { value: 900, unit: 'count', warn: 500 }),
    'open files 900, warning from 500 — it may leak files or sockets: see lsof -p',
  ],
  [
    finding('threads', 'count', 'warning', { value: 900, unit: 'count', warn: 500 }),
    'threads 900, warning from 500 — it may leak threads: restart it',
  ],
]

const general: [finding: Finding, message: string][] = [
  [
    finding('inodes', 'level', 'warning', { value: 12, unit: 'count', warn: 10 }),
    'inodes 12, warning from 10',
  ],
  [
    finding('entropy', 'too-low', 'warning', { item: 'pool', value: 3, unit: 'count' }),
    'entropy pool too low, 3',
  ],
  [
    finding('forecast', 'level', 'critical', { value: 3600, unit: 'seconds', warn: 86_400, crit: 7200 }),
    'forecast 1h, critical below 2h',
  ],
  [
    finding('growth', 'level', 'warning', {
      value: 25 * MiB,
      unit: 'bytes-per-minute',
      warn: 20 * MiB,
      args: { limitBytes: GiB },
    }),
    'growth 25.0 MiB/min, warning from 20.0 MiB/min',
  ],
  [finding('raid', 'absent', 'ok'), 'raid not here'],
  [
    finding('disks', 'unreadable', 'unknown', {
      args: { cause: 'io', what: '/proc/self/mountinfo', detail: 'is not there' },
    }),
    'disks could not be read: /proc/self/mountinfo: is not there',
  ],
  [
    finding('units', 'unreadable', 'unknown', {
      args: { cause: 'timeout', what: 'systemctl', detail: 'no answer within 5s' },
    }),
    'units could not be read: systemctl did not answer in time (no answer within 5s) — see whether systemctl hangs, then check again',
  ],
  [
    finding('containers', 'unreadable', 'unknown', {
      args: { cause: 'denied', what: '/var/run/docker.sock', detail: 'EACCES' },
    }),
    'containers could not be read: permission denied on /var/run/docker.sock — run as root, or join the group that owns the socket',
  ],
  [
    finding('cpu', 'defect', 'unknown', { args: { message: 'x is not a function', stack: 'at …' } }),
    'CPU defect: x is not a function — please report it',
  ],
]

const titled = (cases: [Finding, string][]): [title: string, finding: Finding, message: string][] =>
  cases.map(([one, message]) => [`${one.check}.${one.code} ${one.status}`, one, message])

describe('sentences', () => {
  it.each(titled(host))('on the host: %s', (_, one, message) => {
    expect(messageOf(one, 'host')).toBe(message)
  })
  it.each(titled(service))('on a service: %s', (_, one, message) => {
    expect(messageOf(one, 'service')).toBe(message)
  })
  it.each(titled(general))('for what has no wording of its own: %s', (_, one, message) => {
    expect(messageOf(one, 'host')).toBe(message)
    expect(messageOf(one, 'service')).toBe(message)
  })

  it('are there for every code of every check', () => {
    const known = (of: string): string[] =>
      (of === 'host' ? host : service).map(([one]) => `${one.check}.${one.code}`)
    const missing = Object.entries(findingCodes).flatMap(([check, codes]) =>
      Object.keys(codes)
        .map((code) => `${check.replace('service ', '')}.${code}`)
        .filter(
          (key) =>
            !known(check.startsWith('service ') ? 'service' : 'host').includes(key) &&
            !known('service').includes(key),
        ),
    )
    expect(missing).toEqual([])
  })

  it('show names of strangers escaped and clipped', () => {
    const said = sentenceOf(
      finding('folders', 'gone\u001b[2J', 'warning', { item: `/tmp/\u202e${'x'.repeat(300)}` }),
      'host',
    )
    expect(said.subject).toMatch(/^folder \/tmp\/\\u202ex+…x+$/)
    expect(said.subject.length).toBeLessThan(100)
    expect(said.fact).toBe('gone\\x1b[2J')
    expect(sentenceOn({ service: 'a\nb', finding: finding('oom', 'kills', 'ok') }).subject).toBe('a\\nb OOM')
  })

  it('take names such as `constructor` as names', () => {
    expect(subjectOf({ check: 'constructor' })).toBe('constructor')
    expect(messageOf(finding('__proto__', 'toString', 'warning'), 'host')).toBe('__proto__ toString')
  })

  it('have no mend for what is well', () => {
    for (const [one] of [...host, ...service])
      if (one.status === 'ok')
        expect(sentenceOf(one, service.some(([other]) => other === one) ? 'service' : 'host').mend).toBeNull()
  })
})

const own: [finding: Finding, message: string][] = [
  [
    finding('log', 'unwritable', 'warning', {
      args: { cause: 'io', what: '/var/log/o', detail: 'ENOSPC: no space left on device' },
    }),
    'own log could not be written: /var/log/o: ENOSPC: no space left on device — free some space there',
  ],
  [
    finding('history', 'unwritable', 'warning', {
      args: { cause: 'denied', what: '/nonexistent/.local', detail: 'EACCES' },
    }),
    'own history could not be recorded, so growth is not seen: permission denied on /nonexistent/.local — name a folder that this user may write: --state-dir DIR, or another HOME',
  ],
  [
    finding('state', 'unwritable', 'warning', {
      args: { cause: 'io', what: '/var/lib/o', detail: 'EROFS: read-only file system' },
    }),
    'own state could not be saved, so the next run will not know of this one, and nothing is restarted: /var/lib/o: EROFS: read-only file system — remount it writable, or choose another folder',
  ],
  [
    finding('state', 'broken', 'warning', { args: { detail: 'no JSON', setAsideTo: '/s.broken' } }),
    'own state was broken (no JSON), begun anew; the old one is kept as /s.broken',
  ],
  [
    finding('state', 'unreadable', 'warning', { args: { detail: 'EACCES', setAsideTo: null, file: '/s' } }),
    'own state could not be read (EACCES), begun anew — see who may read /s',
  ],
  [
    finding('state', 'clock-went-back', 'warning', { args: { detail: 'by 2h' } }),
    'clock went back (by 2h) — see whether the time is kept by NTP',
  ],
  [
    finding('log', 'not-pruned', 'warning', {
      args: { cause: 'denied', what: '/var/log/o/x', detail: '', files: 3 },
    }),
    'own log 3 old files could not be removed: permission denied on /var/log/o/x — run as root',
  ],
  [
    finding('orphans', 'frozen', 'critical', { args: { detail: 'still frozen: /sys/fs/cgroup/x' } }),
    'kill-orphans could not thaw what it had frozen (still frozen: /sys/fs/cgroup/x); nothing in there runs — echo 0 >FOLDER/cgroup.freeze, or echo THAWED >FOLDER/freezer.state where that is there',
  ],
  [
    finding('jobs', 'killed', 'warning', { item: 'cleanup-tmp', args: { runs: 3 } }),
    'job cleanup-tmp was killed 3 times in a row before it was done — see whether the kernel did it for memory (`oratio-health crash-report`), or a bound of cron or systemd that is too short for it',
  ],
  [
    finding('log', 'not-cut', 'warning', {
      args: { cause: 'denied', what: '/var/log/o/output_x.log', detail: 'is a symbolic link; it is not cut' },
    }),
    'own log could not be cut, and grows: permission denied on /var/log/o/output_x.log — run as root',
  ],
  [
    finding('config', 'warning', 'warning', {
      item: '1',
      args: { detail: '/etc/x.yaml is world-readable and holds a secret' },
    }),
    'config /etc/x.yaml is world-readable and holds a secret',
  ],
]

describe('sentences on this tool itself', () => {
  it.each(titled(own))('%s', (_, one, message) => {
    expect(messageOf(one, 'host')).toBe(message)
  })
})
