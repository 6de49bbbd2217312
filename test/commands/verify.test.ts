import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { GlobalOptions } from '../../src/commands/command.ts'
import { command } from '../../src/commands/verify.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { HistorySample } from '../../src/core/history.ts'
import type { EndSignal, Host } from '../../src/host/host.ts'
import { makeHost } from '../../src/host/real.ts'
import { makeSave } from '../../src/host/save.ts'
import { historyFolder, historyPath, writeHistory } from '../../src/store/history-file.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { loadMarks } from '../../src/store/marks.ts'
import { liveBase } from '../support/bases.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf } from './temp-host.ts'

const top = tempFolder('verify')
const mib = 1024 ** 2
const minuteMs = 60_000
const nowMs = new Date(2026, 10, 26, 12, 0, 0).getTime()

const fresh = (): string => mkdtempSync(join(top, 'x-'))

interface Given {
  args?: string[]
  options?: Record<string, unknown>
  config?: string
  global?: Partial<GlobalOptions>
  host?: Partial<Host>
  atMs?: number
}

const here = (): Host =>
  makeHost({
    root: '/',
    dryRun: false,
    logAction: () => {},
    onEndSignal: () => {},
    out: {
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      columns: 80,
      color: false,
      stdout: () => {},
      stderr: () => {},
    },
  })

const verify = async (
  stateDir: string,
  { args = [], options = {}, config = '', global, host, atMs }: Given,
) => {
  const file = join(stateDir, 'config.yaml')
  writeFileSync(file, config, { mode: 0o640 })
  const real = here()
  const whole: Host = { ...real, ...(atMs === undefined ? {} : { now: () => atMs }), ...host }
  const context = contextOf(whole, { stateDir, logDir: stateDir, ...global })
  const result = await command.run({ ...context, loaded: await loadConfig(real, file), args, options })
  const document = documentOf(result)
  expect(validateDocument(document)).toEqual([])
  const text = result.text({ columns: 80, color: false, verbose: false })
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  return { result, document, text }
}

/** Samples of the `minutes` before `nowMs`, one a minute, as check records them. */
const record = (
  stateDir: string,
  name: string,
  minutes: number,
  of: (minute: number) => Partial<HistorySample>,
): void => {
  const save = makeSave(liveBase, () => nowMs)
  save.ensureFolder(historyFolder(stateDir))
  const written = writeHistory(save, process.getuid?.() ?? 0, historyPath(stateDir, name), name, (file) => {
    for (let minute = 0; minute < minutes; minute++)
      recordSample(file, {
        atMs: nowMs - (minutes - minute) * minuteMs,
        leakBytes: 500 * mib,
        ...{ usedBytes: null, limitBytes: null, swapBytes: 0, cpuSeconds: minute * 6 },
        ...{ processes: 1, openFiles: null, threads: null, identity: 7 },
        ...of(minute),
      })
  })
  if (written.kind !== 'value') throw new Error(JSON.stringify(written))
}

const bounds = { maxMemory: 2048 * mib, maxGrowth: (50 * mib) / 60, maxSwap: 0, maxCpu: 40, maxProcesses: 2 }
const trading = 'services:\n  trading:\n    unit: trading.service\n'

