import { describe, expect, it } from 'vitest'
import type { Criterion } from '../src/core/acceptance.ts'
import { absent, value } from '../src/core/reading.ts'
import type { ServiceFacts } from '../src/core/service.ts'
import { doctorText, type Examined } from '../src/report/doctor-text.ts'
import { journalText } from '../src/report/journal-text.ts'
import type { ServiceStatus } from '../src/report/status-report.ts'
import { statusText } from '../src/report/status-text.ts'
import { trendText } from '../src/report/trend-text.ts'
import { verifyText } from '../src/report/verify-text.ts'
import { docSample, printed, withoutFigures } from './support/doc-sample.ts'
import { serviceFacts, serviceMemoryOf } from './support/service-facts.ts'

// As doc-samples.test.ts, of what judges records.

const mib = 1024 ** 2
const minuteMs = 60_000
const view = { columns: 80, color: false, verbose: true }
const missing = (shown: readonly string[], all: readonly string[]): string[] =>
  shown.filter((line) => !all.map(withoutFigures).includes(withoutFigures(line)))

const leak = {
  ...{ verdict: 'leak' as const, slopeBytesPerMinute: 220.1 * mib, slopeLow: 219.7 * mib },
  ...{ slopeHigh: 220.4 * mib, onsetAtMs: 20 * minuteMs, confidence: 0.9 },
  ...{ secondsToLimit: { best: 398, low: 357, high: 442 } },
  reason: { code: 'grows-steadily', args: {} },
}

