// How the cost of `check` and `cleanup-tmp` grows with what there is to look at: processes, services and files, from a
// usual host to ten times that. Start-up is taken off by the smaller of two sizes: what is told is the slope, and how much
// more a further thing costs at ten times the size.
//
//   node bench/growth.mjs [ROUNDS=9]
//
// Prints a JSON document.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const rounds = Number(process.argv[2] ?? 9)
const launcher = join(import.meta.dirname, '../bin/oratio-health.js')
const work = mkdtempSync(join(tmpdir(), 'oratio-bench-'))
const env = { PATH: process.env.PATH, HOME: work }
const places = ['--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]

/** CPU time in ms of one run: other programs stretch it least. */
const cpuMs = (args) => {
  const ran = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null', '-', process.execPath, launcher, ...args],
    { env, encoding: 'utf8' },
  )
  if (ran.status > 3) throw new Error(`${args.join(' ')}: ${ran.status} ${ran.stderr}`)
  const [user, system] = ran.stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return (user + system) * 1000
}

/** For each size, the median of runs that take turns over what was set up for it. */
const measure = (sizes, prepare, argsOf) => {
  const seen = sizes.map(() => [])
  for (let round = 0; round <= rounds; round++)
    sizes.forEach((size, i) => {
      prepare(size, round)
      const ms = cpuMs(argsOf(size, round))
      if (round > 0) seen[i].push(ms)
    })
  return seen.map(median)
}

/** Of three sizes: µs for each further thing, and how that changes from the first stretch to the second. */
const slopes = (what, sizes, ms) => {
  const [early, late] = [1, 2].map((i) => ((ms[i] - ms[i - 1]) * 1000) / (sizes[i] - sizes[i - 1]))
  return { what, sizes, ms, microsecondsEach: late, growth: late / early }
}

const startSleepers = (count) =>
  new Promise((resolve, reject) => {
    const script = `i=0; while [ $i -lt ${count} ]; do sleep 900 & echo $!; i=$((i+1)); done; echo done; wait`
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    shell.on('error', reject)
    shell.stdout.on('data', (part) => {
      text += part
      if (text.endsWith('done\n')) resolve((text.match(/\d+/g) ?? []).map(Number))
    })
  })

const processCount = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length

const measureProcesses = async () => {
  const started = []
  const [sizes, ms] = [[], []]
  try {
    for (const wanted of [300, 1500, 3000]) {
      started.push(...(await startSleepers(Math.max(0, wanted - processCount()))))
      const [one] = measure(
        [wanted],
        () => {},
        () => ['check', '-q', ...places],
      )
      sizes.push(processCount())
      ms.push(one)
    }
  } finally {
    for (const pid of started)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
  }
  return slopes('processes', sizes, ms)
}

const measureServices = () => {
  const pidfile = join(work, 'pid')
  writeFileSync(pidfile, String(process.pid))
  const sizes = [10, 50, 100]
  const configOf = (count) => join(work, `services-${count}.yaml`)
  for (const count of sizes) {
    const lines = Array.from(
      { length: count },
      (_, i) => `  s${i}: { pidfile: "${pidfile}", memory: { warn: 90% } }`,
    )
    writeFileSync(configOf(count), `services:\n${lines.join('\n')}\n`, { mode: 0o600 })
  }
  const argsOf = (count) => [
    ...['check', '-q', '-c', configOf(count)],
    ...['--state-dir', join(work, `state-${count}`), '--log-dir', join(work, 'log')],
  ]
  return slopes(
    'services',
    sizes,
    measure(sizes, () => {}, argsOf),
  )
}

const measureFiles = () => {
  const sizes = [10_000, 50_000, 100_000]
  const old = new Date(Date.now() - 3 * 86_400_000)
  const tree = join(work, 'tree')
  const prepare = (count) => {
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(tree)
    for (let i = 0; i < count; i++) {
      if (i % 100 === 0) mkdirSync(join(tree, `d${i / 100}`))
      const path = join(tree, `d${Math.floor(i / 100)}/f${i}`)
      writeFileSync(path, '')
      utimesSync(path, old, old)
    }
  }
  const args = ['cleanup-tmp', '-q', '--by', 'mtime', '--no-keep-open', ...places, tree]
  return slopes(
    'files',
    sizes,
    measure(sizes, prepare, () => args),
  )
}

try {
  const rows = [await measureProcesses(), measureServices(), measureFiles()]
  process.stdout.write(`${JSON.stringify({ rounds, rows })}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
