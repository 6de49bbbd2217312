import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/commands/command.ts'
import { command } from '../../src/commands/status.ts'
import type { FleetHost } from '../../src/core/fleet.ts'
import { makeHost } from '../../src/host/real.ts'
import { metricsEnd, metricsHead } from '../../src/report/metrics-text.ts'
import { textWidth } from '../../src/report/width.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf } from './temp-host.ts'

const top = tempFolder('fleet')

const host = () =>
  makeHost({
    ...{ root: '/', dryRun: false, logAction: () => {}, onEndSignal: () => {} },
    out: {
      ...{ stdoutIsTerminal: false, stderrIsTerminal: false, columns: 80, color: false },
      ...{ stdout: () => {}, stderr: () => {} },
    },
  })

const stamp = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString()

const finding = (message: string, status = 'warning') => ({ check: 'x', code: 'y', status, message })

const document = (name: string, over: object = {}): string =>
  JSON.stringify({
    ...{
      schema: 'oratio-health/check@1',
      version: '1',
      host: name,
      startedAt: stamp(60),
      finishedAt: stamp(60),
    },
    ...{ status: 'ok', exitCode: 0, findings: [], services: [], ownFindings: [], ...over },
  })

const figures = (secondsAgo = 60): string =>
  [
    ...[metricsHead, `oratio_health_last_run_timestamp_seconds ${Date.now() / 1000 - secondsAgo}`],
    ...['oratio_health_host_status 0', metricsEnd, ''],
  ].join('\n')

/** A folder with these files; null makes a folder. */
const folder = (files: Record<string, string | null>): string => {
  const at = mkdtempSync(join(top, 'x-'))
  for (const [name, content] of Object.entries(files)) {
    const path = join(at, name)
    mkdirSync(content === null ? path : dirname(path), { recursive: true })
    if (content !== null) writeFileSync(path, content)
  }
  return at
}

const run = (from: string[], options: object = {}, global: object = {}): Promise<CommandResult> =>
  command.run({ ...contextOf(host(), global), options: { from, ...options } })

const hostsOf = (result: CommandResult): FleetHost[] => {
  expect(validateDocument(documentOf(result))).toEqual([])
  return result.document?.body.hosts as FleetHost[]
}

const view = { columns: 80, color: false, verbose: false }