describe('the samples of the pages are what is printed', () => {
  it('verify', () => {
    const one = (name: Criterion['name'], measured: number, bound: number, more: Partial<Criterion>) => ({
      ...{ name, measured, bound, range: null, result: 'fail' as const, reason: null },
      ...more,
    })
    const fromMs = new Date(2026, 10, 26, 17, 20, 16).getTime()
    const service = {
      ...{ name: 'leaky', samples: 16, before: null, error: null },
      window: { fromMs, toMs: fromMs + 15_000, stepMs: 1000, expected: 16 },
      criteria: [
        one('max-memory', 129 * mib, 30 * mib, {}),
        one('max-growth', 240.5 * mib, 10 * mib, { range: { low: 240 * mib, high: 240.7 * mib } }),
        one('min-uptime', 32, 3600, { result: 'insufficient', reason: { code: 'not-measured' } }),
        one('max-processes', 1, 1, { result: 'pass' }),
      ],
    }
    const all = printed(verifyText([service], null, view))
    const shown = docSample('verify', '$ oratio-health verify leaky').filter((line) => line !== '')
    // Why its uptime is not known is told in other words where nothing was measured.
    expect(shown.filter((line) => !all.includes(line) && !line.includes('uptime: '))).toEqual([])
  })

  it('status', () => {
    const nowMs = 400 * minuteMs
    const point = (i: number) => ({
      ...{ floorBytes: (100 + i) * mib, meanBytes: (100 + i) * mib, peakBytes: (100 + i) * mib },
      ...{ atMs: i * 5 * minuteMs, usedBytes: (100 + i) * mib, limitBytes: 1536 * mib },
    })
    const service = (
      name: string,
      more: Partial<ServiceStatus>,
      facts: Partial<ServiceFacts>,
    ): ServiceStatus => ({
      seen: {
        facts: serviceFacts({
          ...{ name, memory: value(serviceMemoryOf({ usedBytes: 924 * mib, limitBytes: 1536 * mib })) },
          ...facts,
        }),
        ...{ status: 'ok', findings: [], failedChecks: 0, action: null, atMs: nowMs - 96_000 },
      },
      ...{ status: 'ok', isOld: false, points: Array.from({ length: 80 }, (_, i) => point(i)) },
      ...{ verdict: leak, restartsToday: 0, lastAction: null, culprit: null },
      ...more,
    })
    const all = printed(
      statusText(
        {
          ...{ hostname: 'box', nowMs, status: 'warning', trouble: null },
          seen: {
            host: { atMs: nowMs - 96_000, status: 'ok', findings: [] },
            ...{ isOld: false, oldAfterMs: 15 * minuteMs, everyMs: 5 * minuteMs },
          },
          services: [
            service('backup', { verdict: null, points: [] }, { state: 'unknown', memory: absent('memory') }),
            service('wallet', { culprit: 'node (4518), +917.4 MiB of anonymous memory' }, {}),
            service('web', { verdict: { ...leak, verdict: 'stable' } }, {}),
          ],
          jobs: [
            {
              ...{ command: 'check', lastRunAtMs: nowMs - 96_000, exitCode: 3, endedAtMs: nowMs - 95_000 },
              ...{ isRunning: false, dueAtMs: null, isOverdue: false },
            },
          ],
        },
        { ...view, verbose: false, glyphs: 'unicode', rows: null },
      ),
    )
    const shown = docSample('status', '$ oratio-health status')
    const heads = shown.filter((line) => /^ {2}(name|job|check|node) |^(Services|Jobs)$/.test(line))
    expect(heads).toHaveLength(6)
    expect(missing(heads, all)).toEqual([])
    expect(shown[1]?.replace(/^seen \S+ \S+/, '')).toBe(all[1]?.replace(/^seen \S+ \S+/, ''))
  })

  it('trend', () => {
    const points = Array.from({ length: 40 }, (_, i) => ({
      ...{ atMs: i * minuteMs, bytes: (500 + i * 100) * mib, identity: null },
    }))
    const judged = { verdict: leak, points, limitBytes: 6144 * mib, usedBytes: 4600 * mib }
    const result = { name: 'app.csv', status: 'critical' as const, judged, error: null, notes: [] }
    const all = printed(trendText([{ ...result, isSinceStart: false }], view))
    const shown = docSample('trend', '$ oratio-health trend app.csv --limit 6G')
    const facts = shown.filter((line) => /^ {2}(growth|limit) {2}/.test(line))
    expect(facts).toHaveLength(2)
    expect(missing(facts, all)).toEqual([])
    expect(shown[0]?.split(':')[0]).toBe(all[0]?.split(':')[0])
  })

  it('journal-limits status', () => {
    const state = (key: string, effective: string, wanted: string, source: string) => ({
      ...{ key, effective, wanted, source },
    })
    const ours = '/etc/systemd/journald.conf.d/90-oratio-health.conf'
    const all = printed(
      journalText(
        {
          states: [
            state('RateLimitBurst', '10000', '10000', ours),
            state('SystemMaxUse', '70M', '50M', '/etc/systemd/journald.conf.d/99-zzz.conf'),
            state('MaxRetentionSec', '1week', '1week', ours),
          ],
          ...{ faults: [], ignored: [], traffic: null, nowMs: 0 },
          storage: { kind: 'persistent', places: [] },
        },
        { ...view, verbose: false },
      ),
    )
    const shown = docSample('journal-limits', '$ oratio-health journal-limits status')
    const until = shown.indexOf('STORAGE') + 2
    expect(shown.slice(0, until).filter((line) => line !== '' && !all.includes(line))).toEqual([])
  })

  it('doctor', () => {
    const shown = docSample('doctor', '$ oratio-health doctor -v').filter((line) => line !== '')
    const entries = shown
      .slice(1)
      .join('\n')
      .split(/\n(?= {2}\S)/)
    const examined = entries.flatMap((entry): Examined[] => {
      const [, name = '', message = ''] = /^ *ok {4}([\w-]+): (.*)$/.exec(entry.replace(/\n +/g, ' ')) ?? []
      return [{ name, message, status: 'ok', mend: null }]
    })
    expect(examined.length).toBeGreaterThan(10)
    expect(printed(doctorText(examined, 'ok', view))).toEqual(shown)
  })
})