describe('verify --since', () => {
  it('passes a service that warmed up and then kept within its bounds', async () => {
    const at = fresh()
    record(at, 'trading', 120, (minute) => ({ leakBytes: (1500 - 1000 * Math.exp(-minute / 10)) * mib }))
    const { result, document, text } = await verify(at, {
      args: ['trading'],
      options: { since: '2h', ...bounds, minUptime: 3600 },
      config: trading,
      atMs: nowMs,
    })
    expect(text).toMatch(/^PASS {2}trading: 2h from 2026-11-26 10:00:00, 1\d\d samples/)
    expect(result.status).toBe('ok')
    expect(document).toMatchObject({
      criteria: Array.from({ length: 6 }, () => ({ result: 'pass', before: null })),
    })
  })

  it.each(['2h', '7d'])(
    '%s back: fails by what stood between the newest samples of the periods',
    async (since) => {
      const at = fresh()
      record(at, 'trading', 7 * 1440, (minute) =>
        minute % 15 < 10 ? { processes: 40, swapBytes: 9 * mib } : {},
      )
      const { document } = await verify(at, {
        args: ['trading'],
        options: { since, maxSwap: 0, maxProcesses: 2 },
        config: trading,
        atMs: nowMs,
      })
      expect(document).toMatchObject({
        criteria: [
          { name: 'max-swap', measured: 9 * mib, result: 'fail' },
          { name: 'max-processes', measured: 40, result: 'fail' },
        ],
      })
    },
  )

  it.each([1.5, 5, 10])('%s days back: what was before a mark fails nothing', async (days) => {
    const at = fresh()
    const minutes = (days + 1) * 1440
    const markMs = nowMs - days * 1440 * minuteMs - 450_000
    const isOld = (minute: number): boolean => nowMs - (minutes - minute) * minuteMs < markMs
    record(at, 'trading', minutes, (minute) =>
      isOld(minute) ? { leakBytes: 9000 * mib, processes: 200, swapBytes: 9 * mib, identity: 6 } : {},
    )
    await verify(at, { options: { mark: 'v2' }, atMs: markMs })
    const options = { since: 'mark', maxMemory: 600 * mib, maxSwap: 0, maxProcesses: 2 }
    const { document } = await verify(at, { args: ['trading'], options, config: trading, atMs: nowMs })
    expect(document).toMatchObject({
      criteria: [
        { name: 'max-memory', result: 'pass' },
        { name: 'max-swap', result: 'pass' },
        { name: 'max-processes', result: 'pass' },
      ],
    })
  })

  it.each(['2h', '7d'])('%s back: where CPU time fell it is failed but never passed', async (since) => {
    const at = fresh()
    // A worker of 20 s, which ends each ten minutes, beside a daemon.
    record(at, 'trading', 7 * 1440, (minute) => ({ cpuSeconds: minute * 6 + (minute % 10) * 2 }))
    const judged = async (maxCpu: number) =>
      (await verify(at, { args: ['trading'], options: { since, maxCpu }, config: trading, atMs: nowMs }))
        .document
    expect(await judged(40)).toMatchObject({ criteria: [{ result: 'insufficient', reason: 'cpu-lost' }] })
    expect(await judged(5)).toMatchObject({ criteria: [{ result: 'fail' }] })
  })

  it('fails one that leaks, with the rate and its range, and by the bounds of the config', async () => {
    const at = fresh()
    record(at, 'trading', 25, (minute) => ({ leakBytes: (500 + 220 * minute) * mib }))
    const { result, document, text } = await verify(at, {
      options: { since: '25m' },
      config: `${trading}    verify: { max_memory: 2G, max_growth: 50M/h }\n`,
      atMs: nowMs,
    })
    expect(result.status).toBe('critical')
    expect(document).toMatchObject({
      criteria: [
        {
          name: 'max-memory',
          service: 'trading',
          measured: (500 + 220 * 24) * mib,
          bound: 2048 * mib,
          result: 'fail',
        },
        { name: 'max-growth', result: 'fail' },
      ],
    })
    expect(text).toContain('220.0 MiB/min')
    expect(result.problems.join('\n')).toMatch(/^CRIT trading: memory: 5\.6 GiB, allowed 2\.0 GiB$/m)
  })

  it('names the restart that broke the uptime', async () => {
    const at = fresh()
    record(at, 'trading', 60, (minute) => ({ identity: minute < 40 ? 7 : 8 }))
    const { result, text } = await verify(at, {
      options: { since: '1h', minUptime: 3600 },
      config: trading,
      atMs: nowMs,
    })
    expect(result.status).toBe('critical')
    expect(text.replace(/\s+/g, ' ')).toContain('a restart, the last at 2026-11-26 11:40:00')
  })

  it('fails closed: no history, a hole, records that ended', async () => {
    const none = await verify(fresh(), { options: { since: '1h', ...bounds }, config: trading, atMs: nowMs })
    expect(none.result.status).toBe('unknown')
    expect(none.text).toContain('there is no sample of that time')
    const at = fresh()
    record(at, 'trading', 60, () => ({}))
    const later = await verify(at, {
      options: { since: '2h', maxMemory: 2048 * mib },
      config: trading,
      atMs: nowMs + 30 * minuteMs,
    })
    expect(later.result.status).toBe('unknown')
    expect(later.text).toContain('samples are missing')
    writeFileSync(historyPath(at, 'trading'), 'rubbish')
    const broken = await verify(at, { options: { since: '1h', ...bounds }, config: trading, atMs: nowMs })
    expect(broken.result.status).toBe('unknown')
    expect(broken.document).toMatchObject({ services: [{ service: 'trading', error: expect.any(String) }] })
  })

  it('the worst of several services decides', async () => {
    const at = fresh()
    record(at, 'a', 60, () => ({}))
    record(at, 'b', 60, () => ({ processes: 3 }))
    const config = 'services:\n  a: { unit: a.service }\n  b: { unit: b.service }\n  c: { unit: c.service }\n'
    const options = { since: '1h', maxProcesses: 2 }
    const both = await verify(at, { args: ['a', 'b'], options, config, atMs: nowMs })
    expect(both.document).toMatchObject({
      criteria: [
        { service: 'a', result: 'pass' },
        { service: 'b', result: 'fail' },
      ],
    })
    expect(both.result.status).toBe('critical')
    expect((await verify(at, { args: ['a', 'c'], options, config, atMs: nowMs })).result.status).toBe(
      'unknown',
    )
    expect((await verify(at, { args: ['a'], options, config, atMs: nowMs })).result.status).toBe('ok')
  })

  it('judges before and after a mark', async () => {
    const at = fresh()
    record(at, 'trading', 60, (minute) => ({
      leakBytes: (minute < 30 ? 500 + 60 * minute : 600) * mib,
      identity: minute < 30 ? 7 : 8,
    }))
    const marked = await verify(at, { options: { mark: 'v2\u001b[31m' }, atMs: nowMs - 30 * minuteMs })
    expect(marked.text).toBe(
      'marked 2026-11-26 11:30:00, v2\\x1b[31m; verify --since mark judges from here on\n',
    )
    const { result, document, text } = await verify(at, {
      options: { since: 'mark', maxMemory: 1000 * mib },
      config: trading,
      atMs: nowMs,
    })
    expect(result.status).toBe('ok')
    expect(document).toMatchObject({
      mark: { text: 'v2\u001b[31m' },
      criteria: [{ measured: 600 * mib, before: (500 + 60 * 29) * mib, result: 'pass' }],
    })
    expect(text).toMatch(/before +measured/)
    expect(text).not.toContain('\u001b')
  })
})

