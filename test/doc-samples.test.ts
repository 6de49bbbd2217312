import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { completionFor } from '../src/completion.ts'
import type { Finding } from '../src/core/finding.ts'
import { absent, value } from '../src/core/reading.ts'
import type { CheckResult } from '../src/core/service.ts'
import { observedOf, transition } from '../src/core/transition.ts'
import { checkProblems } from '../src/report/check-problems.ts'
import { checkText } from '../src/report/check-text.ts'
import { type Cleaned, cleanupText } from '../src/report/cleanup-text.ts'
import { limitsTable } from '../src/report/limits-text.ts'
import { metricsText } from '../src/report/metrics-text.ts'
import { type OrphansOfRule, orphansText } from '../src/report/orphans-text.ts'
import { headline } from '../src/report/page/words.ts'
import { wrapText } from '../src/report/width.ts'
import { given, run } from './commands/crash/run-crash-report.ts'
import { finding, healthy, service } from './report/samples.ts'
import { docPage, docSample, printed, withoutFigures } from './support/doc-sample.ts'

// What the pages show was printed by the program once. Here the same figures go through what prints them now.

const mib = 1024 ** 2
const view = { columns: 80, color: false, verbose: false }

describe('the samples of the pages are what is printed', () => {
  it('cleanup-tmp', () => {
    const at = '/var/tmp/render'
    const cleaned: Cleaned = {
      ...{
        removed: 2,
        removedBytes: 60 * mib,
        kept: 1,
        skippedCount: 2,
        failedCount: 0,
        failedAgainCount: 0,
        failedAgain: [],
      },
      ...{ isUnfinished: false, failed: [], blind: [] },
      paths: [`${at}/merged_1.ts`, `${at}/merged_2.ts`],
      skipped: [
        { path: `${at}/merged_pipe.ts`, reason: 'a fifo is never removed' },
        { path: `${at}/merged_3.ts`, reason: 'a process has it open' },
      ],
    }
    const command = `$ oratio-health cleanup-tmp ${at} --older-than 1h --match 'merged_*.ts' --by mtime`
    expect(docSample('cleanup-tmp', `${command} -n\n`)).toEqual(printed(cleanupText(cleaned, true, false)))
    expect(docSample('cleanup-tmp', `${command}\n`)).toEqual(printed(cleanupText(cleaned, false, false)))
  })

  it('kill-orphans', () => {
    const seen = (ageSeconds: number) => ({ ageSeconds, memoryBytes: 25.2 * mib, parent: 1 })
    const orphan = (pid: number, age: number) => ({
      ...{ pid, startedAt: null, command: 'python3 capture.py', memoryBytes: 25.2 * mib, parent: 1 },
      ...{ reason: 'its parent is gone', seen: seen(age) },
    })
    const rule: OrphansOfRule = {
      ...{ name: 'captures', matched: 3, killed: [], survivors: [], blind: null, refused: false },
      wouldKill: [orphan(52, 14), orphan(49, 18)],
      spared: [
        {
          ...{ pid: 55, command: 'python3 capture.py', reason: 'among the newest 1, which stay' },
          seen: seen(10),
        },
      ],
    }
    expect(docSample('kill-orphans', '$ oratio-health kill-orphans -n | cat')).toEqual(
      printed(orphansText([rule], view, false)),
    )
  })

  it('limits', () => {
    const row = (name: string, more: object) => ({
      ...{ service: name, via: 'compose', source: null, limitBytes: null, reservationBytes: null },
      ...{ wantedBytes: null, usedBytes: null, isKnown: true },
      ...more,
    })
    const rows = [
      row('web', { source: 'mem_limit', limitBytes: 1024 * mib }),
      row('db', { reservationBytes: 256 * mib }),
    ]
    expect(docSample('limits', '$ oratio-health limits --compose compose.yaml')).toEqual(
      printed(limitsTable(rows, view)),
    )
  })

  it('crash-report', async () => {
    const collected = readFileSync(join(import.meta.dirname, 'fixtures/crash/samples.json'), 'utf8')
    const kill = linesIn(JSON.parse(collected)).find((line) => line.includes('Killed process 63214 (uwsgi)'))
    const { text } = await run({ options: { from: [given('kern.log', `${kill}\n`)], output: '-' } })
    expect(text).toContain(docSample('crash-report', 'Found: 1 × killed for memory.').join('\n'))
  })

  const big = (usedBytes: number, of: object): Finding =>
    finding('memory', 'size', 'warning', { value: usedBytes, unit: 'bytes', warn: 20 * mib, args: { ...of } })

  it('watch', () => {
    const usedBytes = 34.8 * mib
    const memory = big(usedBytes, {
      ...{ usedBytes, leakBytes: usedBytes, swapBytes: 0 },
      ...{ ceilingBytes: 23.5 * 1024 * mib, ceilingOf: 'ram' },
    })
    const result = { ...healthy, services: [service('shop', {}, { status: 'warning', findings: [memory] })] }
    const due = transition([], observedOf(result), result.startedAtMs, 3600)
    expect(docSample('watch', '$ oratio-health watch').slice(1)).toEqual(checkProblems(result, due))
  })

  it('metrics', () => {
    const shop = service('shop', { kind: 'process', restarts: absent('restarts') })
    const text = metricsText({
      ...{ version: '0.1.0', cleanedBytes: 0, stores: [], journal: [], actions: [] },
      host: { atMs: 1, status: 'ok', findings: [] },
      services: [{ ...shop, hasGivenUp: false }],
      jobs: [
        {
          command: 'check',
          newest: { begunAtMs: 1, endedAtMs: 2, exitCode: 1 },
          ended: { begunAtMs: 1, endedAtMs: 2, exitCode: 1 },
        },
      ],
      restarts: [{ service: 'shop', by: 'oratio-health', count: 0 }],
    })
    const valueless = (line: string): string => (line.startsWith('#') ? line : line.replace(/ [-\d.]+$/, ''))
    const all = text.split('\n').map(valueless)
    const shown = docSample('metrics', '$ oratio-health metrics').filter((line) => line !== '…')
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.map(valueless).filter((line) => !all.includes(line))).toEqual([])
  })

  it('report', () => {
    const reported = (isHost: boolean) => ({
      ...{ name: isHost ? 'host' : 'shop', isHost, records: [], memoryBytes: 1, stepMs: 1, rhythmMs: 1 },
      ...{
        verdict: { verdict: isHost ? 'stable' : 'leak', secondsToLimit: isHost ? null : { best: 36_420 } },
        ceiling: null,
        restarts: [],
        alerts: [],
      },
    })
    const facts = { services: [reported(false), reported(true)], nowMs: 1 }
    const shown = docSample('report', '$ oratio-health report -o week.html')
    expect(shown.slice(0, -1)).toEqual(wrapText(headline(facts as never), view.columns))
    expect(withoutFigures(shown.at(-1) ?? '')).toBe('week.html, SIZE')
  })

  it('completion', async () => {
    const script = (await completionFor('bash')).split('\n')
    const shown = docSample('completion', '$ oratio-health completion bash | head -n 1')
    expect(shown).toEqual(script.slice(0, 1))
  })

  it('check: its titles, the head of its tables, and the row of a service', () => {
    const usedBytes = 930.4 * mib
    const startedAtMs = new Date(2026, 10, 26, 21, 19, 57).getTime()
    const shop = service(
      'shop',
      {
        ...{ kind: 'unit', processes: value(1), restarts: value(0), uptimeSeconds: value(465) },
        memory: value({
          ...{ leakBytes: usedBytes, usedBytes, swapBytes: 0, limitBytes: 512 * mib, limitAt: null },
        }),
        attribution: {
          ...{ sinceMs: startedAtMs - 462_000, gainBytes: 921.8 * mib, names: [], openFiles: null },
          ...{ threads: null, unread: 0 },
          kinds: [{ kind: 'anonymous', thenBytes: 8.6 * mib, nowBytes: usedBytes }],
          processes: [
            {
              ...{ name: 'python3 leak.py', pid: 553, thenBytes: 8.6 * mib, nowBytes: usedBytes },
              ...{ thenProcesses: 1, nowProcesses: 1 },
            },
          ],
          culprit: {
            ...{ of: 'process', name: 'python3 leak.py', pid: 553, gainBytes: 921.8 * mib },
            kind: 'anonymous',
          },
        },
      },
      {
        status: 'critical',
        findings: [
          finding('memory', 'size', 'critical', { value: usedBytes, unit: 'bytes', crit: 1 }),
          finding('growth', 'insufficient', 'unknown', { args: { samples: 3 } }),
        ],
      },
    )
    const result: CheckResult = { ...healthy, hostname: 'vm', startedAtMs, services: [shop] }
    const all = printed(checkText(result, { ...view, verbose: true }))
    const shown = docSample('check', '$ oratio-health check shop -v')
    const exact = shown.filter((line) => /^ {2}name |^! shop|←|^ {2,}then |^ {2}shop, in /.test(line))
    expect(exact).toHaveLength(6)
    expect(exact.filter((line) => !all.includes(line))).toEqual([])
    const titles = shown.filter((line) => /^[A-Z][a-z]/.test(line))
    expect(titles).toHaveLength(5)
    expect(titles.filter((line) => !all.includes(line))).toEqual([])
    // Each column that -v may have is named in the page.
    for (const column of ['kind', 'files', 'threads', 'oom', 'growth', 'full in'])
      expect(docPage('check')).toContain(`**${column}**`)
  })
})

const linesIn = (part: unknown): string[] =>
  typeof part === 'string'
    ? [part]
    : typeof part === 'object' && part !== null
      ? Object.values(part).flatMap(linesIn)
      : []
