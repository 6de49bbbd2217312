// Makes docs/pictures/ from what the built program really prints: `npm run build && npm run pictures`. It takes Chromium
// (CHROMIUM, /usr/bin/chromium) for the page, and script(1) of util-linux for the terminal.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

/** The week of the tests: recorded by the program's own writers. */
const recordedWeek = async () => {
  const outfile = join(folder, 'week.cjs')
  await build({
    stdin: {
      contents: `export { recordWeek, weekOfKinds } from './test/support/recorded-week.ts'`,
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
  const { recordWeek, weekOfKinds } = createRequire(import.meta.url)(outfile)
  const minutes = 7 * 1440
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000
  // Two are there for the tests alone.
  const services = weekOfKinds(minutes).filter(({ name }) => /^[\w.-]+$/.test(name) && name.length < 40)
  return recordWeek(join(folder, 'week'), { nowMs, minutes, services })
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
  const week = await recordedWeek()
  await pageOf(week)
  await picture('demo', 'oratio-health demo', ['demo'], { rows: 30, seconds: 24, columns: 88 })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
