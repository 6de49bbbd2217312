import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { HistoryRecord } from '../../src/core/history.ts'
import { localStamp } from '../../src/core/stamp.ts'
import { formatBytes } from '../../src/core/units.ts'
import { makeSave } from '../../src/host/save.ts'
import { historyPath, readHistory } from '../../src/store/history-file.ts'
import { recordsOf } from '../../src/store/history-series.ts'
import { liveBase } from '../support/bases.ts'
import { recordWeek, weekOfKinds } from '../support/recorded-week.ts'

// The page of `report` in a real browser. scripts/e2e.sh installs it and builds the program; alone, this takes dist/.
const browserPath = '/usr/bin/chromium'
const program = process.env.ORATIO_E2E_PROGRAM ?? join(import.meta.dirname, '../../bin/oratio-health.js')
const hasBrowser = existsSync(browserPath)
if (!hasBrowser) process.stdout.write(`report.test.ts is skipped: there is no ${browserPath}\n`)

const minuteMs = 60_000
const weekMinutes = 7 * 1440
const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
const desk = { viewport: { width: 1100, height: 900 } }

const folder = mkdtempSync(join(tmpdir(), 'oratio-report-'))
const week = join(folder, 'week.html')
let browser: Browser

const launched = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath,
    args: [
      ...['--no-sandbox', '--headless', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  })

const writeReport = (at: string, file: string): { stdout: string; milliseconds: number } => {
  const folders = ['--state-dir', join(at, 'state'), '--log-dir', join(at, 'logs')]
  const from = performance.now()
  const ran = spawnSync(process.execPath, [program, 'report', '-o', file, '--json', ...folders], {
    encoding: 'utf8',
  })
  const milliseconds = performance.now() - from
  expect(ran.stderr).toBe('')
  return { stdout: ran.stdout, milliseconds }
}

const opened = async (file: string, options: BrowserContextOptions): Promise<Page> => {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => wrong.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (!request.url().startsWith('file://') && !request.url().startsWith('data:')) wrong.push(request.url())
  })
  onTestFinished(() => expect(wrong).toEqual([]))
  await page.goto(`file://${file}`)
  return page
}

const sectionOf = (page: Page, name: string): Locator =>
  page.locator('.service').filter({ has: page.locator('h2', { hasText: name }) })

/** The chart of a service, once it is drawn. */
const chartOf = async (
  page: Page,
  name: string,
): Promise<{ over: Locator; output: Locator; drawn: Locator }> => {
  const section = sectionOf(page, name)
  await section.scrollIntoViewIfNeeded()
  const over = section.locator('.u-over')
  await over.waitFor()
  return { over, output: section.locator('output'), drawn: section.locator('.drawn') }
}

/** What is read where the pointer is, at a share of the width. */
const readAt = async (
  { over, output }: { over: Locator; output: Locator },
  share: number,
): Promise<string> => {
  const box = await over.boundingBox()
  if (box === null) throw new Error('no chart')
  await over.page().mouse.move(box.x + box.width * share, box.y + box.height / 2)
  return output.innerText()
}

const timeIn = (text: string): number => Date.parse(text.slice(0, 16).replace(' ', 'T'))

const recorded = (name: string): HistoryRecord[] => {
  const save = makeSave(liveBase, () => nowMs)
  const path = historyPath(join(folder, 'state'), name)
  const now = nowMs + 5 * minuteMs
  const read = readHistory(save, path, name, (file) => recordsOf(file, now - 7 * 86_400_000, now, now))
  if (read.kind !== 'value') throw new Error(JSON.stringify(read))
  return read.value
}

