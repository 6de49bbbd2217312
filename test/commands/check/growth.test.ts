import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command } from '../../../src/commands/check.ts'
import type { GlobalOptions } from '../../../src/commands/command.ts'
import { runCommand } from '../../../src/commands/run-command.ts'
import { command as trend } from '../../../src/commands/trend.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeHost } from '../../../src/host/real.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, documentOf } from '../temp-host.ts'

const top = tempFolder('growth')
const MiB = 1024 ** 2

/** A real process that takes as many MiB more as it is told, and holds them. */
const holder = async () => {
  const script = `const held = []
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const size = Number(text) * ${MiB}
  if (size > 0) held.push(Buffer.alloc(size, 1))
  process.stdout.write('held\\n')
})`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const take = (mebibytes: number): Promise<void> =>
    new Promise((resolve) => {
      child.stdout.once('data', () => resolve())
      child.stdin.write(`${mebibytes}\n`)
    })
  await take(0)
  return { pid: child.pid ?? -1, take }
}

// biome-ignore lint/suspicious/noExplicitAny: a document of JSON.
type Document = any

interface Ran {
  code: number
  document: Document
}

// How busy and how full this machine is, is not the question.
const off = '{ warn: off, crit: off }'
const quietHost = `host: { memory: ${off}, swap: ${off}, cpu: ${off}, pressure: ${off}, disks: ${off}, folders: [] }\n`

/** `check --json` of this host, on a clock of the test's own that goes on by a minute a run. */
const checking = (pid: number, memory: string) => {
  const folder = mkdtempSync(join(top, 'x-'))
  const [config, stateDir] = [join(folder, 'config.yaml'), join(folder, 'state')]
  writeFileSync(join(folder, 'app.pid'), `${pid}\n`, { mode: 0o640 })
  const services = `services:\n  app:\n    pidfile: ${folder}/app.pid\n    memory: ${memory}\n`
  writeFileSync(config, quietHost + services, { mode: 0o640 })
  let nowMs = 1_800_000_000_000
  const hostOf = (stdout: (text: string) => void): Host => ({
    ...makeHost({
      root: '/',
      dryRun: false,
      out: {
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        columns: 80,
        color: false,
        stdout,
        stderr: () => {},
      },
      onEndSignal: () => {},
      logAction: () => {},
    }),
    now: () => nowMs,
  })
  return {
    stateDir,
    /** Another process has taken its place. */
    goOnWith: (other: number) => writeFileSync(join(folder, 'app.pid'), `${other}\n`),
    host: () => hostOf(() => {}),
    async run(over: Partial<{ dryRun: boolean; json: boolean }> = {}): Promise<Ran> {
      nowMs += 60_000
      let text = ''
      const host = hostOf((part) => {
        text += part
      })
      const logDir = join(folder, 'logs')
      const global = {
        config,
        stateDir,
        logDir,
        json: true,
        quiet: false,
        verbose: false,
        dryRun: false,
        ...over,
      }
      const call = { name: 'check', version: '0', args: [], options: {}, global, timeoutSeconds: 50 }
      const code = await runCommand(command, host, call)
      return { code, document: text === '' ? null : JSON.parse(text) }
    },
  }
}

const findingOf = ({ document }: Ran, check: string): Document =>
  document.services[0].findings.find((one: { check: string }) => one.check === check)

const trendOf = (
  check: ReturnType<typeof checking>,
  options: Record<string, unknown>,
  over: Partial<GlobalOptions> = {},
) => {
  const host = check.host()
  const context = { ...contextOf(host, { stateDir: check.stateDir, ...over }), options }
  return trend.run(context)
}

