import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command as check } from '../../src/commands/check.ts'
import type { CommandResult } from '../../src/commands/command.ts'
import { metricsFacts } from '../../src/commands/metrics/facts.ts'
import { command as metrics } from '../../src/commands/metrics.ts'
import { loadConfig } from '../../src/config/load.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { makeHost } from '../../src/host/real.ts'
import { makeSave } from '../../src/host/save.ts'
import { metricsHead } from '../../src/report/metrics-text.ts'
import { beginRun, endRun, jobRunsPath } from '../../src/store/job-runs.ts'
import { lastCheckPaths } from '../../src/store/last-check.ts'
import { lockPath, statePath } from '../../src/store/paths.ts'
import { loadState, saveState } from '../../src/store/state.ts'
import { addTotals } from '../../src/store/totals.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf } from './temp-host.ts'

const top = tempFolder('metrics')

const host = (): Host =>
  makeHost({
    ...{ root: '/', dryRun: false, logAction: () => {}, onEndSignal: () => {} },
    out: {
      ...{ stdoutIsTerminal: false, stderrIsTerminal: false, columns: 80, color: false },
      ...{ stdout: () => {}, stderr: () => {} },
    },
  })

interface Place {
  at: string
  file: string
  check(names?: string, over?: object): Promise<CommandResult>
  metrics(): Promise<CommandResult>
}

/** Services that are missing: what stands in the figures is what was seen, not what is well. */
const place = async (services = 'app: { pidfile: /nonexistent/app.pid }'): Promise<Place> => {
  const at = mkdtempSync(join(top, 'x-'))
  mkdirSync(join(at, 'collector'))
  const file = join(at, 'collector/oratio_health.prom')
  const contextFor = async (of: string, over: object = {}) => {
    const config = join(at, 'config.yaml')
    writeFileSync(config, `services: { ${of} }\nmetrics: { textfile: ${file} }\n`, { mode: 0o640 })
    const own = host()
    const context = contextOf(own, { stateDir: join(at, 'state'), logDir: join(at, 'log'), ...over })
    return { ...context, loaded: await loadConfig(own, config) }
  }
  return {
    ...{ at, file },
    check: async (of = services, over = {}) => check.run(await contextFor(of, over)),
    metrics: async () => metrics.run(await contextFor(services)),
  }
}

const own = (result: CommandResult): string[] =>
  ((result.document?.body.ownFindings ?? []) as { check: string; code: string }[]).map(
    ({ check: name, code }) => `${name}.${code}`,
  )

