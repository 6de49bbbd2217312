import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absent, failed, value } from '../../src/core/reading.ts'
import type { ServiceFacts } from '../../src/core/service.ts'
import {
  type MeasuredService,
  type MetricsFacts,
  metricsHead,
  metricsText,
} from '../../src/report/metrics-text.ts'

const none: MetricsFacts = {
  ...{
    version: '1.2.3',
    host: null,
    services: [],
    jobs: [],
    restarts: [],
    actions: [],
    cleanedBytes: null,
    stores: [],
    journal: [],
  },
}

const service = (
  name: string,
  facts: Partial<ServiceFacts> = {},
  more: Partial<MeasuredService> = {},
): MeasuredService => ({
  facts: {
    ...{
      name,
      kind: 'container',
      target: { type: 'container', ref: name },
      configured: true,
      state: 'running',
    },
    ...{ stateDetail: '', identity: 'x', mainPid: 1, pids: [], health: null },
    memory: value({ leakBytes: 1000, usedBytes: 2000, swapBytes: 0, limitBytes: null, limitAt: null }),
    processes: value(2),
    openFiles: failed('denied', 'files', 'no'),
    threads: value(3),
    restarts: absent('restarts'),
    uptimeSeconds: value(60.5),
    oomKills: value(0),
    ...facts,
  } as ServiceFacts,
  ...{ status: 'ok', findings: [], failedChecks: 0, hasGivenUp: false, ...more },
})

const linesOf = (facts: Partial<MetricsFacts>): string[] =>
  metricsText({ ...none, ...facts })
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** As Prometheus' text format has a line: name, labels with escapes, value. */
const lineForm =
  /^oratio_health_[a-z_]+(\{[a-z_]+="(\\\\|\\"|\\n|[^"\\\n])*"(,[a-z_]+="(\\\\|\\"|\\n|[^"\\\n])*")*\})? -?[0-9.e+-]+$/u

describe('metricsText', () => {
  it('is not down what could not be asked', () => {
    const states = ['running', 'restarting', 'missing', 'unknown'] as const
    const lines = linesOf({ services: states.map((state) => service(state, { state })) })
    expect(lines.filter((line) => line.startsWith('oratio_health_service_up{'))).toEqual([
      'oratio_health_service_up{service="running"} 1',
      'oratio_health_service_up{service="restarting"} 0',
      'oratio_health_service_up{service="missing"} 0',
    ])
  })

  it('has a head, and of nothing only the version', () => {
    expect(metricsText(none)).toBe(
      `${metricsHead}
# HELP oratio_health_build_info The version that wrote this
# TYPE oratio_health_build_info gauge
oratio_health_build_info{version="1.2.3"} 1
# EOF
`,
    )
  })

  it('has no line for what was not measured, and never a 0 for it', () => {
    const lines = linesOf({ services: [service('a', { memory: absent('memory') })] })
    expect(lines.some((line) => /memory|limit|open_files|leak|growth/.test(line))).toBe(false)
    expect(lines).toContain('oratio_health_service_processes{service="a"} 2')
  })

  it('has rates by the second, a leak as 1, and the range of the time that is left', () => {
    const growth = {
      ...{ verdict: 'leak' as const, bytesPerMinute: 600, secondsToLimit: 100, onsetAtMs: 0 },
      ...{ secondsToLimitLow: 90, secondsToLimitHigh: null },
    }
    const lines = linesOf({ services: [service('a', { growth })] })
    expect(lines).toContain('oratio_health_service_growth_bytes_per_second{service="a"} 10')
    expect(lines).toContain('oratio_health_service_leak{service="a"} 1')
    expect(lines.filter((line) => line.includes('seconds_to_limit'))).toEqual([
      'oratio_health_service_seconds_to_limit{service="a",estimate="best"} 100',
      'oratio_health_service_seconds_to_limit{service="a",estimate="low"} 90',
    ])
  })

  it('adds one series for each check and code, whatever items there are', () => {
    const finding = (item: string, status: 'warning' | 'critical' | 'ok') => ({
      ...{ check: 'disks', code: 'level', item, status, value: 1, unit: null, warn: null, crit: null },
    })
    const findings = [finding('/a', 'warning'), finding('/b', 'critical'), finding('/c', 'ok')]
    const lines = linesOf({ host: { atMs: 1500, status: 'critical', findings } })
    expect(lines.filter((line) => line.includes('finding_status'))).toEqual([
      'oratio_health_finding_status{service="",check="disks",code="level"} 2',
    ])
    expect(lines).toContain('oratio_health_last_run_timestamp_seconds 1.5')
  })

  it('keeps each name inside its quotes, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const lines = metricsText({ ...none, services: [service(name)] })
          .trimEnd()
          .split('\n')
        for (const line of lines.filter((one) => !one.startsWith('#'))) expect(line).toMatch(lineForm)
      }),
    )
    expect(linesOf({ services: [service('a"b\\c\nd')] })[1]).toBe(
      'oratio_health_service_status{service="a\\"b\\\\c\\nd"} 0',
    )
  })

  it('holds 10,000 services in one pass', () => {
    const services = Array.from({ length: 10_000 }, (_, i) => service(`s${i}`))
    expect(
      linesOf({ services }).filter((line) => line.startsWith('oratio_health_service_status')),
    ).toHaveLength(10_000)
  })

  const promtool = spawnSync('promtool', ['--version']).status === 0
  it.runIf(promtool)('is taken by promtool, also with hostile names', () => {
    const services = ['plain', 'a"b\\c\nd', '\u0000\u001b[31m', '\ud800', '服务'].map((name) => service(name))
    const text = metricsText({
      ...none,
      services,
      restarts: [{ service: 'plain', by: 'engine', count: 3 }],
      actions: [{ kind: 'restart', outcome: 'done', count: 2 }],
    })
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect(`${checked.stdout}${checked.stderr}`).toBe('')
    expect(checked.status).toBe(0)
  })
})
