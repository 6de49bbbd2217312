import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { takeEvidence } from '../../src/commands/evidence.ts'
import { absent, failed, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import { makeCgroups } from '../../src/host/cgroups.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { CommandRecord, Host } from '../../src/host/host.ts'
import { makeProcesses } from '../../src/host/processes.ts'
import { makeSave } from '../../src/host/save.ts'
import { liveBase } from '../support/bases.ts'
import { capturedHost } from '../support/captured-host.ts'
import { serviceFacts } from '../support/service-facts.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf } from './temp-host.ts'

const top = tempFolder('evidence')
const nowMs = new Date(2026, 0, 31, 3, 0, 0).getTime()
const secret = 'hunter2Zq8'

// A real process with a secret in its command line and another in its environment.
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', '--password', secret], {
  env: { ENVIRONMENT_SECRET: 'never-to-be-read' },
  stdio: 'ignore',
})
afterAll(() => child.kill('SIGKILL'))
const pid = child.pid ?? 0

let count = 0
const freshFolder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path)
  return path
}

const record = (more: Partial<CommandRecord> = {}) =>
  value({ exitCode: 0, signal: null, stdout: '', stderr: '', truncated: false, ...more })

/** This very host, but for what engine and programs say. */
const realHost = (over: Partial<Host> = {}): Host => ({
  ...capturedHost(),
  ...liveBase,
  root: '/',
  live: true,
  now: () => nowMs,
  files: makeFiles(liveBase),
  processes: makeProcesses(liveBase),
  cgroups: makeCgroups(liveBase),
  save: makeSave(liveBase, () => nowMs),
  ...over,
})

const facts = (more: Partial<ServiceFacts> = {}) => ({
  facts: serviceFacts({
    kind: 'process',
    target: { type: 'pidfile', path: '/x' },
    mainPid: pid,
    pids: [pid],
    ...more,
  }),
  findings: [],
})

const meminfoOf = (files: Host['files'], text: string): Host['files'] => ({
  ...files,
  readText: (path, options) => (path === '/proc/meminfo' ? value(text) : files.readText(path, options)),
})
const meminfo = (totalKb: number, availableKb: number): string =>
  `MemTotal: ${totalKb} kB\nMemFree: ${availableKb} kB\nMemAvailable: ${availableKb} kB\nBuffers: 0 kB\nCached: 0 kB\nShmem: 0 kB\nSlab: 0 kB\nSReclaimable: 0 kB\nSUnreclaim: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n`
const plenty = makeFiles(liveBase)
const roomy: Host['files'] = {
  ...meminfoOf(plenty, meminfo(8e6, 4e6)),
  diskUsage: () =>
    value({
      totalBytes: 1e12,
      availableBytes: 5e11,
      usedPercent: 50,
      totalInodes: 0,
      usedInodesPercent: null,
    }),
}

