// What `watch` costs over many rounds: CPU time of a round, and memory. No service, default thresholds, a new state folder.
//
//   npm run bench:watch [ROUNDS=10000]
//
// Prints a JSON document and a line.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const rounds = Number(process.argv[2] ?? 10_000)
/** The first rounds fill buffers and have V8 compile. */
const warmShare = 0.2
const usualIntervalMs = 30_000
const folder = mkdtempSync(join(tmpdir(), 'oratio-health-watch-'))
const config = join(folder, 'config.yaml')
writeFileSync(config, 'host: { folders: [] }\n', { mode: 0o600 })
const bin = join(import.meta.dirname, '../bin/oratio-health.js')
const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout)

/** CPU time of the process so far, and its memory; null: it has ended. */
const look = (pid) => {
  try {
    const [, stat] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const [user, system] = stat.split(' ').slice(11, 13).map(Number)
    const rss = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return rss && { cpuMs: ((user + system) * 1000) / ticksPerSecond, mib: Number(rss[1]) / 1024 }
  } catch {
    return null
  }
}

const argv = [bin, 'watch', '-q', '--interval', '0.001s', '--count', String(rounds), '-c', config]
const places = ['--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')]
const child = spawn(process.execPath, [...argv, ...places], { stdio: ['ignore', 'ignore', 'inherit'] })
const samples = []
const timer = setInterval(() => {
  const seen = look(child.pid)
  if (seen !== null) samples.push(seen)
}, 250)
child.on('exit', (code) => {
  clearInterval(timer)
  rmSync(folder, { recursive: true, force: true })
  if (code === null || code > 3 || samples.length < 10) throw new Error(`watch ended with ${code}`)
  const warm = samples.slice(Math.floor(samples.length * warmShare)).map(({ mib }) => mib)
  const tenths = Array.from({ length: 8 }, (_, n) =>
    median(warm.slice(Math.floor((warm.length * n) / 8), Math.floor((warm.length * (n + 1)) / 8))),
  )
  const roundCpuMs = samples.at(-1).cpuMs / rounds
  const result = {
    rounds,
    roundCpuMs,
    percentOfCore: (roundCpuMs / usualIntervalMs) * 100,
    mib: { first: tenths[0], last: tenths.at(-1), all: tenths },
  }
  console.log(JSON.stringify(result))
  console.log(
    `${rounds} rounds: ${roundCpuMs.toFixed(1)} ms of CPU time each; ${tenths.map((mib) => mib.toFixed(1)).join('  ')} MiB`,
  )
})