describe.skipIf(!hasBrowser)('the page of report', () => {
  beforeAll(async () => {
    recordWeek(folder, { nowMs, minutes: weekMinutes, services: weekOfKinds(weekMinutes), everyMinutes: 5 })
    writeReport(folder, week)
    browser = await launched()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('tells under the pointer what was recorded', async () => {
    const page = await opened(week, desk)
    for (const name of ['electron-cash', 'postgres']) {
      const records = recorded(name)
      const chart = await chartOf(page, name)
      for (const share of [0.05, 0.2, 0.5, 0.77]) {
        const text = await readAt(chart, share)
        const record = records.find((one) => localStamp(one.firstAtMs).slice(0, 16) === text.slice(0, 16))
        if (name === 'postgres' && text.includes('nothing recorded')) continue
        if (record === undefined) throw new Error(`nothing was recorded at the time of: ${text}`)
        const { floorBytes, peakBytes, usedBytes, limitBytes } = record
        expect(text).toContain(`holds ${formatBytes(floorBytes)} to ${formatBytes(peakBytes)} `)
        expect(text).toContain(
          `counts ${formatBytes(usedBytes ?? 0)} of its ${formatBytes(limitBytes ?? 0)} limit`,
        )
      }
    }
    const chart = await chartOf(page, 'postgres')
    expect(await readAt(chart, 0.36)).toContain('nothing recorded')
  })

  it('tells restarts, alerts, marks and the forecast where they are', async () => {
    const page = await opened(week, desk)
    const monitor = await chartOf(page, 'capture_monitor.py')
    const seen = new Set<string>()
    for (let share = 0; share < 1; share += 0.004)
      for (const line of (await readAt(monitor, share)).split('\n').slice(1)) seen.add(line)
    const lines = [...seen]
    expect(lines).toContain('restarted: 3 failed checks in a row')
    expect(lines).toContain('mark: release 2.4.1')
    expect(lines).toContain('warning: memory: 82% of 2.0 GiB, warning from 80%')
    const leak = await chartOf(page, 'electron-cash')
    expect(await readAt(leak, 0.999)).toMatch(/forecast: 1\.5 GiB on \d{4}-\d\d-\d\d \d\d:\d\d, in /)
  })

  it('zooms by a drag, and shows the whole again by a double click', async () => {
    const page = await opened(week, desk)
    const chart = await chartOf(page, 'electron-cash')
    const [from, to] = [timeIn(await readAt(chart, 0.3)), timeIn(await readAt(chart, 0.5))]
    await readAt(chart, 0.3)
    await page.mouse.down()
    await readAt(chart, 0.5)
    await page.mouse.up()
    const step = 15 * minuteMs
    expect(Math.abs(timeIn(await readAt(chart, 0.001)) - from)).toBeLessThanOrEqual(step)
    expect(Math.abs(timeIn(await readAt(chart, 0.999)) - to)).toBeLessThanOrEqual(step)
    await chart.over.dblclick()
    expect(Math.abs(timeIn(await readAt(chart, 0.3)) - from)).toBeLessThanOrEqual(step)
  })

  it('is moved along and zoomed by keys, and by buttons', async () => {
    const page = await opened(week, desk)
    const chart = await chartOf(page, 'electron-cash')
    await chart.drawn.focus()
    await page.keyboard.press('End')
    const last = timeIn(await chart.output.innerText())
    await page.keyboard.press('ArrowLeft')
    expect(timeIn(await chart.output.innerText())).toBe(last - 15 * minuteMs)
    await page.keyboard.press('Shift+ArrowLeft')
    expect(timeIn(await chart.output.innerText())).toBe(last - 11 * 15 * minuteMs)
    await page.keyboard.press('Home')
    const first = timeIn(await chart.output.innerText())
    expect(last - first).toBeGreaterThan(6.9 * 86_400_000)
    await page.keyboard.press('End')
    const span = async (): Promise<number> =>
      timeIn(await readAt(chart, 0.7)) - timeIn(await readAt(chart, 0.1))
    const whole = await span()
    for (const key of ['+', '+']) await page.keyboard.press(key)
    expect((await span()) / whole).toBeCloseTo(0.25, 1)
    await page.keyboard.press('-')
    expect((await span()) / whole).toBeCloseTo(0.5, 1)
    await page.keyboard.press('Escape')
    expect((await span()) / whole).toBeCloseTo(1, 1)
    await sectionOf(page, 'electron-cash')
      .getByRole('button', { name: /^Zoom in/ })
      .click()
    expect((await span()) / whole).toBeCloseTo(0.5, 1)
    await sectionOf(page, 'electron-cash')
      .getByRole('button', { name: /^Show the whole/ })
      .click()
    expect((await span()) / whole).toBeCloseTo(1, 1)
  })

  it('is reached by Tab, with a ring that shows where one is', async () => {
    const page = await opened(week, desk)
    await chartOf(page, 'capture_monitor.py')
    await page.evaluate('document.querySelector("#s0 h2").scrollIntoView()')
    let found = false
    for (let i = 0; i < 20 && !found; i++) {
      await page.keyboard.press('Tab')
      found = (await page.evaluate('document.activeElement.className')) === 'drawn'
    }
    expect(found).toBe(true)
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')).toBe('3px')
  })

  it.each(['light', 'dark'] as const)('has words that can be read in %s (4.5:1)', async (colorScheme) => {
    const page = await opened(week, { ...desk, colorScheme })
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    const weak = await page.evaluate(contrastBelow(4.5))
    expect(weak).toEqual([])
    const dark = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(dark).toBe(colorScheme === 'dark' ? 'rgb(14, 17, 22)' : 'rgb(246, 247, 249)')
  })

  it('fits a phone, without a horizontal scroll bar, and has buttons for thumbs', async () => {
    const page = await opened(week, phone)
    const section = sectionOf(page, 'electron-cash')
    await (await chartOf(page, 'electron-cash')).over.tap()
    // A tap is heard only after a moment.
    await expect
      .poll(() => section.locator('output').innerText(), { timeout: 10_000 })
      .toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d holds/)
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    // Nor one of the table, with the widest that a cell can be.
    const wider = `(() => {
      const [box] = document.querySelectorAll('.scroll')
      for (const cell of box.querySelectorAll('td')) if (/B$/.test(cell.textContent)) cell.textContent = '1023.9 MiB'
      return box.scrollWidth - box.clientWidth
    })()`
    expect(await page.evaluate(wider)).toBe(0)
    expect((await section.getByRole('button').first().boundingBox())?.height).toBeGreaterThanOrEqual(36)
  })

  it('is a picture and a table where no script runs', async () => {
    const page = await opened(week, { ...desk, javaScriptEnabled: false })
    expect(await page.locator('.drawn').count()).toBe(0)
    const section = sectionOf(page, 'electron-cash')
    const box = await section.locator('svg').boundingBox()
    expect(box?.width).toBeGreaterThan(500)
    expect(box?.height).toBeGreaterThan(150)
    expect(await section.locator('svg path.floor').getAttribute('d')).toMatch(/^M\d+ \d+l/)
    await section.locator('summary').click()
    expect(await section.locator('table.figures tbody tr').count()).toBeGreaterThanOrEqual(7)
    await expect(section.locator('table.figures').isVisible()).resolves.toBe(true)
  })

  it('prints: the picture, its figures and events on white, whatever the screen had', async () => {
    const page = await opened(week, { ...desk, colorScheme: 'dark' })
    await chartOf(page, 'electron-cash')
    await page.emulateMedia({ media: 'print' })
    const section = sectionOf(page, 'electron-cash')
    expect(await section.locator('.still').isVisible()).toBe(true)
    expect(await section.locator('.drawn').isVisible()).toBe(false)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    expect((await section.locator('table.figures').boundingBox())?.height).toBeGreaterThan(50)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeGreaterThan(20_000)
  })

  it('shows names of others as they are written, and runs none of them', async () => {
    const page = await opened(week, desk)
    await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true')
    expect(await page.locator('img, b:not(output b)').count()).toBe(0)
    expect(await page.locator('h2').allInnerTexts()).toContainEqual(
      expect.stringContaining('</script><img src=x onerror="alert(1)">'),
    )
    expect(await page.locator('h2').allInnerTexts()).toContainEqual(
      expect.stringContaining('abc\\u202egpj.exe'),
    )
    await chartOf(page, 'onerror')
    expect(await page.locator('.events').allInnerTexts()).toContainEqual(
      expect.stringContaining('<b>could not</b>'),
    )
  })

  it('keeps still for who asked for less motion', async () => {
    const page = await opened(week, { ...desk, reducedMotion: 'reduce' })
    expect(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior')).toBe('auto')
  })

  it('of 50 services and 7 days is less than 1 MB, and opens', async () => {
    const many = mkdtempSync(join(folder, 'many-'))
    const services = Array.from({ length: 50 }, (_, i) => ({
      name: `service-${i}`,
      bytesAt: (minute: number, noise: () => number) =>
        (200 + i * 20 + minute * 0.01 + 150 * noise()) * 1024 ** 2,
      limitBytes: 2 ** 31,
      restartMinutes: [0, 1000 + i * 50, 5000],
    }))
    recordWeek(many, { nowMs, minutes: weekMinutes, services, everyMinutes: 7 })
    const file = join(many, 'page.html')
    const { stdout, milliseconds } = writeReport(many, file)
    const { bytes, services: told } = JSON.parse(stdout) as { bytes: number; services: { values: number }[] }
    process.stdout.write(`report of 50 services and 7 days: ${bytes} bytes, ${Math.round(milliseconds)} ms\n`)
    expect(bytes).toBeLessThan(1_000_000)
    expect(readFileSync(file).length).toBe(bytes)
    expect(told).toHaveLength(51)
    expect(Math.min(...told.map(({ values }) => values))).toBeGreaterThan(600)
    const page = await opened(file, desk)
    await chartOf(page, 'service-49')
    // Drawn when they come into view, not all at once.
    expect(await page.locator('.drawn').count()).toBeLessThan(51)
    // Most of it is recording 73,000 samples.
  }, 300_000)

  it('of a host without records says so', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'))
    const file = join(empty, 'page.html')
    const folders = ['--state-dir', join(empty, 'state'), '--log-dir', join(empty, 'logs')]
    const ran = spawnSync(process.execPath, [program, 'report', '-o', file, ...folders], { encoding: 'utf8' })
    expect(ran.status).toBe(3)
    const page = await opened(file, phone)
    expect(await page.locator('main').innerText()).toContain('No memory was recorded on this host')
  })
})

describe.skipIf(!hasBrowser)('the page of crash-report', () => {
  const file = join(folder, 'crash.html')

  beforeAll(async () => {
    browser = await launched()
    mkdirSync(folder, { recursive: true })
    const log = join(folder, 'kern.log')
    writeFileSync(log, kernelLog)
    spawnSync(process.execPath, [program, 'crash-report', '--from', log, '--format', 'html', '-o', file])
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(['light', 'dark'] as const)(
    'can be read in %s, and runs nothing of others',
    async (colorScheme) => {
      const page = await opened(file, { ...desk, colorScheme })
      expect(await page.evaluate(contrastBelow(4.5))).toEqual([])
      expect(await page.locator('#suspects').innerText()).toContain('<img src=x')
      expect(await page.locator('img, script').count()).toBe(0)
      expect(await page.locator('#timeline tr').count()).toBe(3)
    },
  )

  it('fits a phone and prints', async () => {
    const page = await opened(file, phone)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(5000)
  })
})

describe.skipIf(!hasBrowser)('the page of status --from', () => {
  const at = mkdtempSync(join(tmpdir(), 'oratio-fleet-'))
  const file = join(at, 'page.html')
  const hostile = '</td><script>alert(1)</script><img src=x>'

  beforeAll(async () => {
    browser = await launched()
    const stamp = new Date().toISOString()
    const finding = { check: 'x', code: 'y', status: 'critical', message: `${'word '.repeat(40)}${hostile}` }
    const document = (host: string, status: string, findings: object[]): string =>
      JSON.stringify({
        ...{ schema: 'oratio-health/check@1', host, status, finishedAt: stamp, findings, services: [] },
      })
    writeFileSync(join(at, 'bad.json'), document(hostile, 'critical', [finding]))
    writeFileSync(join(at, 'well.json'), document('well', 'ok', []))
    writeFileSync(join(at, 'half.json'), '{')
    const ran = spawnSync(process.execPath, [program, 'status', '--from', at, '-o', file])
    expect(ran.status).toBe(2)
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(at, { recursive: true, force: true })
  })

  it.each(['light', 'dark'] as const)(
    'can be read in %s, and runs nothing of others',
    async (colorScheme) => {
      const page = await opened(file, { ...desk, colorScheme })
      await page.evaluate('document.querySelector("details").open = true')
      expect(await page.evaluate(contrastBelow(4.5))).toEqual([])
      expect(await page.locator('tbody th').allInnerTexts()).toEqual([hostile, 'half', 'well'])
      expect(await page.locator('img, script').count()).toBe(0)
    },
  )

  it('fits a phone and prints', async () => {
    const page = await opened(file, phone)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect((await page.locator('.what').first().boundingBox())?.width).toBeGreaterThan(300)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(5000)
  })
})

const kernelLog = [
  ...[1, 2].map(
    (i) =>
      `2026-11-2${i}T03:00:00+00:00 box kernel: Out of memory: Killed process 4${i} (<img src=x a=1>) total-vm:11964kB, anon-rss:4288000kB, file-rss:3028kB, shmem-rss:0kB`,
  ),
  `2026-11-23T03:00:00+00:00 box app[9]: [2026-11-23 03:00:00 +0000] [9] [CRITICAL] WORKER TIMEOUT (pid:${'7'.repeat(300)})`,
  '',
].join('\n')

/** For the page: words whose contrast to what lies behind them is below a ratio (WCAG 2.2, 1.4.3). */
const contrastBelow = (ratio: number): string => `(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor)
      if (color.length === 3 || color[3] === 1) return color
    }
    return [255, 255, 255]
  }
  const weak = []
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    if (!own || element.matches('script, style') || !element.checkVisibility()) continue
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))]
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (contrast < ${ratio}) weak.push(element.tagName + '.' + element.className + ' ' + contrast.toFixed(2))
  }
  return [...new Set(weak)]
})()`
