// What a minute of watching costs beside monit and earlyoom, which operators run today: CPU time of a round and memory.
// monit looks at the system, its own load and three processes by their pid files; earlyoom at the memory alone; `watch` at
// the whole host and the same three pid files. One round a second, for all of them.
//
//   node bench/peers.mjs [ROUNDS=30]
//
// As root on Debian: installs monit and earlyoom where they are missing, and starts neither as a service. Prints a JSON
// document.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = Number(process.argv[2] ?? 30)
const launcher = join(import.meta.dirname, '../bin/oratio-health.js')
const work = mkdtempSync(join(tmpdir(), 'oratio-bench-'))
const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)

const install = () => {
  const script = join(import.meta.dirname, '../scripts/real/packages.sh')
  const ran = spawnSync(script, ['monit=monit', 'earlyoom=earlyoom'], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`${script}: ${ran.stderr}`)
}

/** CPU time in ms and memory in MiB of a process now. */
const look = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return {
    cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond,
    mib: Number(rss?.[1]) / 1024,
  }
}

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000))

/** From the fifth second on, when it is warm. */
const measure = async (name, argv) => {
  const child = spawn(argv[0], argv.slice(1), {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: work },
  })
  try {
    await seconds(5)
    const before = look(child.pid)
    await seconds(rounds)
    const after = look(child.pid)
    return { name, roundCpuMs: (after.cpuMs - before.cpuMs) / rounds, mib: after.mib }
  } finally {
    child.kill('SIGKILL')
  }
}

const pidfiles = [1, 2, 3].map((n) => join(work, `pid-${n}`))
for (const file of pidfiles) writeFileSync(file, `${process.pid}\n`)

const monitrc = join(work, 'monitrc')
writeFileSync(
  monitrc,
  `set daemon 1
set idfile ${join(work, 'id')}
set statefile ${join(work, 'monit-state')}
set pidfile ${join(work, 'monit-pid')}
check system host
  if memory usage > 95% for 5 cycles then alert
  if swap usage > 90% for 5 cycles then alert
${pidfiles.map((file, i) => `check process p${i} with pidfile ${file}\n  if totalmem > 8 GB for 5 cycles then alert`).join('\n')}
`,
)
chmodSync(monitrc, 0o600)
const config = join(work, 'config.yaml')
writeFileSync(
  config,
  `services:\n${pidfiles.map((file, i) => `  p${i}: { pidfile: "${file}", memory: { warn: 8G } }`).join('\n')}\n`,
  { mode: 0o600 },
)

try {
  install()
  const places = ['--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]
  const rows = [
    await measure('monit', ['monit', '-I', '-c', monitrc]),
    await measure('earlyoom', ['earlyoom', '-r', '0', '--dryrun']),
    await measure('watch', [
      process.execPath,
      launcher,
      'watch',
      '-q',
      '--interval',
      '1s',
      '-c',
      config,
      ...places,
    ]),
  ]
  process.stdout.write(`${JSON.stringify({ rounds, rows })}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
