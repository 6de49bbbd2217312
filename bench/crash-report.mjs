// What crash-report costs: on a journal of a million lines, a tenth of them the kernel's, beside the `journalctl -k -o
// json` whose lines it needs, and on log files of 2 GB.
//
//   npm run bench:crash [ROUNDS=5] [GIGABYTES=2]
//
// Takes turns (A B A B …), medians, peak RSS as the kernel counts it. The journal is made by systemd-journal-remote
// (installed where it is missing, as root on Debian; another place: JOURNAL_REMOTE=PATH); without it that part is not
// measured. Needs a built dist/, and room for what it makes in $TMPDIR.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const [rounds, gigabytes] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 2)]
const bin = join(import.meta.dirname, '../bin/oratio-health.js')
const journalRemote = process.env.JOURNAL_REMOTE ?? '/lib/systemd/systemd-journal-remote'
const work = mkdtempSync(join(tmpdir(), 'oratio-health-bench-'))

const noise = [
  'usb 1-1: new high-speed USB device number 2 using xhci_hcd',
  'IPv6: ADDRCONF(NETDEV_CHANGE): veth12ab: link becomes ready',
  'docker0: port 1(veth9f) entered blocking state',
  'audit: type=1400 audit(1700000000.123:45): apparmor="STATUS" operation="profile_load" profile="unconfined" name="docker-default" pid=1234',
  'EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)',
  '[UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12:34:56 SRC=203.0.113.9 DST=198.51.100.4 LEN=40 TOS=0x00 PREC=0x00 TTL=244 ID=54321 PROTO=TCP SPT=45123 DPT=22 WINDOW=1024 RES=0x00 SYN URGP=0',
]
const kill = [
  'python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  ...Array.from(
    { length: 300 },
    (_, i) =>
      `[${String(2000 + i).padStart(7)}]     0 ${2000 + i}     5405       80   106496      0             0 worker`,
  ),
  '[   1010]     0  1010  2000000  1500000    12345        0             0 capture_monitor',
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/capture.service,task_memcg=/system.slice/capture.service,task=capture_monitor,pid=1010,uid=0',
  'Memory cgroup out of memory: Killed process 1010 (capture_monitor) total-vm:8000000kB, anon-rss:6000000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:12345kB oom_score_adj:0',
]
const startMs = Date.now() - 86_400_000
const bootId = '0b7e1d2c3f4a4b5c8d9e0f1a2b3c4d5e'
const two = (number) => String(number).padStart(2, '0')
const stamp = (ms) => {
  const at = new Date(ms)
  return `${at.toLocaleString('en', { month: 'short' })} ${String(at.getDate()).padStart(2)} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
let [stampSecond, stampText] = [-1, '']
/** One line in ten is of the kernel, and the kills are. */
const origin = (text, n) =>
  n % 10 === 0 || kill.includes(text)
    ? '_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\n'
    : `_TRANSPORT=stdout\nSYSLOG_IDENTIFIER=app\n_SYSTEMD_UNIT=app${n % 50}.service\n_PID=${1000 + (n % 50)}\n`
/** The `n`th line of 200 a second and its time. */
const forms = {
  'kern.log': (text, ms) => {
    const second = Math.floor(ms / 1000)
    if (second !== stampSecond) [stampSecond, stampText] = [second, stamp(ms)]
    return `${stampText} box kernel: [${((ms - startMs) / 1000).toFixed(6)}] ${text}\n`
  },
  'journal.json': (text, ms, n) =>
    `${JSON.stringify({ __CURSOR: `s=6f1c;i=${n.toString(16)}`, __REALTIME_TIMESTAMP: String(Math.round(ms * 1000)), __MONOTONIC_TIMESTAMP: String(n * 5000), _BOOT_ID: bootId, _TRANSPORT: 'kernel', PRIORITY: '6', SYSLOG_FACILITY: '0', SYSLOG_IDENTIFIER: 'kernel', _HOSTNAME: 'box', MESSAGE: text })}\n`,
  'journal.export': (text, ms, n) =>
    `__REALTIME_TIMESTAMP=${Math.round(ms * 1000)}\n__MONOTONIC_TIMESTAMP=${n * 5000 + 1}\n_BOOT_ID=${bootId}\n_HOSTNAME=box\nPRIORITY=6\n${origin(text, n)}MESSAGE=${text}\n\n`,
}

/** Writes lines of a form until there are so many lines or bytes, with a kill every 500,000 lines. */
const write = (
  path,
  form,
  { lines = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, stepMs },
) => {
  const fd = openSync(path, 'w')
  let [n, size, text] = [0, 0, '']
  while (n < lines && size < bytes) {
    const next = n % 500_000 === 250_000 ? kill : [noise[n % noise.length]]
    for (const one of next) text += form(one, startMs + n++ * stepMs, n)
    if (text.length < 4e6 && n < lines) continue
    size += writeSync(fd, text)
    text = ''
  }
  closeSync(fd)
  return { n, size }
}

/** Milliseconds; of our program its CPU time and peak RSS too, by getrusage of itself alone: journalctl maps the whole journal. */
const once = (argv, env, output) => {
  const [fd, rss] = [openSync(output ?? '/dev/null', 'w'), join(work, 'rss')]
  const from = process.hrtime.bigint()
  const ran = spawnSync(argv[0], argv.slice(1), {
    env: { ...env, RSS_FILE: rss },
    stdio: ['ignore', fd, 'inherit'],
  })
  const ms = Number(process.hrtime.bigint() - from) / 1e6
  closeSync(fd)
  if (ran.error) throw ran.error
  const used = existsSync(rss)
    ? JSON.parse(readFileSync(rss, 'utf8'))
    : { maxRSS: 0, userCPUTime: 0, systemCPUTime: 0 }
  return { ms, mib: used.maxRSS / 1024, cpuMs: (used.userCPUTime + used.systemCPUTime) / 1000 }
}
writeFileSync(
  join(work, 'rss.cjs'),
  "process.on('exit', () => require('fs').writeFileSync(process.env.RSS_FILE, JSON.stringify(process.resourceUsage())))",
)
const ours = [process.execPath, '--require', join(work, 'rss.cjs'), bin, 'crash-report', '--json']

const environment = { PATH: process.env.PATH, HOME: work, TZ: process.env.TZ ?? '' }
const places = ['--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]

const killsOf = (path) =>
  JSON.parse(readFileSync(path, 'utf8')).events.filter(({ kind }) => kind === 'oom-kill').length

const measureFile = (name) => {
  const path = join(work, name)
  const { n, size } = write(path, forms[name], { bytes: gigabytes * 1024 ** 3, stepMs: 5 })
  const output = join(work, 'document')
  const argv = [...ours, '--from', path, ...places]
  const runs = Array.from({ length: rounds }, () => once(argv, environment, output))
  const expected = Math.floor((n + 250_000) / 500_000)
  const kills = killsOf(output)
  rmSync(path)
  if (Math.abs(kills - expected) > 1)
    throw new Error(`${name}: ${kills} kills of about ${expected} were found`)
  const ms = median(runs.map((run) => run.ms))
  return {
    name,
    lines: n,
    bytes: size,
    ms,
    megabytesPerSecond: size / 1e3 / ms,
    cpuMs: median(runs.map((run) => run.cpuMs)),
    mib: Math.max(...runs.map((run) => run.mib)),
  }
}

/** As root on Debian; elsewhere that part is not measured. */
const install = () =>
  spawnSync(
    join(import.meta.dirname, '../scripts/real/packages.sh'),
    [`${journalRemote}=systemd-journal-remote`],
    {
      stdio: 'ignore',
    },
  )

const measureJournal = () => {
  install()
  if (!existsSync(journalRemote)) return null
  const folder = join(work, 'journal')
  mkdirSync(folder)
  write(join(work, 'export'), forms['journal.export'], { lines: 1_000_000, stepMs: 80 })
  const made = spawnSync(journalRemote, ['-o', join(folder, 'bench.journal'), join(work, 'export')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`${journalRemote}: ${made.stderr || made.error}`)
  // The program asks the journal of the host; here that is the one that was made.
  const tools = join(work, 'bin')
  mkdirSync(tools)
  const real = spawnSync('sh', ['-c', 'command -v journalctl'], { encoding: 'utf8' }).stdout.trim()
  writeFileSync(join(tools, 'journalctl'), `#!/bin/sh\nexec ${real} --directory=${folder} "$@"\n`)
  chmodSync(join(tools, 'journalctl'), 0o755)
  const env = { ...environment, PATH: `${tools}:${process.env.PATH}` }
  const output = join(work, 'document')
  const [reports, plain] = [[], []]
  for (let i = 0; i < rounds + 1; i++) {
    const a = once([...ours, '--since', '2d', ...places], env, output)
    const b = once(['journalctl', '--quiet', '--no-pager', '-o', 'json', '_TRANSPORT=kernel'], env)
    // The first round warms caches.
    if (i > 0) reports.push(a) && plain.push(b)
  }
  if (killsOf(output) < 2) throw new Error(`${killsOf(output)} kills were found in the journal`)
  const [ms, journalctlMs] = [median(reports.map((run) => run.ms)), median(plain.map((run) => run.ms))]
  return { ms, journalctlMs, ratio: ms / journalctlMs, mib: Math.max(...reports.map((run) => run.mib)) }
}