describe('status --from', () => {
  it('finds hosts by documents, figures and folders, and leaves others alone', async () => {
    const at = folder({
      ...{ 'a.json': document('a.example.org'), 'b.prom': figures(), 'c/oratio_health.prom': figures() },
      ...{ 'c/apt.prom': 'apt_upgrades 3\n', 'd/last.json': document('d'), 'd/lost': 'x' },
      ...{ 'README.md': 'x', '.e.json.part': '{', '.ssh': null, 'lost+found': null },
    })
    const result = await run([at])
    expect(hostsOf(result).map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...['a.example.org ok', 'b ok', 'c ok', 'd ok'],
    ])
    expect(result.status).toBe('ok')
    expect(result.text(view)).toMatch(/^OK {2}4 hosts, all well\n/)
  })

  it.each<[string, (path: string) => void, RegExp]>([
    ['half-written', (path) => writeFileSync(path, document('a').slice(0, 60)), /half-written/],
    ['empty', (path) => writeFileSync(path, ''), /is empty/],
    ['binary', (path) => writeFileSync(path, Buffer.from([0, 255, 254, 10])), /no whole JSON/],
    ['a link', (path) => symlinkSync('/etc/passwd', path), /symbolic link/],
    ['a FIFO', (path) => spawnSync('mkfifo', [path]), /a FIFO/],
    ['a folder', (path) => mkdirSync(path), /is a folder/],
    [
      'of 100 MB',
      (path) => {
        writeFileSync(path, '')
        truncateSync(path, 100 * 1024 ** 2)
      },
      /has 100.0 MiB, more than/,
    ],
  ])('says of a file that is %s what it is, and is unknown', async (_, make, words) => {
    const at = folder({ 'well.json': document('well') })
    make(join(at, 'a.json'))
    const result = await run([at])
    const [first] = hostsOf(result)
    expect([first?.name, first?.status, result.status]).toEqual(['a', 'unknown', 'unknown'])
    expect(first?.problems[0]?.message).toMatch(words)
  })

  it('of a folder of a host with nothing in it says so, and of no host at all', async () => {
    expect(hostsOf(await run([folder({ web: null })]))[0]?.problems[0]?.message).toContain(
      'nothing was gathered',
    )
    const empty = await run([folder({})])
    expect(empty.status).toBe('unknown')
    expect(empty.text(view)).toContain('these folders hold no host')
    const gone = await run([join(top, 'gone'), folder({ 'a.json': document('a') })])
    expect(gone.status).toBe('unknown')
    expect(gone.text(view)).toContain('is not there')
  })

  it('is as bad as the worst of them', async () => {
    const bad = document('b', { status: 'critical', findings: [finding('disk / 99%', 'critical')] })
    const result = await run([folder({ 'a.json': '{', 'b.json': bad })])
    expect(result.status).toBe('critical')
    expect(result.text(view)).toContain('CRIT  b: disk / 99%')
    const old = document('a', { finishedAt: stamp(600) })
    expect((await run([folder({ 'a.json': old })])).status).toBe('ok')
    expect((await run([folder({ 'a.json': old })], { maxAge: 300 })).status).toBe('unknown')
  })

  it('fits, and shows names of others as what they are', async () => {
    const evil = '<img src=x onerror=alert(1)>\u001b[31m\u202e\n'
    const files = {
      'a.json': document(evil, { status: 'warning', findings: [finding(`${evil}${'word '.repeat(60)}`)] }),
      [`${'n'.repeat(200)}.json`]: document(''),
    }
    const output = join(top, 'page.html')
    const result = await run([folder(files)], { output })
    for (const columns of [40, 60, 80, 200]) {
      const text = result.text({ ...view, columns, verbose: true })
      const lines = text.split('\n').filter((line) => !line.startsWith(output))
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns)
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    }
    const page = readFileSync(output, 'utf8')
    expect(statSync(output).mode & 0o777).toBe(0o600)
    expect(page).not.toMatch(/<img|<script|\u001b|\u202e/)
    expect(page).toContain('&#60;img src=x onerror=alert(1)&#62;\\x1b[31m\\u202e\\n')
    expect(page.match(/Content-Security-Policy/g)).toHaveLength(1)
  })

  it('writes no page in a dry run, and refuses what does not go together', async () => {
    const from = [folder({ 'a.json': document('a') })]
    const output = join(top, 'none.html')
    expect((await run(from, { output }, { dryRun: true })).text(view)).toContain('DRY would write')
    expect(() => statSync(output)).toThrow()
    expect((await run(from, { output: '-' })).text(view)).toMatch(/^<!doctype html>/)
    await expect(run(from, { output: '-' }, { json: true })).rejects.toMatchObject({ code: 64 })
    await expect(run(from, { watch: true })).rejects.toMatchObject({ code: 64 })
    const context = contextOf(host())
    const withNames = { ...context, args: ['web'], options: { from } }
    await expect(command.run(withNames)).rejects.toMatchObject({ code: 64 })
    for (const options of [{ output }, { maxAge: 60 }])
      await expect(command.run({ ...context, options })).rejects.toMatchObject({ code: 64 })
  })

  it('reads a thousand hosts', async () => {
    const service = { name: 's', status: 'ok', metrics: {}, findings: [] }
    const services = Array.from({ length: 10 }, (_, i) => ({ ...service, name: `s${i}` }))
    const files = Array.from({ length: 1000 }, (_, i) => [`h${i}.json`, document(`h${i}`, { services })])
    const result = await run([folder(Object.fromEntries(files))])
    expect(hostsOf(result)).toHaveLength(1000)
    expect(result.text(view).split('\n').length).toBeLessThan(40)
    expect(result.text({ ...view, verbose: true }).split('\n').length).toBeGreaterThan(1000)
  })
})