describe('verify --mark', () => {
  it('keeps the last 50, through a broken file, and writes nothing in a dry run', async () => {
    const at = fresh()
    await verify(at, { options: { mark: true }, global: { dryRun: true } })
    expect(existsSync(join(at, 'marks.json'))).toBe(false)
    for (let i = 0; i < 55; i++) await verify(at, { options: { mark: `m${i}` } })
    const save = makeSave(liveBase, () => nowMs)
    expect(loadMarks(save, at).map(({ text }) => text)).toEqual(
      Array.from({ length: 50 }, (_, i) => `m${i + 5}`),
    )
    const sound = readFileSync(join(at, 'marks.json'), 'utf8')
    for (const broken of ['', '[]', sound.slice(0, -9), sound.replace('m54', 'm55')]) {
      writeFileSync(join(at, 'marks.json'), broken)
      expect(loadMarks(save, at)).toEqual([])
      await verify(at, { options: { mark: 'new' } })
      expect(loadMarks(save, at).map(({ text }) => text)).toEqual(['new'])
    }
  })
})

/** A real process that holds some memory, and takes 1 MiB more every 50 ms when it leaks, up to 800 MiB. */
const process_ = (leaks: boolean): number => {
  const script = `const held = [Buffer.alloc(20 * ${mib}, 1)]
setInterval(() => { if (${leaks} && held.length < 780) held.push(Buffer.alloc(${mib}, 1)) }, 50)`
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid ?? -1
}

const pidConfig = (at: string, pid: number): string => {
  writeFileSync(join(at, 'app.pid'), `${pid}\n`, { mode: 0o640 })
  return `services:\n  app:\n    pidfile: ${at}/app.pid\n`
}

