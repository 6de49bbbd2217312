// How fast one pass over /proc is, beside `ps`, on a host with many processes.
//
//   node bench/process-scan.mjs [PROCESSES=5000] [ROUNDS=11]
//
// Starts that many sleeping processes, then takes turns (scan, ps, scan, ps …). Node's start-up is not counted; the
// start-up of ps is, and is also given apart (`ps --version`; `ps -p 1` scans all of /proc). On a busy machine look at
// the ratio and at the CPU time, which other programs do not stretch. Prints a JSON document and a line.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median } from './median.mjs'

const repo = dirname(dirname(fileURLToPath(import.meta.url)))
const wanted = Number(process.argv[2] ?? 5000)
const rounds = Number(process.argv[3] ?? 11)

const timed = (work) => {
  const from = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - from) / 1e6
}

const bundled = async (folder) => {
  const outfile = join(folder, 'processes.mjs')
  await build({
    entryPoints: [join(repo, 'src/host/processes.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  })
  return import(pathToFileURL(outfile).href)
}

// A shell forks them: a `sleep` of its own each, as real processes have pages of their own. They end by themselves
// after ten minutes should this program be killed.
const startSleepers = (count) =>
  new Promise((resolve, reject) => {
    const script = `i=0; while [ $i -lt ${count} ]; do sleep 600 & echo $!; i=$((i+1)); done; echo done; wait`
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    shell.on('error', reject)
    shell.on('exit', () => reject(new Error('the shell ended before all processes were started')))
    shell.stdout.on('data', (part) => {
      text += part
      if (text.endsWith('done\n')) resolve({ shell, pids: text.match(/\d+/g).map(Number) })
    })
  })

// The shell has not waited for them yet, so no pid can belong to anybody else.
const stopSleepers = async ({ shell, pids }) => {
  shell.removeAllListeners('exit')
  const ended = new Promise((resolve) => shell.once('exit', resolve))
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await ended
}

const ps = (...args) => {
  const nothing = openSync('/dev/null', 'w')
  const ran = spawnSync('ps', args, { stdio: ['ignore', nothing, 'inherit'] })
  closeSync(nothing)
  if (ran.status !== 0) throw new Error(`ps ended with ${ran.status ?? ran.signal ?? ran.error}`)
}

const measure = (makeProcesses) => {
  const base = { root: '/', live: true, uid: process.getuid(), pid: process.pid, env: {}, at: (path) => path }
  const scan = () => makeProcesses(base).scan().value
  const scanWithCommands = () => {
    const processes = makeProcesses(base)
    for (const { pid } of processes.scan().value.processes) processes.commandLine(pid)
  }
  for (let i = 0; i < 3; i++) {
    scanWithCommands()
    ps('-eo', 'pid,ppid,rss,comm')
  }

  const times = {
    scan: [],
    ps: [],
    pgrep: [],
    scanWithCommands: [],
    psStart: [],
    scanUserCpu: [],
    scanSystemCpu: [],
  }
  for (let i = 0; i < rounds; i++) {
    const cpuBefore = process.cpuUsage()
    times.scan.push(timed(scan))
    const cpu = process.cpuUsage(cpuBefore)
    times.scanUserCpu.push(cpu.user / 1000)
    times.scanSystemCpu.push(cpu.system / 1000)
    times.ps.push(timed(() => ps('-eo', 'pid,ppid,rss,comm')))
    times.scanWithCommands.push(timed(scanWithCommands))
    times.pgrep.push(timed(() => spawnSync('pgrep', ['-f', 'no such command line'], { stdio: 'ignore' })))
    times.psStart.push(timed(() => ps('--version')))
  }
  const processes = scan().processes.length
  const ms = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
  return {
    processes,
    rounds,
    scanMs: ms.scan,
    psMs: ms.ps,
    ratio: ms.scan / ms.ps,
    psStartMs: ms.psStart,
    ratioWithoutPsStart: ms.scan / (ms.ps - ms.psStart),
    microsecondsPerProcess: (ms.scan * 1000) / processes,
    cpuMicrosecondsPerProcess: ((ms.scanUserCpu + ms.scanSystemCpu) * 1000) / processes,
    scanUserCpuMs: ms.scanUserCpu,
    scanSystemCpuMs: ms.scanSystemCpu,
    scanWithCommandsMs: ms.scanWithCommands,
    pgrepMs: ms.pgrep,
    scanMsAll: times.scan,
    psMsAll: times.ps,
  }
}

const rounded = (_, v) => (typeof v === 'number' ? Math.round(v * 1000) / 1000 : v)

const folder = mkdtempSync(join(tmpdir(), 'oratio-bench-'))
try {
  const { makeProcesses } = await bundled(folder)
  const sleepers = await startSleepers(wanted)
  try {
    const result = measure(makeProcesses)
    process.stdout.write(`${JSON.stringify(result, rounded)}\n`)
    process.stdout.write(
      `${result.processes} processes: scan ${result.scanMs.toFixed(1)} ms, ps ${result.psMs.toFixed(1)} ms, ` +
        `ratio ${result.ratio.toFixed(2)}, ${result.microsecondsPerProcess.toFixed(1)} µs a process\n`,
    )
  } finally {
    await stopSleepers(sleepers)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
