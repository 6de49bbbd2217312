// Makes docs/pictures/ from what the built program really prints: `npm run build && npm run pictures`. It takes Chromium
// (CHROMIUM, /usr/bin/chromium) for the page, and script(1) of util-linux for the terminal.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { screenLines, terminalSvg } from './pictures/terminal-svg.mjs'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const program = join(top, 'bin/oratio-health.js')
const target = join(top, 'docs/pictures')
const folder = mkdtempSync(join(tmpdir(), 'oratio-pictures-'))
const columns = 80
const started = []

/** Runs the program on a terminal of its own; gives what it wrote, with the time of each piece. */
const onTerminal = (args) =>
  new Promise((resolve, reject) => {
    const startMs = performance.now()
    const words = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    const shell = `stty cols ${columns} rows 60; ${words.join(' ')}`
    const env = { PATH: process.env.PATH, HOME: folder, TERM: 'xterm-256color', LANG: 'C.UTF-8', TZ: 'UTC' }
    const child = spawn('script', ['-qec', shell, '/dev/null'], {
      env,
      cwd: top,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const chunks = []
    child.stdout.setEncoding('utf8').on('data', (text) => chunks.push([performance.now() - startMs, text]))
    child.on('error', reject)
    child.on('close', () => resolve(chunks))
  })

const picture = async (name, command, args, options = {}) => {
  const lines = screenLines(await onTerminal(args))
  if (lines.length < 5) throw new Error(`${command} printed next to nothing`)
  writeFileSync(join(target, `${name}.svg`), terminalSvg(command, lines, { columns, ...options }))
  process.stdout.write(`docs/pictures/${name}.svg: ${lines.length} lines\n`)
}

/** What records a week in the tests: the program's own writers. */
const recorders = async () => {
  const outfile = join(folder, 'week.cjs')
  await build({
    stdin: {
      contents: `
        export { identityHash } from './src/core/identity-hash.ts'
        export { recordWeek, weekOfKinds } from './test/support/recorded-week.ts'`,
      resolveDir: top,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  })
  return createRequire(import.meta.url)(outfile)
}

const nowMs = Math.floor(Date.now() / 60_000) * 60_000
const mib = 1024 ** 2

const recordedWeek = ({ recordWeek, weekOfKinds }) => {
  const minutes = 7 * 1440
  // Two are there for the tests alone.
  const services = weekOfKinds(minutes).filter(({ name }) => /^[\w.-]+$/.test(name) && name.length < 40)
  return recordWeek(join(folder, 'week'), { nowMs, minutes, services })
}

const kinds = [
  {
    name: 'wallet',
    holds: 240,
    before: (hours) => 4.2 * hours,
    memory: { warn: '400M', growth: { warn: '2M/h', crit: '50M/h' } },
  },
  { name: 'indexer', holds: 140, before: () => 0, memory: { warn: '400M' } },
  { name: 'web', holds: 60, before: (hours) => 9 * Math.sin(hours / 3.8), memory: { warn: '200M' } },
]

/** Three programs that really run, each with a day of records up to what it holds now; then a real check of them. */
const watchedDay = async ({ recordWeek, identityHash }) => {
  const place = join(folder, 'day')
  mkdirSync(place, { mode: 0o750 })
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const running = kinds.map(({ name, holds }) => {
    const child = spawn(process.execPath, [
      ...[
        '-e',
        `globalThis.kept = Buffer.alloc(${holds} * ${mib}, 1); console.log('up'); setInterval(() => {}, 1e6)`,
        name,
      ],
    ])
    started.push(child)
    writeFileSync(join(place, `${name}.pid`), `${child.pid}\n`, { mode: 0o640 })
    return child
  })
  await Promise.all(running.map(({ stdout }) => new Promise((resolve) => stdout.once('data', resolve))))
  const services = kinds.map(({ name, before }, index) => {
    const { pid } = running[index]
    const anonymous = Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
    const startTicks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
    return {
      ...{ name, identity: identityHash(`${bootId}:${pid}:${startTicks}`) },
      bytesAt: (minute, noise) => anonymous - before((1440 - minute) / 60) * mib - noise() * mib,
    }
  })
  const folders = recordWeek(place, { nowMs: nowMs - 60_000, minutes: 1440, services })
  const config = join(place, 'config.yaml')
  const off = { warn: 'off', crit: 'off' }
  const host = { memory: off, swap: off, cpu: off, pressure: off, disks: off, folders: [] }
  const watched = kinds.map(({ name, memory }) => [name, { pidfile: join(place, `${name}.pid`), memory }])
  writeFileSync(config, JSON.stringify({ host, services: Object.fromEntries(watched) }), { mode: 0o640 })
  const options = ['-c', config, '--state-dir', folders.stateDir, '--log-dir', folders.logDir]
  spawnSync(process.execPath, [program, 'check', '-q', ...options], { stdio: 'inherit' })
  return options
}

const pageOf = async ({ stateDir, logDir }) => {
  const file = join(folder, 'week.html')
  const folders = ['--state-dir', stateDir, '--log-dir', logDir]
  spawnSync(process.execPath, [program, 'report', '-q', '-o', file, ...folders], { stdio: 'inherit' })
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
    ],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 1150 } })
    await page.goto(`file://${file}`)
    await page.locator('.u-over').first().waitFor()
    await page.screenshot({ path: join(target, 'report.png') })
    process.stdout.write('docs/pictures/report.png\n')
  } finally {
    await browser.close()
  }
}

try {
  mkdirSync(target, { recursive: true })
  const host = (name) => ['--root', join(top, 'test/fixtures/hosts', name)]
  await picture('check', 'oratio-health check -v', [
    'check',
    '-v',
    ...host('trading'),
    '--state-dir',
    join(folder, 's'),
  ])
  const record = await recorders()
  await picture('status', 'oratio-health status', ['status', ...(await watchedDay(record))])
  await pageOf(recordedWeek(record))
  await picture('demo', 'oratio-health demo', ['demo'], { rows: 30, seconds: 24, columns: 84 })
} finally {
  for (const child of started) child.kill()
  rmSync(folder, { recursive: true, force: true })
}
