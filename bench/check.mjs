// What one `check` costs beside an empty Node script: wall time, peak memory, and what 50 and 200 containers add to it,
// beside `docker stats` for one of them.
//
//   node bench/check.mjs [ROUNDS=21] [--no-containers]
//
// Takes turns (A B A B …), compares medians, prints a JSON document and a table. Needs a built dist/; the containers
// need root, dockerd and curl (scripts/e2e.sh installs them).
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const top = join(import.meta.dirname, '..')
const launcher = join(top, 'bin', 'oratio-health.js')
const least = join(import.meta.dirname, 'least-check.cjs')
const rounds = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 21)
const wantedProcesses = 300
const containerCounts = [50, 200]

const work = mkdtempSync(join(tmpdir(), 'oratio-bench-'))

// NODE_EXTRA_CA_CERTS alone costs Node 20 37 to 53 ms at its start, on both sides; nothing is inherited but PATH.
const environment = { PATH: process.env.PATH, HOME: work }

const check = ['check', '--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]

const once = (args, env = {}) => {
  const from = process.hrtime.bigint()
  const ran = spawnSync(process.execPath, args, { env: { ...environment, ...env }, encoding: 'utf8' })
  const ms = Number(process.hrtime.bigint() - from) / 1e6
  if (ran.status === null || ran.status > 3)
    throw new Error(`${args.join(' ')}: ${ran.status ?? ran.signal}\n${ran.stderr}`)
  return ms
}

/** Medians in ms of several commands that take turns; the first round warms caches and does not count. */
const compare = (commands) => {
  const times = commands.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    commands.forEach(([args, env], i) => {
      const ms = once(args, env)
      if (round > 0) times[i].push(ms)
    })
  }
  return times.map(median)
}

// VmHWM is the kernel's own record of the most memory a process ever had. rusage would do too, but begins with what
// its parent had before exec. CPU time is what a busy machine stretches least.
const hook = join(work, 'at-exit.cjs')
writeFileSync(
  hook,
  `process.on('exit', () => { const fs = require('node:fs'), { user, system } = process.cpuUsage()
  const kb = /VmHWM:\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]
  fs.writeFileSync(process.env.AT_EXIT, JSON.stringify({ peakMiB: kb / 1024, cpuMs: (user + system) / 1000 })) })`,
)

const ownFigures = (args) => {
  const file = join(work, 'figures.json')
  const figures = []
  for (let round = 0; round < rounds; round++) {
    once(['--require', hook, ...args], { AT_EXIT: file })
    figures.push(JSON.parse(readFileSync(file, 'utf8')))
  }
  return { peakMiB: median(figures.map((f) => f.peakMiB)), cpuMs: median(figures.map((f) => f.cpuMs)) }
}

const processCount = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length

// They end by themselves after ten minutes should this program be killed.
const fillTo = (count) =>
  new Promise((resolve, reject) => {
    const missing = Math.max(0, count - processCount())
    const script = `i=0; while [ $i -lt ${missing} ]; do sleep 600 & echo $!; i=$((i+1)); done; echo done; wait`
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    shell.on('error', reject)
    shell.stdout.on('data', (part) => {
      text += part
      if (text.endsWith('done\n')) resolve({ shell, pids: (text.match(/\d+/g) ?? []).map(Number) })
    })
  })

const stopFilling = async ({ shell, pids }) => {
  const ended = new Promise((resolve) => {
    shell.once('exit', resolve)
    if (shell.exitCode !== null) resolve()
  })
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await ended
}

