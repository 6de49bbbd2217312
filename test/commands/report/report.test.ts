import { mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { GlobalOptions } from '../../../src/commands/command.ts'
import { command } from '../../../src/commands/report.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { PageData } from '../../../src/core/page-data.ts'
import { failed, value } from '../../../src/core/reading.ts'
import { dayStamp, localStamp } from '../../../src/core/stamp.ts'
import { unpackNumbers, unpackTimes } from '../../../src/core/vlq.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeHost } from '../../../src/host/real.ts'
import { historyPath } from '../../../src/store/history-file.ts'
import { recordWeek, weekOfKinds } from '../../support/recorded-week.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, documentOf } from '../temp-host.ts'

const top = tempFolder('report')
const nowMs = new Date(2026, 10, 26, 12, 0, 0).getTime()
const parts = { script: 'void 0', style: '.u{}', hash: 'sha256-x', library: 'uPlot 0', licence: 'MIT' }
const mib = 1024 ** 2

const hostAt = (over: Partial<Host> = {}): Host => {
  const out = { stdoutIsTerminal: false, stderrIsTerminal: false, columns: 80, color: false }
  const real = makeHost({
    ...{ root: '/', dryRun: false, logAction: () => {}, onEndSignal: () => {} },
    out: { ...out, stdout: () => {}, stderr: () => {} },
  })
  const ownPart = async () => value(JSON.stringify(parts))
  return { ...real, hostname: 'box', now: () => nowMs, ownPart, ...over }
}

const report = async (
  folder: string,
  options: Record<string, unknown> = {},
  {
    global = {},
    host = {},
    config = '',
  }: { global?: Partial<GlobalOptions>; host?: Partial<Host>; config?: string } = {},
) => {
  const context = contextOf(hostAt(host), {
    ...{ stateDir: join(folder, 'state'), logDir: join(folder, 'logs') },
    ...global,
  })
  const output = join(folder, 'page.html')
  const file = join(folder, 'config.yaml')
  if (config !== '') writeFileSync(file, config, { mode: 0o600 })
  const loaded = config === '' ? null : await loadConfig(context.host, file)
  const result = await command.run({ ...context, loaded, options: { output, ...options } })
  const document = documentOf(result)
  expect(validateDocument(document)).toEqual([])
  return { result, document, output, text: result.text({ columns: 80, color: false, verbose: false }) }
}

const dataIn = (page: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as PageData

const fresh = (): string => mkdtempSync(join(top, 'x-'))

describe('report', () => {
  it('writes one page with a chart of each service, what matters first', async () => {
    const at = fresh()
    recordWeek(at, { nowMs, minutes: 1440, services: weekOfKinds(1440) })
    const { result, document, output, text } = await report(at, { since: 86_400 })
    expect(result.status).toBe('ok')
    const page = readFileSync(output, 'utf8')
    expect(document).toMatchObject({ path: output, bytes: Buffer.byteLength(page), notes: [] })
    const services = document.services as { service: string | null; verdict: string; restarts: number }[]
    expect(services).toHaveLength(7)
    expect(services[0]).toMatchObject({ verdict: 'leak' })
    expect(services.find(({ service }) => service === 'capture_monitor.py')).toMatchObject({
      restarts: 6,
      alerts: 1,
    })
    expect(services.filter(({ service }) => service === null)).toHaveLength(1)
    expect(page.match(/<section class="service"/g)).toHaveLength(7)
    expect(page.match(/<svg viewBox="0 0 1000 300"/g)).toHaveLength(7)
    expect(text).toContain(`${output}, `)
    expect(text).toMatch(/^Memory of the host and 6 services: \d leaks?, /)
    expect(statSync(output).mode & 0o777).toBe(0o600)
  })

  it('carries the values as they were recorded, not rounded, and downsampled with peaks and floors kept', async () => {
    const at = fresh()
    recordWeek(at, {
      ...{ nowMs, minutes: 1440 },
      services: [
        {
          name: 'web',
          bytesAt: (minute) => (minute === 700 ? 900 : minute === 300 ? 10 : 100 + (minute % 7)) * mib,
        },
      ],
    })
    const { output } = await report(at, { since: 86_400 })
    const web = dataIn(readFileSync(output, 'utf8')).services.find(({ name }) => name === 'web')
    const times = unpackTimes(web?.times ?? '')
    const [floors, peaks] = [web?.floors, web?.peaks].map((text) => unpackNumbers(text ?? ''))
    const of = (steps: readonly number[] | undefined) =>
      (steps ?? []).map((one) => (one * (web?.unit ?? 0)) / mib)
    expect(times.length).toBeLessThanOrEqual(722)
    expect(Math.max(...of(peaks))).toBe(900)
    expect(Math.min(...of(floors))).toBe(10)
    expect((times[0] ?? 0) * 1000).toBeLessThanOrEqual(nowMs - 1439 * 60_000)
  })

  it('escapes what others can write, in the page, its data and on the terminal', async () => {
    const at = fresh()
    recordWeek(at, { nowMs, minutes: 200, services: weekOfKinds(200) })
    const { output, text } = await report(at, { since: 86_400 }, { host: { hostname: '<box>\u001b[31m' } })
    const page = readFileSync(output, 'utf8')
    expect(page).not.toContain('<img')
    expect(page).not.toContain('<box>')
    expect(page).not.toContain('<b>could')
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    expect(`${page}${text}`).not.toMatch(/[\u001b\u202e]/)
    expect(dataIn(page).services.map(({ name }) => name)).toContain('</script><img src=x onerror="alert(1)">')
    expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-x'")
  })

  it('says of what it is not known yet whether it grows', async () => {
    const at = fresh()
    recordWeek(at, { nowMs, minutes: 3, services: [{ name: 'web', bytesAt: () => 100 * mib }] })
    const { text } = await report(at)
    expect(text).toContain('Memory of the host and 1 service: of 2 it is not known yet whether they grow.\n')
  })

  it('of a host with no history says so, and is not fine', async () => {
    const { result, document, output, text } = await report(fresh())
    expect(result.status).toBe('unknown')
    expect(document.services).toEqual([])
    expect(text).toContain('no memory was recorded')
    expect(readFileSync(output, 'utf8')).toContain('No memory was recorded on this host')
  })

  it('names a history that cannot be read, and is then done in part', async () => {
    const at = fresh()
    const { stateDir } = recordWeek(at, { nowMs, minutes: 60, services: weekOfKinds(60) })
    writeFileSync(historyPath(stateDir, ''), 'x'.repeat(3000))
    const { result, document } = await report(at)
    expect(result.status).toBe('warning')
    expect(document.notes).toEqual(['the host is not on this page: its header is broken'])
  })

  it('of a check each 20 minutes has no gap in a day but where there is one, and forecasts', async () => {
    const at = fresh()
    recordWeek(at, {
      ...{ nowMs: nowMs - 10 * 60_000, minutes: 1440, everyMinutes: 20 },
      services: [{ name: 'web', bytesAt: (m) => (100 + m) * mib, limitBytes: 4096 * mib, gap: [400, 600] }],
    })
    const { output, document } = await report(at, { since: 86_400 })
    const web = dataIn(readFileSync(output, 'utf8')).services.find(({ name }) => name === 'web')
    expect(web?.gaps).toHaveLength(1)
    expect(web?.cone).not.toBeNull()
    expect(document.notes).toEqual([])
  })

  it('says that nothing was recorded of late, and then forecasts nothing', async () => {
    const at = fresh()
    const services = [{ name: 'web', bytesAt: (m: number) => (100 + m) * mib, limitBytes: 4096 * mib }]
    recordWeek(at, { nowMs: nowMs - 40 * 60_000, minutes: 300, services })
    for (const since of [86_400, 30 * 86_400]) {
      const { output, document } = await report(at, { since })
      expect(document.notes).toEqual(['nothing was recorded for 40m: does check still run?'])
      expect(dataIn(readFileSync(output, 'utf8')).services.every(({ cone }) => cone === null)).toBe(true)
    }
  })

  it('says which services have nothing in this time', async () => {
    const at = fresh()
    recordWeek(at, { nowMs: nowMs - 5 * 86_400_000, minutes: 60, services: weekOfKinds(60).slice(0, 2) })
    recordWeek(at, { nowMs, minutes: 60, services: [{ name: 'new', bytesAt: () => 5 * mib }] })
    const { document } = await report(at, { since: 3600 })
    expect(document.notes).toEqual(['nothing was recorded in this time of capture_monitor.py, electron-cash'])
  })

  it("names a service of the config that was never recorded, with its alerts, and not as the host's", async () => {
    const at = fresh()
    const { logDir } = recordWeek(at, { nowMs, minutes: 60, services: [] })
    const log = `health_${dayStamp(nowMs)}.log`
    writeFileSync(join(logDir, log), `[${localStamp(nowMs)}] CRIT gone state: not there — start it\n`)
    const config = 'services:\n  gone: { unit: gone.service }\n'
    const { document } = await report(at, { since: 3600 }, { config })
    expect(document.notes).toEqual(['nothing was recorded in this time of gone (1 alert)'])
    expect(document.services).toMatchObject([{ service: null, alerts: 0 }])
  })

  it('replaces a symlink and follows none, writes nothing with --dry-run, and leaves no temporary file', async () => {
    const at = fresh()
    recordWeek(at, { nowMs, minutes: 60, services: weekOfKinds(60) })
    const victim = join(at, 'victim')
    writeFileSync(victim, 'keep')
    symlinkSync(victim, join(at, 'page.html'))
    const { text } = await report(at, {}, { global: { dryRun: true } })
    expect(text).toMatch(/DRY would write .*page\.html/)
    await report(at)
    expect(readFileSync(victim, 'utf8')).toBe('keep')
    expect(readdirSync(at).sort()).toEqual(['logs', 'page.html', 'state', 'victim'])
  })

  it('prints the page with -o -', async () => {
    const at = fresh()
    recordWeek(at, { nowMs, minutes: 60, services: weekOfKinds(60) })
    const { text, document } = await report(at, { output: '-' })
    expect(text).toMatch(/^<!doctype html>/)
    expect(document.path).toBeNull()
  })

  it('of records that are not for this user says so, and writes no empty page', async () => {
    const at = fresh()
    const list = () => failed('denied', '/var/lib/oratio-health/history', 'permission denied')
    const { save } = hostAt()
    const asked = report(at, {}, { host: { save: { ...save, list } } })
    await expect(asked).rejects.toThrow(/the history cannot be read: .*permission denied/)
    await expect(asked).rejects.toMatchObject({ code: 77 })
    expect(readdirSync(at)).toEqual([])
  })

  it.each([
    [{ output: undefined }, {}, {}, /needs a place/],
    [{ output: '-' }, { json: true }, {}, /not both/],
    [{ since: 5 }, {}, {}, /from 1m to 365d/],
    [{ since: 400 * 86_400 }, {}, {}, /from 1m to 365d/],
    [{}, {}, { live: false }, /no records/],
    [{ output: '/nowhere/page.html' }, {}, {}, /the page was not written: .*nowhere/],
  ])('refuses %j %j %j', async (options, global, host, words) => {
    await expect(report(fresh(), options, { global, host })).rejects.toThrow(words)
  })
})
