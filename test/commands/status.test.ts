import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command as check } from '../../src/commands/check.ts'
import { command as cleanup } from '../../src/commands/cleanup-tmp.ts'
import type { Command } from '../../src/commands/command.ts'
import { command as journalLimits } from '../../src/commands/journal-limits.ts'
import { command as limits } from '../../src/commands/limits.ts'
import { jobsScheduled } from '../../src/commands/overdue-jobs.ts'
import { commandRegistry } from '../../src/commands/registry.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import { recordedCommands } from '../../src/commands/status/jobs.ts'
import { overdueFindings } from '../../src/commands/status/overdue-findings.ts'
import { command as status } from '../../src/commands/status.ts'
import type { Host } from '../../src/host/host.ts'
import { makeHost } from '../../src/host/real.ts'
import { addComposition } from '../../src/store/compositions.ts'
import { historyPath, writeHistory } from '../../src/store/history-file.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { beginRun, endRun, jobRunsPath } from '../../src/store/job-runs.ts'
import { lockPath, statePath } from '../../src/store/paths.ts'
import { loadState } from '../../src/store/state.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf } from './temp-host.ts'

const top = tempFolder('status')
const minute = 60_000
const MiB = 1024 ** 2
// biome-ignore lint/suspicious/noExplicitAny: a document of JSON.
type Document = any

const quiet =
  'host: { memory: { warn: off, crit: off }, swap: { warn: off, crit: off }, cpu: { warn: off, crit: off }, pressure: { warn: off, crit: off }, disks: { warn: off, crit: off }, folders: [] }\n'

/** The real commands on this machine, with a clock of the test's own and no crontabs but the test's. */
const place = (services: Record<string, object>) => {
  const folder = mkdtempSync(join(top, 'x-'))
  const stateDir = join(folder, 'state')
  const config = join(folder, 'config.yaml')
  writeFileSync(config, `${quiet}services: ${JSON.stringify(services)}\n`, { mode: 0o640 })
  const clock = { nowMs: 1_800_000_000_000 }
  const said = { stdout: '', stderr: '' }
  const crontabs = new Map<string, string>()
  const host = (): Host => {
    const real = makeHost({
      root: '/',
      dryRun: false,
      out: {
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        columns: 80,
        color: false,
        stdout: (text) => {
          said.stdout += text
        },
        stderr: (text) => {
          said.stderr += text
        },
      },
      onEndSignal: () => {},
      logAction: () => {},
    })
    return {
      ...real,
      uid: real.uid,
      now: () => clock.nowMs,
      run: async () => ({ kind: 'absent', what: 'programs' }),
      processes: { ...real.processes, bootAtMs: () => ({ kind: 'value', value: 0 }) },
      files: {
        ...real.files,
        list: (path) => {
          if (path === '/etc/systemd/system')
            return {
              kind: 'value',
              value: [...crontabs.keys()].flatMap((one) => /\w+-\w+-\S+\.timer$/.exec(one) ?? []),
            }
          return /cron|systemd/.test(path) ? { kind: 'absent', what: path } : real.files.list(path)
        },
        info: (path) => {
          if (!/cron|systemd/.test(path)) return real.files.info(path)
          return crontabs.has(path)
            ? {
                kind: 'value',
                value: { kind: 'file', sizeBytes: 1, modifiedAtMs: 0, mode: 0o644, uid: 0, inode: 1 },
              }
            : { kind: 'absent', what: path }
        },
        readText: (path, options) => {
          if (!/cron|systemd/.test(path)) return real.files.readText(path, options)
          const text = crontabs.get(path)
          return text === undefined ? { kind: 'absent', what: path } : { kind: 'value', value: text }
        },
      },
    }
  }
  const run = async (
    command: Command,
    name: string,
    args: string[] = [],
    options: Record<string, unknown> = {},
    more: object = {},
  ) => {
    said.stdout = ''
    said.stderr = ''
    const global = {
      ...{ config, stateDir, logDir: join(folder, 'logs') },
      ...{ json: name === 'status' || name === 'check', quiet: false, verbose: false, dryRun: false },
      ...more,
    }
    const code = await runCommand(command, host(), {
      ...{ name, version: '0', args, options, global, timeoutSeconds: null },
    })
    return { code, document: global.json ? (JSON.parse(said.stdout) as Document) : null, ...said }
  }
  return {
    clock,
    crontabs,
    stateDir,
    host,
    run,
    check: (...args: string[]) => run(check, 'check', args),
    async status(...args: string[]) {
      const ran = await run(status, 'status', args)
      expect(validateDocument(ran.document)).toEqual([])
      return ran
    },
    text: async (...args: string[]) => (await run(status, 'status', args, {}, { json: false })).stdout,
  }
}