const script = (name, args, env = {}) => {
  const ran = spawnSync(join(top, 'scripts', 'real', name), args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (ran.status !== 0) throw new Error(`${name} ${args.join(' ')}: ${ran.status}`)
  return ran.stdout.trim()
}

const withoutEngine = () => {
  if (process.argv.includes('--no-containers')) return 'left out as asked'
  if (process.getuid() !== 0) return 'needs root'
  return spawnSync('sh', ['-c', 'command -v dockerd && command -v curl']).status === 0
    ? null
    : 'needs dockerd and curl'
}

// A static busybox would do, but any machine has a shell: its own libraries make an image of a few MB.
const smallImage = () => {
  const image = join(work, 'image')
  const libraries = spawnSync('ldd', ['/bin/sleep'], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? []
  const files = ['/bin/sleep', ...libraries]
  for (const file of files) spawnSync('install', ['-D', file, join(image, file)])
  const tar = join(work, 'image.tar')
  if (spawnSync('tar', ['-C', image, '-cf', tar, '.']).status !== 0) throw new Error('tar')
  return tar
}

const apiOf =
  (socket) =>
  (...args) => {
    const ran = spawnSync('curl', ['-sf', '--max-time', '60', '--unix-socket', socket, ...args], {
      encoding: 'utf8',
    })
    if (ran.status !== 0) throw new Error(`curl ${args.join(' ')}: ${ran.status} ${ran.stdout}`)
    return ran.stdout
  }

const url = (path) => `http://engine${path}`

const startContainers = (api, from, to) => {
  const body = JSON.stringify({
    Image: 'bench:1',
    Cmd: ['/bin/sleep', '3600'],
    HostConfig: { NetworkMode: 'none', Memory: 64 * 1024 * 1024 },
  })
  for (let i = from; i < to; i++) {
    api('-H', 'Content-Type: application/json', '-d', body, url(`/containers/create?name=bench-${i}`))
    api('-X', 'POST', url(`/containers/bench-${i}/start`))
  }
}

/** For each count: ms of a check without the engine and with it. */
const measureContainers = () => {
  const engine = join(work, 'engine')
  const socket = script('dockerd.sh', ['start', engine])
  try {
    const api = apiOf(socket)
    api(
      ...['-H', 'Content-Type: application/x-tar', '--data-binary', `@${smallImage()}`],
      url('/images/create?fromSrc=-&repo=bench&tag=1'),
    )
    const alone = [[launcher, ...check]]
    const beside = [[launcher, ...check], { DOCKER_HOST: `unix://${socket}` }]
    let started = 0
    const measured = containerCounts.map((count) => {
      startContainers(api, started, count)
      started = count
      const [noneMs, containersMs] = compare([alone, beside])
      return { count, noneMs, containersMs }
    })
    const from = process.hrtime.bigint()
    api(url('/containers/bench-0/stats?stream=false'))
    return { measured, statsMs: Number(process.hrtime.bigint() - from) / 1e6 }
  } finally {
    script('dockerd.sh', ['stop', engine])
  }
}

const claim = (text, measured, bound, unit, detail) => ({
  claim: text,
  measured,
  bound,
  unit,
  holds: bound === null || measured <= bound,
  detail,
})

const measure = async () => {
  const claims = []
  const filling = await fillTo(wantedProcesses)
  const processes = processCount()
  try {
    const [emptyMs, checkMs, leastMs] = compare([[['-e', '0']], [[launcher, ...check]], [[least, work]]])
    const own = ownFigures([launcher, ...check])
    const empty = ownFigures(['-e', '0'])
    const cpu = `CPU ${own.cpuMs.toFixed(0)} / ${empty.cpuMs.toFixed(0)} ms`
    const wall = `${checkMs.toFixed(0)} / ${emptyMs.toFixed(0)} ms, ${cpu}, ${processes} processes`
    claims.push(claim('check / node -e 0, wall time', checkMs / emptyMs, 1.3, '×', wall))
    const leastWall = `${leastMs.toFixed(0)} / ${emptyMs.toFixed(0)} ms`
    claims.push(claim('the same files, nothing judged / node -e 0', leastMs / emptyMs, null, '×', leastWall))
    const [bareMs, versionMs] = compare([[['-e', '0']], [[launcher, '--version']]])
    const detail = `${versionMs.toFixed(0)} / ${bareMs.toFixed(0)} ms`
    claims.push(claim('--version / node -e 0, wall time', versionMs / bareMs, 1.1, '×', detail))
    const memory = `${own.peakMiB.toFixed(0)} / ${empty.peakMiB.toFixed(0)} MiB`
    claims.push(claim('check / node -e 0, peak memory', own.peakMiB / empty.peakMiB, 1.25, '×', memory))
    claims.push(
      claim('check, peak memory', own.peakMiB, 55, 'MiB', `node -e 0: ${empty.peakMiB.toFixed(0)} MiB`),
    )
    const reason = withoutEngine()
    if (reason === null) {
      const { measured, statsMs } = measureContainers()
      for (const { count, noneMs, containersMs } of measured)
        claims.push(
          claim(
            `check, ${count} containers more than none`,
            containersMs - noneMs,
            count === 50 ? 300 : 150,
            'ms',
            `${containersMs.toFixed(0)} ms / ${noneMs.toFixed(0)} ms; the engine's own stats of one: ${statsMs.toFixed(0)} ms`,
          ),
        )
    } else process.stderr.write(`containers not measured: ${reason}\n`)
  } finally {
    await stopFilling(filling)
  }
  return claims
}

if (!existsSync(join(top, 'dist', 'cli.cjs')) || statSync(join(top, 'dist', 'cli.cjs')).size === 0) {
  process.stderr.write('dist/ is missing: npm run build\n')
  process.exit(2)
}
if (existsSync('/var/run/docker.sock'))
  process.stderr.write('this machine runs a Docker Engine of its own: "none" is not none\n')
try {
  const claims = await measure()
  process.stdout.write(`${JSON.stringify({ bench: 'check', rounds, claims })}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