try {
  const journal = measureJournal()
  const files = ['kern.log', 'journal.json'].map(measureFile)
  console.log(JSON.stringify({ rounds, journal, files }))
  if (journal === null) console.log(`journal of 1,000,000 lines: not measured, there is no ${journalRemote}`)
  else
    console.log(
      `journal of 1,000,000 lines: ${journal.ms.toFixed(0)} ms, journalctl ${journal.journalctlMs.toFixed(0)} ms, ratio ${journal.ratio.toFixed(2)}; ${journal.mib.toFixed(0)} MiB at most`,
    )
  for (const { name, lines, bytes, ms, megabytesPerSecond, cpuMs, mib } of files)
    console.log(
      `${name}, ${(bytes / 1e9).toFixed(2)} GB, ${lines} lines: ${(ms / 1000).toFixed(1)} s, ${megabytesPerSecond.toFixed(0)} MB/s, ${(cpuMs / 1000).toFixed(1)} s of CPU time; ${mib.toFixed(0)} MiB at most`,
    )
  const holds =
    (journal === null || journal.ratio <= 1.3) &&
    [...files, journal ?? { mib: 0 }].every(({ mib }) => mib <= 90)
  process.exitCode = !holds ? 1 : journal === null ? 2 : 0
} finally {
  rmSync(work, { recursive: true, force: true })
}