describe('verify --for', () => {
  it('looks at a real process: one that keeps still passes, one that leaks fails', async () => {
    const criteria = ({ document }: Awaited<ReturnType<typeof verify>>) =>
      (document.criteria as { name: string; result: string }[]).map(({ name, result }) => `${name} ${result}`)
    // Longer and longer, until a machine that stands still now and then lets the rate be told.
    for (let seconds = 5; ; seconds *= 3) {
      const options = { for: seconds, interval: 0.25, maxGrowth: 100 * mib, maxProcesses: 1, maxCpu: 100 }
      const still = fresh()
      const leaky = fresh()
      const [kept, grown] = await Promise.all([
        verify(still, { options, config: pidConfig(still, process_(false)) }),
        verify(leaky, { options, config: pidConfig(leaky, process_(true)) }),
      ])
      const looks = 4 * seconds + 1
      expect(kept.document).toMatchObject({ services: [{ samples: looks, expectedSamples: looks }] })
      expect(criteria(kept)).toContain('max-processes pass')
      if (criteria(grown).includes('max-growth insufficient') && seconds < 60) continue
      expect(criteria(grown)).toContain('max-growth fail')
      break
    }
  })

  it('one that ends meanwhile is not passed, and Ctrl-C says what there was', async () => {
    const at = fresh()
    const pid = process_(false)
    const options = { for: 3, interval: 0.25, maxMemory: 2048 * mib }
    // At the third look, whenever that is.
    let looks = 0
    const again = (): Host => {
      if (++looks === 3) process.kill(pid, 'SIGKILL')
      return { ...here(), again }
    }
    const gone = await verify(at, { options, config: pidConfig(at, pid), host: { again } })
    expect(gone.document).toMatchObject({ criteria: [{ result: 'insufficient', reason: 'gaps' }] })
    expect(gone.result.status).toBe('unknown')

    const elsewhere = fresh()
    const stopped = await verify(elsewhere, {
      options: { ...options, for: 600 },
      config: pidConfig(elsewhere, process_(false)),
      host: {
        onEndSignal: (interrupt: (_: EndSignal) => void) => setTimeout(() => interrupt('SIGINT'), 1000),
      },
    })
    expect(stopped.result).toMatchObject({ exitCode: 130, status: 'unknown' })
    expect(stopped.text).toContain('ended early by SIGINT')
  })
})

describe('wrong use', () => {
  it.each([
    ['no time', {}, trading, /needs a time/],
    ['both', { for: 5, since: '1h' }, trading, /not both/],
    ['no bound', { for: 5 }, trading, /no service of the config has verify:/],
    ['a time that is none', { since: 'gestern', ...bounds }, trading, /is no time/],
    ['a time to come', { since: '2099-01-01', ...bounds }, trading, /still to come/],
    ['no mark yet', { since: 'mark', ...bounds }, trading, /nothing is marked/],
    ['an interval of records', { since: '1h', interval: 5, ...bounds }, trading, /--interval is for --for/],
    ['no service at all', { for: 5, ...bounds }, '', /needs a service/],
    ['a mark and a window', { mark: 'x', for: 5 }, trading, /judges nothing/],
    ['no length', { for: 0, ...bounds }, trading, /no time to look/],
  ])('%s', async (_, options, config, message) => {
    await expect(verify(fresh(), { options, config })).rejects.toMatchObject({
      code: 64,
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['a name the config does not have', 'tradin', { since: '1h', ...bounds }, /there is no service tradin/],
    ['a service nothing is asked of', 'trading', { since: '1h' }, /nothing is asked of trading/],
  ])('%s', async (_, name, options, message) => {
    await expect(verify(fresh(), { args: [name], options, config: trading })).rejects.toMatchObject({
      code: 64,
      message: expect.stringMatching(message),
    })
  })

  it('a name that nothing is recorded of', async () => {
    await expect(verify(fresh(), { args: ['x'], options: { since: '1h', ...bounds } })).rejects.toMatchObject(
      {
        code: 64,
        message: expect.stringMatching(/there is no service x/),
      },
    )
  })
})