const me = { process: { match: `^${process.pid} never` } }
const here = (): Record<string, object> => {
  const pidfile = join(mkdtempSync(join(top, 'p-')), 'me.pid')
  writeFileSync(pidfile, `${process.pid}\n`, { mode: 0o640 })
  return { me: { pidfile }, gone: me }
}

const statusOf = (document: Document, name: string): Document =>
  document.services.find((one: Document) => one.name === name)

describe('status', () => {
  it('without any record is unknown and says what to do', async () => {
    const at = place({})
    const { code, document } = await at.status()
    expect(code).toBe(3)
    expect(document).toMatchObject({ status: 'unknown', seenAt: null, services: [], jobs: [] })
    expect(await at.text()).toMatch(/run\s+`oratio-health check`/)
  })

  it('shows each service as the last check saw it, and ends as it did', async () => {
    const at = place(here())
    const seen = await at.check()
    expect(seen.code).toBe(2)
    at.clock.nowMs += 20_000
    const { code, document } = await at.status()
    expect(code).toBe(2)
    for (const name of ['me', 'gone']) {
      const { findings, metrics, ...service } = statusOf(seen.document, name)
      expect(statusOf(document, name)).toMatchObject({
        ...service,
        metrics: { memoryBytes: metrics.memoryBytes, threads: metrics.threads },
        findings: findings.filter((one: Document) => one.status !== 'ok'),
        isOld: false,
        seenStatus: service.status,
      })
    }
    expect(statusOf(document, 'me').history.points).toHaveLength(1)
    expect(document.jobs).toMatchObject([{ command: 'check', exitCode: 2, isRunning: false, dueAt: null }])
  })

  it('of some services is about these, and of one that is not recorded says so', async () => {
    const at = place(here())
    await at.check()
    const { code, document } = await at.status('me')
    expect(code).toBe(0)
    expect(document.services.map(({ name }: Document) => name)).toEqual(['me'])
    await expect(at.status('mee')).rejects.toMatchObject({
      code: 64,
      message: expect.stringContaining('me is near'),
    })
  })

  it('is unknown when the record is old, by the rhythm it was written in', async () => {
    const at = place({ me: here().me as object })
    for (let i = 0; i < 5; i++) {
      at.clock.nowMs += minute
      await at.check()
    }
    at.clock.nowMs += 2.5 * minute
    expect((await at.status()).document).toMatchObject({ status: 'ok', exitCode: 0, checkEverySeconds: 60 })
    at.clock.nowMs += minute
    const { code, document } = await at.status()
    expect(code).toBe(3)
    expect(document).toMatchObject({ status: 'unknown', isOld: true, hostStatus: 'unknown' })
    expect(statusOf(document, 'me')).toMatchObject({ status: 'unknown', seenStatus: 'ok', isOld: true })
    expect(await at.text('me')).toMatch(/^UNKNOWN/)
  })

  it('tells the period of the schedule after runs by hand, and none where there is nothing but these', async () => {
    const at = place({ me: here().me as object })
    for (let i = 0; i < 5; i++) {
      at.clock.nowMs += 1000
      await at.check()
    }
    expect(await at.text()).not.toContain('a check every')
    const user = process.getuid?.() === 0 ? 'root' : (process.env.LOGNAME ?? process.env.USER)
    const line = `*/5 * * * * ${user} oratio-health check --state-dir ${at.stateDir}\n`
    at.crontabs.set('/etc/crontab', line)
    expect(await at.text()).toContain('; a check every 5m\n')
    expect((await at.status()).document.checkEverySeconds).toBe(300)
  })

  it('is not old after ten minutes where checks are hourly, nor with a clock set back', async () => {
    const at = place({ me: here().me as object })
    for (let i = 0; i < 4; i++) {
      at.clock.nowMs += 60 * minute
      await at.check()
    }
    at.clock.nowMs += 100 * minute
    expect((await at.status()).code).toBe(0)
    at.clock.nowMs -= 9000 * minute
    expect((await at.status()).code).toBe(0)
    at.clock.nowMs += 9200 * minute
    expect((await at.status()).code).toBe(3)
  })

  it('after a check of one service keeps what was seen of the others, with its age', async () => {
    const at = place(here())
    await at.check()
    const first = at.clock.nowMs
    at.clock.nowMs += minute
    await at.check('me')
    const { document } = await at.status()
    expect(statusOf(document, 'gone').seenAt).toBe(new Date(first).toISOString())
    expect(statusOf(document, 'me').seenAt).toBe(new Date(first + minute).toISOString())
  })

  it('draws the last day with its gaps, and tells growth, time to the limit and the culprit', async () => {
    const at = place({ me: here().me as object })
    const { save, uid } = at.host()
    await at.check()
    rmSync(historyPath(at.stateDir, 'me'))
    const startMs = at.clock.nowMs - 1440 * minute
    writeHistory(save, uid, historyPath(at.stateDir, 'me'), 'me', (file) => {
      for (let i = 0; i < 1440; i++) {
        if (i >= 600 && i < 840) continue
        const bytes = (500 + i) * MiB
        recordSample(file, {
          ...{
            atMs: startMs + i * minute,
            leakBytes: bytes,
            usedBytes: bytes,
            limitBytes: 4096 * MiB,
            swapBytes: 0,
          },
          ...{ cpuSeconds: 1, processes: 1, openFiles: 3, threads: 1, identity: 7 },
        })
      }
    })
    for (const [atMs, bytes] of [
      [startMs, 500 * MiB],
      [at.clock.nowMs, 1900 * MiB],
    ] as const)
      addComposition(save, at.stateDir, 'me', {
        ...{ atMs, identity: 7, openFiles: 3, threads: 1, processes: 1, unread: 0, newestTicks: 9 },
        kinds: { anonymous: bytes, shared: 0, file: 0, kernel: 0, sockets: 0 },
        largest: [{ pid: 7, startTicks: 5, name: 'leaker', bytes, sharedBytes: 0 }],
        names: [{ name: 'leaker', processes: 1, bytes, sharedBytes: 0 }],
      })
    const { document } = await at.status()
    const me = statusOf(document, 'me')
    expect(me.trend.verdict).toBe('leak')
    expect(Math.abs(me.trend.growthBytesPerMinute / MiB - 1)).toBeLessThan(0.05)
    expect(me.culprit).toMatch(/^leaker \(7\), \+1\.4 GiB/)
    expect(me.history.points.length).toBeGreaterThan(75)
    expect(me.history.points.length).toBeLessThan(83)
    const text = await at.text()
    expect(text).toMatch(/▁\S{4} \S? ?\S{4}█/)
    expect(text).toContain('leaker (7), +1.4 GiB of anonymous memory ← culprit')
  })

  it('says what is wrong with a record it cannot use, changes nothing, and the next check makes it anew', async () => {
    const at = place({ me: here().me as object })
    await at.check()
    const path = join(at.stateDir, 'last.0.json')
    const good = readFileSync(path, 'utf8')
    for (const text of ['', 'x', good.slice(0, -9), '{"version":2,"host":{}}']) {
      writeFileSync(path, text)
      const { code, document } = await at.status()
      expect(code).toBe(3)
      expect(document.trouble).toContain('cannot be used')
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
    writeFileSync(join(at.stateDir, 'state.json'), 'broken')
    writeFileSync(join(at.stateDir, 'check.runs'), 'broken')
    expect((await at.status()).code).toBe(3)
    expect(readFileSync(join(at.stateDir, 'state.json'), 'utf8')).toBe('broken')
    await at.check()
    expect((await at.status()).document.trouble).toBeNull()
  })

  it('keeps nothing of a dry run', async () => {
    const at = place({ me: here().me as object })
    await at.run(check, 'check', [], {}, { dryRun: true })
    expect((await at.status()).document).toMatchObject({ seenAt: null, jobs: [] })
  })

  it('refuses --watch where there is no terminal, and --interval without it', async () => {
    const at = place({})
    await expect(at.run(status, 'status', [], { watch: true })).rejects.toMatchObject({ code: 64 })
    await expect(at.run(status, 'status', [], { interval: 5 })).rejects.toMatchObject({ code: 64 })
  })
})

describe('jobs', () => {
  const user = process.getuid?.() === 0 ? 'root' : (process.env.LOGNAME ?? process.env.USER)
  const line = (timing: string, at: { stateDir: string }, job: string): string =>
    `${timing} ${user} oratio-health ${job} --state-dir ${at.stateDir}\n`

  it('are of the commands that take a lock', async () => {
    const locked: string[] = []
    for (const entry of commandRegistry) if ((await entry.load()).command.lock) locked.push(entry.name)
    expect([...recordedCommands].sort()).toEqual(locked.sort())
  })

  it('are due by their crontab line, and overdue after three missed starts: in status, check and doctor', async () => {
    const at = place({})
    at.crontabs.set('/etc/crontab', line('0 * * * *', at, 'cleanup-tmp') + line('* * * * *', at, 'check'))
    await at.check()
    expect((await at.status()).document.jobs).toMatchObject([
      { command: 'check', isOverdue: false, dueAt: new Date(at.clock.nowMs + minute).toISOString() },
      { command: 'cleanup-tmp', lastRunAt: null, isOverdue: false },
    ])
    at.clock.nowMs += 200 * minute
    const { document } = await at.check()
    expect(document.ownFindings).toMatchObject([
      { check: 'jobs', code: 'overdue', item: 'cleanup-tmp', status: 'warning' },
    ])
    expect(document.ownFindings[0].message).toContain('has never run')
    const after = await at.status()
    expect(after.code).toBe(1)
    expect(after.document.jobs[1]).toMatchObject({ command: 'cleanup-tmp', isOverdue: true })
    at.clock.nowMs += minute
    // It stays found at each run until the job has run.
    expect((await at.check()).document.ownFindings).toHaveLength(1)
    // It has nothing to do, which is no fault of the schedule's.
    await expect(at.run(cleanup, 'cleanup-tmp')).rejects.toMatchObject({ code: 64 })
    at.clock.nowMs += minute
    expect((await at.check()).document.ownFindings).toEqual([])
    expect((await at.status()).code).toBe(0)
  })

  it('are due by a systemd timer, too', async () => {
    const at = place({})
    const unit = '/etc/systemd/system/oratio-health-check'
    at.crontabs.set(`${unit}.timer`, '[Timer]\nOnCalendar=*-*-* *:*:00\n')
    at.crontabs.set(
      `${unit}.service`,
      `[Service]\nType=oneshot\nExecStart=/usr/bin/oratio-health check --state-dir ${at.stateDir}\n`,
    )
    await at.check()
    expect((await at.status()).document.jobs).toMatchObject([
      { command: 'check', isOverdue: false, dueAt: new Date(at.clock.nowMs + minute).toISOString() },
    ])
    at.clock.nowMs += 5 * minute
    expect((await at.status()).document.jobs).toMatchObject([{ command: 'check', isOverdue: true }])
  })

  it('of another state folder, and of commands that record nothing, are no business of this one', async () => {
    const at = place({})
    at.crontabs.set(
      '/etc/crontab',
      `* * * * * ${user} oratio-health cleanup-tmp --state-dir /elsewhere\n${line('* * * * *', at, 'crash-report')}`,
    )
    await at.check()
    at.clock.nowMs += 200 * minute
    expect((await at.check()).document.ownFindings).toEqual([])
    expect((await at.status()).document.jobs).toMatchObject([
      { command: 'check' },
      { command: 'crash-report', lastRunAt: null, isOverdue: false },
    ])
  })

  it('record how a run ended that failed, and nothing of one that only looked', async () => {
    const at = place({})
    mkdirSync(at.stateDir, { mode: 0o750 })
    await expect(at.run(check, 'check', ['nosuch'])).rejects.toMatchObject({ code: 64 })
    await at.run(limits, 'limits', ['status'])
    await at.run(journalLimits, 'journal-limits', ['status'])
    const { document } = await at.status()
    expect(document.jobs).toMatchObject([{ command: 'check', exitCode: 64 }])
  })

  it('tell of a run that was killed', async () => {
    const at = place({})
    await at.check()
    const { save, now } = at.host()
    beginRun(save, jobRunsPath(at.stateDir, 'check'), now())
    expect((await at.status()).document.jobs).toMatchObject([
      { exitCode: null, endedAt: null, isRunning: false },
    ])
    expect(await at.text()).toContain('was killed')
  })

  it('that a schedule starts are a warning where one was killed, and a finding of check where it was so twice in a row', async () => {
    const at = place({})
    at.crontabs.set('/etc/crontab', line('0 * * * *', at, 'cleanup-tmp'))
    await at.check()
    expect((await at.status()).document.status).toBe('ok')
    const { save, now } = at.host()
    const path = jobRunsPath(at.stateDir, 'cleanup-tmp')
    const found = async () =>
      (await overdueFindings(contextOf(at.host(), { stateDir: at.stateDir }), now())).findings
    const ended = beginRun(save, path, now())
    if (ended !== null) endRun(save, path, ended, now(), 0)
    beginRun(save, path, now())
    expect((await at.status()).document.status).toBe('warning')
    expect(await found()).toEqual([])
    beginRun(save, path, now())
    expect(await found()).toMatchObject([
      { check: 'jobs', code: 'killed', item: 'cleanup-tmp', args: { runs: 2 } },
    ])
    // One more, which has not ended, since it runs.
    beginRun(save, path, now())
    writeFileSync(lockPath(at.stateDir, 'cleanup-tmp'), `${process.pid} `, { mode: 0o600 })
    expect(await found()).toMatchObject([{ args: { runs: 2 } }])
    rmSync(lockPath(at.stateDir, 'cleanup-tmp'))
    // Without a schedule it might never run again, and would be told for good.
    at.crontabs.clear()
    expect(await found()).toEqual([])
    expect((await at.status()).document.status).toBe('ok')
  })

  it('that a signal has ended are no failure; SIGTERM twice in a row is a finding of check', async () => {
    const at = place({})
    at.crontabs.set('/etc/crontab', line('0 * * * *', at, 'cleanup-tmp'))
    await at.check()
    const { save, now } = at.host()
    const found = async (...codes: number[]) => {
      for (const code of codes) {
        const path = jobRunsPath(at.stateDir, 'cleanup-tmp')
        const begun = beginRun(save, path, now())
        if (begun !== null) endRun(save, path, begun, now(), code)
      }
      expect((await at.status()).document.status).toBe('ok')
      return (await overdueFindings(contextOf(at.host(), { stateDir: at.stateDir }), now())).findings
    }
    expect(await found(130)).toEqual([])
    expect(await at.text()).toContain('was interrupted')
    expect(await found(130, 129, 143)).toEqual([])
    expect(await found(143)).toMatchObject([{ code: 'killed', item: 'cleanup-tmp', args: { runs: 2 } }])
  })

  it('are remembered by check when a schedule starts them, for the figures', async () => {
    const at = place({})
    at.crontabs.set('/etc/crontab', line('0 * * * *', at, 'cleanup-tmp') + line('* * * * *', at, 'watch'))
    const known = () =>
      jobsScheduled(loadState(at.host().save, statePath(at.stateDir), at.clock.nowMs).state.remembered.jobs)
    await at.check()
    at.clock.nowMs += 15 * minute
    await at.check()
    expect(known()).toEqual(['cleanup-tmp'])
    at.clock.nowMs += minute
    await at.check()
    expect(known()).toEqual(['cleanup-tmp'])
  })
})