describe('metrics.textfile', () => {
  it('is written by each check, whole, readable for all, and holds no service that is gone', async () => {
    const { file, check: run } = await place()
    await run()
    expect(statSync(file).mode & 0o777).toBe(0o644)
    expect(readFileSync(file, 'utf8')).toContain('oratio_health_service_up{service="app"} 0')
    await run('web: { pidfile: /nonexistent/web.pid }')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('service="web"')
    expect(text).not.toContain('service="app"')
  })

  it('counts what was done: restarts of the services there are, cleanups, orphans', async () => {
    const { at, file, check: run } = await place()
    const log = join(at, 'log')
    mkdirSync(log)
    const line = (service: string): string =>
      `[2026-01-31 03:00:00] WARN ${service} restarted: 3 failed checks\n`
    writeFileSync(join(log, 'restart_history.log'), `${line('app')}${line('gone')}${line('app')}`)
    const save = makeSave(liveBase, () => 0)
    save.ensureFolder(join(at, 'state'))
    addTotals(save, join(at, 'state'), 'cleanup-tmp', { removed: 3, removedBytes: 4096, failed: 0 })
    addTotals(save, join(at, 'state'), 'kill-orphans', { ended: 2, survived: 1 })
    await run()
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines.filter((one) => /^oratio_health_(service_restarts|actions|cleanup)/.test(one))).toEqual([
      'oratio_health_service_restarts_total{service="app",by="oratio-health"} 2',
      'oratio_health_actions_total{kind="restart",outcome="done"} 3',
      'oratio_health_actions_total{kind="restart",outcome="failed"} 0',
      'oratio_health_actions_total{kind="restart",outcome="gave-up"} 0',
      'oratio_health_actions_total{kind="cleanup",outcome="done"} 3',
      'oratio_health_actions_total{kind="cleanup",outcome="failed"} 0',
      'oratio_health_actions_total{kind="orphan",outcome="done"} 2',
      'oratio_health_actions_total{kind="orphan",outcome="failed"} 1',
      'oratio_health_cleanup_removed_bytes_total 4096',
    ])
  })

  it('has 137 for a scheduled job that was killed, and for one that runs the status of the run before', async () => {
    const { at, file, check: run } = await place()
    await run()
    const save = makeSave(liveBase, () => 0)
    const remember = (...scheduled: string[]): void => {
      const path = statePath(join(at, 'state'))
      const { state } = loadState(save, path, Date.now())
      const jobs = { sinceMs: 1, lookedAtMs: Date.now(), isOverdue: false, scheduled }
      saveState(save, path, { ...state, remembered: { ...state.remembered, jobs } }, Date.now())
    }
    for (const job of ['cleanup-tmp', 'kill-orphans']) {
      const path = jobRunsPath(join(at, 'state'), job)
      const ended = beginRun(save, path, 1000)
      if (ended !== null) endRun(save, path, ended, 2000, 1)
      beginRun(save, path, 3000)
    }
    writeFileSync(lockPath(join(at, 'state'), 'kill-orphans'), `${process.pid} `, { mode: 0o600 })
    const exits = async () => {
      await run()
      const lines = readFileSync(file, 'utf8').split('\n')
      return lines.flatMap((one) => /^oratio_health_job_exit_status\{job_name="(.*)/.exec(one)?.[1] ?? [])
    }
    remember('cleanup-tmp', 'kill-orphans')
    expect(await exits()).toEqual(['cleanup-tmp"} 137', 'kill-orphans"} 1'])
    // Nothing starts it again: that was not to be its status for good.
    remember()
    expect(await exits()).toEqual([])
  })

  it('has no status of a job that was run by hand once, and that of one that something starts regularly', async () => {
    const { at, file, check: run } = await place()
    const save = makeSave(liveBase, () => 0)
    const ran = (job: string, minutesAgo: readonly number[], exitCode: number): void => {
      for (const minutes of minutesAgo) {
        const path = jobRunsPath(join(at, 'state'), job)
        const begun = beginRun(save, path, Date.now() - minutes * 60_000)
        if (begun !== null) endRun(save, path, begun, Date.now() - minutes * 60_000 + 1000, exitCode)
      }
    }
    await run()
    ran('kill-orphans', [1], 64)
    ran('journal-limits', [90, 61, 60, 20, 1], 3)
    ran('limits', [4000, 3990, 3980, 3970, 3960], 2)
    ran('cleanup-tmp', [44, 33, 23, 13, 3], 2)
    await run()
    const lines = readFileSync(file, 'utf8').split('\n')
    expect(lines.filter((one) => one.startsWith('oratio_health_job_exit_status{'))).toEqual([
      'oratio_health_job_exit_status{job_name="cleanup-tmp"} 2',
    ])
    expect(lines.filter((one) => one.startsWith('oratio_health_job_last_run'))).toHaveLength(4)
  })

  it('has the journal that its cap is for, and none that lies beside it', async () => {
    const id = 'a'.repeat(32)
    const folder = mkdtempSync(join(top, 'journal-'))
    for (const [name, kib] of [
      [id, 8],
      [`${id}.noisy`, 4000],
      ['remote', 4000],
    ] as const) {
      mkdirSync(join(folder, 'var/log/journal', name), { recursive: true })
      writeFileSync(join(folder, 'var/log/journal', name, 'system.journal'), 'x'.repeat(kib * 1024))
    }
    mkdirSync(join(folder, 'etc'))
    writeFileSync(join(folder, 'etc/machine-id'), `${id}\n`)
    const captured = makeFiles(capturedBase(folder))
    const of = { ...host(), files: captured }
    const facts = metricsFacts(
      contextOf(of, { stateDir: folder, logDir: folder }),
      null,
      { restarts: {}, scheduled: [] },
      {
        SystemMaxUse: '1G 500M',
      },
    )
    expect(facts.journal).toEqual([
      { storage: 'disk', bytes: expect.any(Number), capBytes: 1524 * 1024 ** 2 },
    ])
    expect(facts.journal[0]?.bytes).toBeLessThan(100 * 1024)
  })

  it('is not touched by a dry run', async () => {
    const { file, check: run } = await place()
    await run(undefined, { dryRun: true })
    expect(() => statSync(file)).toThrow()
  })

  it('leaves a file of another tool alone, and a link, and says so', async () => {
    const { at, file, check: run } = await place()
    writeFileSync(file, '# HELP other x\nother 1\n')
    expect(own(await run(undefined, { json: true }))).toContain('metrics.foreign')
    expect(readFileSync(file, 'utf8')).toBe('# HELP other x\nother 1\n')

    const linked = await place()
    const target = join(at, 'target')
    writeFileSync(target, `${metricsHead}\nold\n`)
    symlinkSync(target, linked.file)
    await linked.check()
    expect(readFileSync(target, 'utf8')).toBe(`${metricsHead}\nold\n`)
  })

  it('says that its folder is missing or closed, and the run goes on', async () => {
    const { at, check: run } = await place()
    rmSync(join(at, 'collector'), { recursive: true })
    const result = await run(undefined, { json: true })
    expect(own(result)).toContain('metrics.unwritable')
    expect(result.document?.body.services).toHaveLength(1)
  })
})

describe('metrics', () => {
  it('prints what the file holds', async () => {
    const { file, check: run, metrics: print } = await place()
    await run()
    const result = await print()
    expect(validateDocument(documentOf(result))).toEqual([])
    const stable = (text: string): string =>
      text.replace(/^.*(store_bytes|duration|exit_status|job_last).*$/gm, '')
    expect(stable(result.text({ columns: 80, color: false, verbose: false }))).toBe(
      stable(readFileSync(file, 'utf8')),
    )
    expect(result.status).toBe('ok')
  })

  it('without a record is unknown, and of a broken one ends with 3', async () => {
    const { at, metrics: print } = await place()
    expect((await print()).status).toBe('unknown')
    mkdirSync(join(at, 'state'), { recursive: true })
    const [first] = lastCheckPaths(join(at, 'state'))
    writeFileSync(first, 'rubbish')
    await expect(print()).rejects.toMatchObject({ code: 3 })
    expect(readFileSync(first, 'utf8')).toBe('rubbish')
  })
})