describe('a real process under check, minute by minute', () => {
  it('that leaks is called within five, with its rate and the time left; too little data is unknown', async () => {
    const app = await holder()
    const check = checking(
      app.pid,
      '{ growth: { warn: 2M/min, crit: 6M/min }, forecast: { warn: 300d, crit: 1s } }',
    )
    const first = await check.run()
    expect(findingOf(first, 'growth')).toMatchObject({ status: 'unknown', code: 'insufficient', value: null })
    expect(first.document.services[0].metrics).toMatchObject({
      growthBytesPerMinute: null,
      secondsToLimit: null,
    })
    let last = first
    let runs = 1
    for (; runs < 12 && findingOf(last, 'growth').code !== 'leak'; runs++) {
      await app.take(10)
      last = await check.run()
    }
    expect(runs).toBeLessThanOrEqual(6)
    const growth = findingOf(last, 'growth')
    expect(growth).toMatchObject({ status: 'critical', unit: 'bytes-per-minute' })
    expect(growth.value / MiB).toBeGreaterThan(8)
    expect(growth.value / MiB).toBeLessThan(12)
    expect(growth.message).toMatch(
      /^growth [\d.]+ MiB\/min \([\d.]+ MiB\/min to .*critical from 6.0 MiB\/min, .* even its low points rise by/,
    )
    expect(findingOf(last, 'forecast')).toMatchObject({
      status: 'warning',
      code: 'time-left',
      unit: 'seconds',
    })
    const { metrics } = last.document.services[0]
    expect(metrics.growthBytesPerMinute).toBe(Math.round(growth.value))
    expect(metrics.secondsToLimit).toBeGreaterThan(0)
    expect(last.code).toBe(2)
    expect(last.document.services[0].failedChecks).toBe(1)

    const seen = await trendOf(check, { service: 'app' })
    const seenDocument = documentOf(seen)
    expect(validateDocument(seenDocument)).toEqual([])
    expect(seen.status).toBe('critical')
    expect(seenDocument).toMatchObject({ service: 'app', verdict: 'leak', samples: runs })
    const view = { columns: 80, color: false, verbose: false }
    expect(seen.text(view)).toMatch(/^LEAK {2}app: /)
    const rows = (await trendOf(check, { service: 'app', csv: true })).text(view).trimEnd().split('\n')
    expect(rows).toHaveLength(runs + 1)
    expect(rows[0]).toMatch(/^time,bytes,mean_bytes,/)
    expect(rows[1]).toMatch(/^2027-01-15T08:01:00\.000Z,\d+,\d+,\d+,\d+,.*,1,[0-9a-f]{8}$/)
    expect(documentOf(await trendOf(check, { service: 'host' }))).toMatchObject({
      service: 'host',
      samples: runs,
    })
    await expect(trendOf(check, { service: 'apq' })).rejects.toMatchObject({
      code: 64,
      message: expect.stringContaining('apq'),
    })
    expect(validateDocument(last.document)).toEqual([])
  })

  it('is called though the config names no growth; too little data is no news then, and no failed check', async () => {
    const app = await holder()
    const [check, silent] = [checking(app.pid, '{}'), checking(app.pid, '{ growth: off }')]
    const codes: number[] = []
    for (let runs = 0; runs < 6; runs++) {
      if (runs > 0) await app.take(55)
      // Without --json only what stands out in the newest samples is judged.
      codes.push((await check.run({ json: false })).code)
      await silent.run({ json: false })
    }
    expect(codes.slice(0, 3)).toEqual([0, 0, 0])
    expect(codes.at(-1)).toBe(2)
    await app.take(55)
    const seen = await check.run()
    expect(findingOf(seen, 'growth')).toMatchObject({ status: 'critical', code: 'leak', crit: 50 * MiB })
    expect(seen.document.services[0].failedChecks).toBe(0)
    const unseen = await silent.run()
    expect(unseen.code).toBe(0)
    expect(findingOf(unseen, 'growth')).toBeUndefined()
  })

  it('after a restart is told what the life before did, and counts as failed when it does so itself', async () => {
    const named = '{ growth: { crit: 50M/min }, forecast: { warn: off, crit: 300d } }'
    const [before, after] = [await holder(), await holder()]
    const check = checking(before.pid, named)
    const failedChecks = async (): Promise<number> => {
      const seen = await check.run()
      for (const asked of ['growth', 'forecast'])
        expect(findingOf(seen, asked)).toMatchObject({ status: 'critical' })
      expect(findingOf(seen, 'growth').code).toBe('leak')
      return seen.document.services[0].failedChecks
    }
    for (let runs = 0; runs < 5; runs++) {
      await check.run()
      await before.take(60)
    }
    expect(await failedChecks()).toBeGreaterThan(0)
    check.goOnWith(after.pid)
    const counts: number[] = []
    for (let runs = 0; runs < 7; runs++) {
      counts.push(await failedChecks())
      await after.take(60)
    }
    expect(counts).toEqual([0, 0, 0, 0, 1, 2, 3])
  })

  it('that holds what it has is fine, once enough was seen', async () => {
    const app = await holder()
    const check = checking(
      app.pid,
      '{ growth: { warn: 2M/min, crit: 6M/min }, forecast: { warn: 24h, crit: 2h } }',
    )
    let last = await check.run()
    for (let runs = 1; runs < 14; runs++) last = await check.run()
    expect(findingOf(last, 'growth')).toMatchObject({ status: 'ok', code: 'stable' })
    expect(findingOf(last, 'forecast')).toMatchObject({ status: 'ok' })
  })

  it('records nothing under --dry-run, and then growth is unknown', async () => {
    const app = await holder()
    const check = checking(app.pid, '{ growth: { warn: 2M/min } }')
    const ran = await check.run({ dryRun: true })
    expect(findingOf(ran, 'growth')).toMatchObject({ status: 'unknown', code: 'no-history' })
    expect(() => readdirSync(join(check.stateDir, 'history'))).toThrow()
  })
})
