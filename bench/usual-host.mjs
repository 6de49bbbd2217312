// `check` on the usual host: 10 containers of a real Docker Engine and 3 HTTP probes, beside an empty Node script and
// beside the same in bash (bench/bash/health-check.sh). As root, with dockerd, docker and curl; strace counts processes.
//
//   node bench/usual-host.mjs [ROUNDS=15]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const top = join(import.meta.dirname, '..')
const launcher = join(top, 'bin/oratio-health.js')
const rounds = Number(process.argv[2] ?? 15)
const containers = 10
const probes = 3
const work = mkdtempSync(join(tmpdir(), 'oratio-bench-'))

const must = (argv, options = {}) => {
  const ran = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', ...options })
  if (ran.status !== 0) throw new Error(`${argv.join(' ')}: ${ran.status} ${ran.stderr}`)
  return ran.stdout.trim()
}

/** Wall and CPU time in ms of a command, with all it starts; nothing is inherited but PATH. */
const once = (argv, env) => {
  const from = process.hrtime.bigint()
  const ran = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1', '-', ...argv], {
    env: { PATH: process.env.PATH, HOME: work, ...env },
    encoding: 'utf8',
  })
  const wallMs = Number(process.hrtime.bigint() - from) / 1e6
  const cpu = ran.stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return { wallMs, cpuMs: (cpu[0] + cpu[1]) * 1000 }
}

const compare = (commands, env) => {
  const seen = commands.map(() => [])
  for (let round = 0; round <= rounds; round++)
    commands.forEach((argv, i) => {
      const figures = once(argv, env)
      if (round > 0) seen[i].push(figures)
    })
  return seen.map((all) => ({
    wallMs: median(all.map((f) => f.wallMs)),
    cpuMs: median(all.map((f) => f.cpuMs)),
  }))
}

const processesOf = (argv, env) => {
  const out = join(work, 'execs')
  const ran = spawnSync('strace', ['-f', '-qq', '-e', 'trace=execve', '-o', out, ...argv], {
    env: { PATH: process.env.PATH, HOME: work, ...env },
    stdio: 'ignore',
  })
  if (ran.error) return null
  // The first is the command itself.
  return (
    readFileSync(out, 'utf8')
      .split('\n')
      .filter((line) => / execve\(.*= 0$/.test(line)).length - 1
  )
}

const serve = () =>
  new Promise((resolve, reject) => {
    const code = `const servers = []; for (let i = 0; i < ${probes}; i++) { const s = require('http').createServer((q, a) => a.end('ok'));
      servers.push(new Promise((done) => s.listen(0, '127.0.0.1', () => done(s.address().port)))) }
      Promise.all(servers).then((ports) => console.log(ports.join(' ')))`
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.on('error', reject)
    child.stdout.once('data', (text) => resolve({ child, ports: String(text).trim().split(' ') }))
  })

const image = () => {
  const root = join(work, 'image')
  const libraries = must(['ldd', '/bin/sleep']).match(/\/\S+/g) ?? []
  for (const file of ['/bin/sleep', ...libraries]) must(['install', '-D', file, join(root, file)])
  const tar = join(work, 'image.tar')
  must(['tar', '-C', root, '-cf', tar, '.'])
  return tar
}

const configText = (ports) =>
  [
    'services:',
    ...Array.from({ length: containers }, (_, i) => {
      const probe = i < ports.length ? `, probes: [{ http: "http://127.0.0.1:${ports[i]}/" }]` : ''
      return `  bench-${i}: { container: bench-${i}, memory: { warn: 1G }${probe} }`
    }),
    '',
  ].join('\n')

const claim = (text, measured, bound, unit, detail) => ({
  claim: text,
  measured,
  bound,
  unit,
  holds: measured <= bound,
  detail,
})
const ms = (number) => `${number.toFixed(0)} ms`

const measure = async () => {
  const socket = must([join(top, 'scripts/real/dockerd.sh'), 'start', join(work, 'engine')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const env = { DOCKER_HOST: `unix://${socket}` }
  const { child, ports } = await serve()
  try {
    const docker = (...args) => must(['docker', ...args], { env: { ...process.env, ...env } })
    docker('import', image(), 'bench:1')
    for (let i = 0; i < containers; i++)
      docker(
        'run',
        '-d',
        '--name',
        `bench-${i}`,
        '--network',
        'none',
        '-m',
        '64m',
        'bench:1',
        '/bin/sleep',
        '3600',
      )
    const places = (config) => [
      '-c',
      config,
      '--state-dir',
      // One for each config: what it came to is kept there.
      `${config}.state`,
      '--log-dir',
      join(work, 'log'),
    ]
    const [probed, plain] = [join(work, 'probed.yaml'), join(work, 'plain.yaml')]
    writeFileSync(probed, configText(ports), { mode: 0o640 })
    writeFileSync(plain, configText([]), { mode: 0o640 })
    const check = [process.execPath, launcher, 'check', ...places(probed)]
    const unprobed = [process.execPath, launcher, 'check', ...places(plain)]
    const bash = [
      join(top, 'bench/bash/health-check.sh'),
      join(work, 'bash.log'),
      ...ports.map((port) => `http://127.0.0.1:${port}/`),
    ]
    const first = spawnSync(check[0], check.slice(1), {
      env: { PATH: process.env.PATH, HOME: work, ...env },
      encoding: 'utf8',
    })
    if (first.status === null || first.status > 2) throw new Error(`check: ${first.status} ${first.stderr}`)
    const [empty, own, without, shell] = compare([[process.execPath, '-e', '0'], check, unprobed, bash], env)
    const started = processesOf(check, env)
    const startedByBash = processesOf(bash, env)
    return [
      claim(
        'check, 10 containers / node -e 0',
        without.wallMs / empty.wallMs,
        2,
        '×',
        `${ms(without.wallMs)} / ${ms(empty.wallMs)}; with 3 probes ${ms(own.wallMs)}`,
      ),
      claim(
        'the same with probes / bash, wall',
        own.wallMs / shell.wallMs,
        1 / 25,
        '×',
        `${ms(own.wallMs)} / ${ms(shell.wallMs)}`,
      ),
      claim(
        'the same / bash, CPU',
        own.cpuMs / shell.cpuMs,
        1 / 4,
        '×',
        `${ms(own.cpuMs)} / ${ms(shell.cpuMs)}`,
      ),
      ...(started === null ? [] : [claim('processes it starts', started, 2, '', `bash: ${startedByBash}`)]),
    ]
  } finally {
    child.kill('SIGKILL')
    spawnSync(join(top, 'scripts/real/dockerd.sh'), ['stop', join(work, 'engine')])
  }
}

const lacks =
  process.getuid() !== 0
    ? 'root'
    : ['dockerd', 'docker', 'curl'].find((name) => spawnSync('which', [name]).status !== 0)
if (lacks !== undefined || !existsSync(join(top, 'dist/cli.cjs'))) {
  process.stderr.write(`not measured: it needs ${lacks ?? 'npm run build'}\n`)
  process.exit(2)
}
try {
  process.stdout.write(`${JSON.stringify({ bench: 'usual-host', rounds, claims: await measure() })}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
