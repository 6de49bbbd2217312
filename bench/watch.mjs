// Memory of `watch` over many rounds: npm run bench:watch [ROUNDS]. No service, default thresholds, a new state folder.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = Number(process.argv[2] ?? 10_000)
const folder = mkdtempSync(join(tmpdir(), 'oratio-health-watch-'))
const config = join(folder, 'config.yaml')
writeFileSync(config, 'host: { folders: [] }\n', { mode: 0o600 })
const bin = join(import.meta.dirname, '../bin/oratio-health.js')
const argv = [bin, 'watch', '-q', '--interval', '0.001s', '--count', String(rounds), '-c', config]
const child = spawn(
  process.execPath,
  [...argv, '--state-dir', join(folder, 's'), '--log-dir', join(folder, 'l')],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
)
const startedMs = Date.now()
const samples = []
const timer = setInterval(() => {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    samples.push(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024)
  } catch {
    // It has ended.
  }
}, 250)
child.on('exit', (code) => {
  clearInterval(timer)
  rmSync(folder, { recursive: true, force: true })
  const seconds = (Date.now() - startedMs) / 1000
  const tenth = (n) => {
    const part = samples.slice(
      Math.floor((samples.length * n) / 10),
      Math.floor((samples.length * (n + 1)) / 10),
    )
    return [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)]?.toFixed(1)
  }
  console.log(`${rounds} rounds in ${seconds.toFixed(0)} s, exit ${code}; RSS in MiB, median of each tenth:`)
  console.log(Array.from({ length: 10 }, (_, n) => tenth(n)).join('  '))
})
