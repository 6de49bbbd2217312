import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GatheredCheck } from '../../src/core/gathered.ts'
import { figuresEnd, figuresHead, gatheredMetrics } from '../../src/parse/gathered-metrics.ts'
import { metricsEnd, metricsHead } from '../../src/report/metrics-text.ts'

const p = 'oratio_health_'
const lines = [
  metricsHead,
  `${p}build_info{version="1.2.3"} 1`,
  `${p}last_run_timestamp_seconds 1700000000.5`,
  `${p}host_status 0`,
  `${p}service_status{service="web"} 1`,
  `${p}service_status{service="db"} 0`,
  `${p}service_leak{service="web"} 1`,
  `${p}service_leak{service="db"} 0`,
  `${p}service_seconds_to_limit{service="web",estimate="best"} 100`,
  `${p}service_seconds_to_limit{service="web",estimate="low"} 90`,
  `${p}finding_status{service="web",check="growth",code="leak"} 1`,
]
const whole = `${lines.join('\n')}\n${metricsEnd}\n`

const without = (part: string): string =>
  whole
    .split('\n')
    .filter((line) => !line.includes(part))
    .join('\n')

describe('gatheredMetrics', () => {
  it('knows the first and the last line of metrics-text.ts', () => {
    expect(metricsHead.startsWith(figuresHead)).toBe(true)
    expect(metricsEnd).toBe(figuresEnd)
  })

  it('tells the last check', () => {
    expect(gatheredMetrics(whole)).toEqual({
      ...{ form: 'metrics', hostname: null, atMs: 1_700_000_000_500, version: '1.2.3', status: 'warning' },
      services: [
        { name: 'web', status: 'warning', isLeaking: true, secondsToLimit: 100 },
        { name: 'db', status: 'ok', isLeaking: false, secondsToLimit: null },
      ],
      problems: [{ service: 'web', check: 'growth', status: 'warning', message: 'growth: leak' }],
    })
  })

  it('of a file that was cut off anywhere is none', () => {
    for (let length = 0; length < whole.length; length++)
      expect(gatheredMetrics(whole.slice(0, length)), `at ${length}`).toHaveProperty('why')
  })

  it('takes what an exporter prints, where figures of others come after ours', () => {
    const ours = lines.slice(1).join('\n')
    const page = (end: string): string => `node_load1 0.5\n${ours}\n${end}`
    expect(gatheredMetrics(page('promhttp_metric_handler_requests_total{code="200"} 1\n'))).toHaveProperty(
      'status',
      'warning',
    )
    expect(gatheredMetrics(page(''))).toHaveProperty('kind', 'broken')
    expect(gatheredMetrics(page('promhttp_met'))).toHaveProperty('kind', 'broken')
  })

  it('is foreign without any figure of ours, and broken without the time of the check', () => {
    for (const text of ['', '\u0000\ufffd', 'node_load1 1\n', '{"schema":1}'])
      expect(gatheredMetrics(text)).toHaveProperty('kind', 'foreign')
    expect(gatheredMetrics(without('last_run'))).toHaveProperty('kind', 'broken')
    for (const time of ['NaN', '-1', '1e300', '+Inf'])
      expect(gatheredMetrics(whole.replace('1700000000.5', time))).toHaveProperty('kind', 'broken')
  })

  it('is never well where a status is missing or none', () => {
    expect((gatheredMetrics(without('host_status')) as GatheredCheck).status).toBe('unknown')
    for (const number of ['4', '-1', '0.5', 'NaN', '3'])
      expect(
        (gatheredMetrics(whole.replace('host_status 0', `host_status ${number}`)) as GatheredCheck).status,
      ).toBe('unknown')
  })

  it('tells of any text something, and throws of none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...lines), fc.string({ unit: 'binary' }))),
        fc.nat(300),
        (some, cut) => {
          const text = some.join('\n')
          expect(gatheredMetrics(text.slice(0, text.length - cut))).toBeTypeOf('object')
        },
      ),
    )
  })
})