describe('evidence', () => {
  it('of a real process: who, how big, its command line without the secret, never its environment', async () => {
    const logDir = freshFolder()
    const context = contextOf(realHost({ files: roomy }), { logDir })
    const taken = await takeEvidence(context, facts(), '3 failed checks in a row')
    expect(taken).toEqual({ path: join(logDir, 'investigation_20260131_030000.txt'), why: null })
    const text = readFileSync(taken.path ?? '', 'utf8')
    expect(statSync(taken.path ?? '').mode & 0o777).toBe(0o600)
    expect(text).toContain('Reason: 3 failed checks in a row')
    expect(text).toMatch(new RegExp(`^${pid} +${process.pid} +[SRD] .*--password \\*\\*\\*$`, 'm'))
    expect(text).toContain('MemTotal: 8000000 kB')
    expect(text).toContain('== Biggest processes of the host ==')
    expect(text).not.toContain(secret)
    expect(text).not.toContain('never-to-be-read')
  })

  it('several in one second have names of their own', async () => {
    const logDir = freshFolder()
    const context = contextOf(realHost({ files: roomy }), { logDir })
    for (let i = 0; i < 3; i++) await takeEvidence(context, facts(), 'x')
    expect(readdirSync(logDir).sort()).toEqual([
      'investigation_20260131_030000-2.txt',
      'investigation_20260131_030000-3.txt',
      'investigation_20260131_030000.txt',
    ])
  })

  it('with the log of the container, the journal of the unit, and what the kernel said', async () => {
    const asked: string[] = []
    const host = realHost({
      files: roomy,
      engine: {
        ...capturedHost().engine,
        logs: async (id, sinceSeconds) => {
          asked.push(`${id} since ${sinceSeconds}`)
          return value({ text: `boom TOKEN=${secret}\n`, truncated: true })
        },
      },
      run: async (argv) => {
        asked.push(argv.join(' '))
        if (argv.includes('--unit=bot.service')) return record({ stdout: 'Jan 31 bot[1]: gone\n' })
        return record({ stdout: 'usb 1-1: new device\nOut of memory: Killed process 7 (python3)\n' })
      },
    })
    const read = async (more: Partial<ServiceFacts>): Promise<string> => {
      const context = contextOf(host, { logDir: freshFolder() })
      return readFileSync((await takeEvidence(context, facts(more), 'x')).path ?? '', 'utf8')
    }
    const ofContainer = await read({ kind: 'container', containerId: 'c0ffee' })
    expect(ofContainer).toContain('boom TOKEN=***\n(there was more)')
    expect(ofContainer).toContain('Out of memory: Killed process 7 (python3)')
    expect(ofContainer).not.toContain('usb 1-1')
    expect(asked[0]).toBe(`c0ffee since ${nowMs / 1000 - 3600}`)
    const ofUnit = await read({ kind: 'unit', target: { type: 'unit', ref: 'bot.service' } })
    expect(ofUnit).toContain('Jan 31 bot[1]: gone')
  })

  it('what cannot be told is said to be missing, and the rest is there', async () => {
    const host = realHost({
      files: roomy,
      processes: { ...makeProcesses(liveBase), scan: () => failed('denied', '/proc', 'EACCES') },
      cgroups: { ...makeCgroups(liveBase), memoryPathOf: () => absent('memory cgroups') },
      engine: {
        ...capturedHost().engine,
        logs: async () => failed('timeout', '/run/docker.sock', 'no answer in 2.5s'),
      },
      run: async (argv) => failed('tool-missing', argv[0], 'is not installed'),
    })
    const context = contextOf(host, { logDir: freshFolder() })
    const { path } = await takeEvidence(context, facts({ containerId: 'c0ffee' }), 'x')
    const text = readFileSync(path ?? '', 'utf8')
    for (const words of [
      '(the processes could not be listed)',
      '(the kernel does not count memory by cgroup here)',
      '(/run/docker.sock: no answer in 2.5s)',
      '(dmesg: is not installed)',
      'MemTotal',
    ])
      expect(text).toContain(words)
  })

  it('the command line of a process in uninterruptible sleep is left alone', async () => {
    const real = makeProcesses(liveBase)
    const asked: number[] = []
    const scan = real.scan()
    if (scan.kind !== 'value') throw new Error('no scan')
    const processes: Host['processes'] = {
      ...real,
      ticksPerSecond: real.ticksPerSecond,
      scan: () =>
        value({
          ...scan.value,
          processes: scan.value.processes.map((one) =>
            one.pid === pid ? { ...one, state: 'D', rssBytes: 0 } : one,
          ),
        }),
      commandLine: (of) => {
        asked.push(of)
        return real.commandLine(of)
      },
    }
    const context = contextOf(realHost({ files: roomy, processes }), { logDir: freshFolder() })
    const { path } = await takeEvidence(context, facts(), 'x')
    expect(readFileSync(path ?? '', 'utf8')).toMatch(new RegExp(`^${pid} .* D .*\\[.+\\]$`, 'm'))
    expect(asked).not.toContain(pid)
  })

  describe('is not taken, and that is said', () => {
    const refused = async (over: Partial<Host>, global = {}): Promise<string | null> => {
      const logDir = freshFolder()
      const taken = await takeEvidence(contextOf(realHost(over), { logDir, ...global }), facts(), 'x')
      expect(taken.path).toBeNull()
      expect(readdirSync(logDir)).toEqual([])
      return taken.why
    }
    const disk = (totalBytes: number, availableBytes: number): Host['files'] => ({
      ...roomy,
      diskUsage: () =>
        value({ totalBytes, availableBytes, usedPercent: 0, totalInodes: 0, usedInodesPercent: null }),
    })
    const [mib, gib] = [1024 ** 2, 1024 ** 3]

    it('with little memory', async () => {
      expect(await refused({ files: meminfoOf(roomy, meminfo(1e6, 63 * 1024)) })).toBe(
        'only 63.0 MiB of memory are available',
      )
      expect(await refused({ files: meminfoOf(roomy, meminfo(16e6, 300_000)) })).toBe(
        'only 293.0 MiB of memory are available',
      )
      expect(await refused({ files: meminfoOf(roomy, '') })).toMatch(/^free memory is not known: /)
    })

    it('with little disk space', async () => {
      expect(await refused({ files: disk(gib, 99 * mib) })).toMatch(
        /^only 99.0 MiB of disk space are free in /,
      )
      expect(await refused({ files: disk(100 * gib, 4 * gib) })).toMatch(/^only 4.0 GiB of disk space/)
      const unknown = { ...roomy, diskUsage: () => failed('io', '/x', 'EIO') }
      expect(await refused({ files: unknown })).toMatch(/^free space of .* is not known: \/x: EIO$/)
    })

    it('under --dry-run, and of a captured host', async () => {
      expect(await refused({ files: roomy }, { dryRun: true })).toBe('nothing is written in this run')
      expect(await refused({ files: roomy, live: false })).toBe('nothing is written in this run')
    })

    it('where it cannot be written, and when we have a defect', async () => {
      const save = { ...makeSave(liveBase, () => nowMs), replace: () => failed('io', '/x', 'ENOSPC') }
      expect(await refused({ files: roomy, save })).toBe('/x: ENOSPC')
      const run = (): never => {
        throw new Error('oops')
      }
      expect(await refused({ files: roomy, run })).toBe('defect: oops')
    })
  })

  it('a log folder that is a file is a reason, not an end', async () => {
    const logDir = join(freshFolder(), 'file')
    writeFileSync(logDir, '')
    const taken = await takeEvidence(contextOf(realHost({ files: roomy }), { logDir }), facts(), 'x')
    expect(taken).toMatchObject({ path: null, why: expect.stringMatching(/^there is no log folder: /) })
  })
})
