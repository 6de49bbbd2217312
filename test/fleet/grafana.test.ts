import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { value } from '../../src/core/reading.ts'
import { type MetricsFacts, metricsText } from '../../src/report/metrics-text.ts'
import { type Dashboard, dashboards, type Panel } from '../deploy/dashboards.ts'
import { must, temporaryFolder } from '../e2e/environment.ts'
import { serviceFacts, serviceMemoryOf } from '../support/service-facts.ts'
import { type Stack, startStack, untilSeen } from './stack.ts'

/** With what every language that it passes would take for its own. */
const service = 'we"ird \\back\\n ünï'

const factsOf = (restarts: number): MetricsFacts => ({
  version: '1.2.3',
  host: { atMs: Date.now(), status: 'ok', findings: [] },
  services: [
    {
      facts: serviceFacts({
        name: service,
        memory: value(serviceMemoryOf({ leakBytes: 3e8, usedBytes: 4e8, limitBytes: 5e8, limitAt: '/x' })),
        growth: {
          ...{ verdict: 'leak', bytesPerMinute: 6e6, secondsToLimit: 1000 },
          ...{ secondsToLimitLow: 900, secondsToLimitHigh: 1100 },
        } as NonNullable<MetricsFacts['services'][number]['facts']['growth']>,
      }),
      ...{ status: 'critical', findings: [], failedChecks: 2, hasGivenUp: false },
    },
  ],
  jobs: [
    {
      command: 'check',
      newest: { begunAtMs: Date.now() - 500, endedAtMs: Date.now(), exitCode: 0 } as never,
      ended: { begunAtMs: Date.now() - 500, endedAtMs: Date.now(), exitCode: 0 } as never,
    },
  ],
  restarts: [{ service, by: 'oratio-health', count: restarts }],
  ...{ actions: [], cleanedBytes: null, stores: [], journal: [] },
})

// What each query must give: its labels, and for a single figure its value.
const perService = ['instance', 'service']
const own = ['__name__', 'instance', 'job', 'service']
const expected: Record<string, [labels: readonly string[], value?: number]> = {
  'fleet/Hosts/A': [[], 1],
  'fleet/Hosts and services that are not well/A': [[], 1],
  'fleet/Services that leak/A': [[], 1],
  'fleet/Hosts without a check for 15 minutes/A': [[], 0],
  'fleet/Services/A': [perService, 2],
  'fleet/Services/B': [perService, 1],
  'fleet/Services/C': [perService, 4e8],
  'fleet/Services/D': [perService, 0.8],
  'fleet/Services/E': [perService, 1e5],
  'fleet/Services/F': [perService, 1000],
  'fleet/Services/G': [perService],
  'fleet/Hosts by name/A': [['instance'], 0],
  'fleet/Hosts by name/B': [['instance']],
  'fleet/Hosts by name/C': [['instance'], 0],
  'fleet/Hosts by name/D': [['instance', 'version'], 1],
  'fleet/Alerts/A': [['alertname', 'instance', 'service', 'severity'], 1],
  'service/Status/A': [own, 2],
  'service/Leak/A': [own, 1],
  'service/At its limit in/A': [[...own, 'estimate'], 1000],
  'service/Given up/A': [own, 0],
  'service/Memory, and where it is in an hour/A': [[...own, 'kind']],
  'service/Memory, and where it is in an hour/B': [own],
  'service/Memory, and where it is in an hour/C': [['instance', 'job', 'service']],
  'service/Time to its limit/A': [[...own, 'estimate']],
  'service/Growth/A': [own],
  'service/Processes, threads, open files/A': [own],
  'service/Processes, threads, open files/B': [own],
  'service/Processes, threads, open files/C': [own],
  'service/Failed checks in a row/A': [own],
}

/** As Grafana puts a value into a query of Prometheus: escaped for the quotes around it. */
const interpolated = (query: string): string =>
  query.replace(/\$instance\b/g, 'host-a').replace(/\$service\b/g, service.replace(/[\\"]/g, '\\$&'))

describe('the dashboards, on a real Prometheus', () => {
  const folder = temporaryFolder()
  const textfiles = join(folder, 'textfiles')
  let stack: Stack
  const write = (restarts: number): void => {
    writeFileSync(join(folder, 'new'), metricsText(factsOf(restarts)))
    renameSync(join(folder, 'new'), join(textfiles, 'oratio_health.prom'))
  }

  beforeAll(async () => {
    mkdirSync(textfiles)
    write(0)
    stack = await startStack(folder, textfiles, null)
    await untilSeen(stack, 'oratio_health_service_restarts_total == 0')
    write(1)
    await untilSeen(stack, 'oratio_health_service_restarts_total == 1')
    await untilSeen(stack, 'ALERTS{alertname="OratioHealthServiceLeaks", alertstate="firing"}')
    // A step of the figures that rules record.
    await untilSeen(stack, 'oratio_health:service_used:ratio')
  })
  afterAll(() => stack?.stop())

  const all = Object.entries(dashboards).flatMap(([name, { panels }]) =>
    panels.flatMap((panel) =>
      panel.targets.map(
        (target) =>
          [`${name}/${panel.title}/${target.refId}`, panel, target] as [
            string,
            Panel,
            Panel['targets'][number],
          ],
      ),
    ),
  )

  it('every query is known here, and none here is of no panel', () => {
    expect(all.map(([key]) => key).sort()).toEqual(Object.keys(expected).sort())
  })

  it.each(all)('%s', async (key, panel, target) => {
    const [labels, wanted] = expected[key] ?? [['no expectation']]
    const expression = interpolated(target.expr)
    expect(target.instant === true).toBe(panel.type !== 'timeseries')
    const found =
      target.instant === true ? await stack.query(expression) : await stack.range(expression, 60, 5)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) {
      expect(Object.keys(one.labels).sort()).toEqual([...labels].sort())
      if (labels.includes('service')) expect(one.labels.service).toBe(service)
      if (labels.includes('instance')) expect(one.labels.instance).toBe('host-a')
    }
    if (wanted !== undefined) expect((found[0] as { value?: number }).value).toBe(wanted)
  })

  it('each variable has its values', async () => {
    const values = async (query: string): Promise<unknown> => {
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(interpolated(query)) ?? []
      return stack.api(`label/${label}/values`, { 'match[]': series })
    }
    const queries = (Object.values(dashboards) as Dashboard[])
      .flatMap(({ templating }) => templating.list)
      .filter(({ type }) => type === 'query')
    expect(queries.map(({ name }) => name)).toEqual(['instance', 'service'])
    expect(await values(queries[0]?.query ?? '')).toEqual(['host-a'])
    expect(await values(queries[1]?.query ?? '')).toEqual([service])
  })

  it('restarts are marks, with by whom', async () => {
    const [mark] = dashboards.service.annotations?.list ?? []
    // There are seconds of figures here, not minutes.
    const expression = interpolated(mark?.expr ?? '').replace('offset 1m', 'offset 2s')
    const found = await stack.range(expression, 60, 1)
    expect(found).toEqual([{ labels: { service, instance: 'host-a', by: 'oratio-health' } }])
  })

  it('a mark stands at the minute of a restart, and at no other', async () => {
    const [mark] = dashboards.service.annotations?.list ?? []
    const test = join(folder, 'marks.yml')
    const labels = '{by="engine", instance="host-a", service="x"}'
    const expr = (mark?.expr ?? '').replaceAll('$instance', 'host-a').replaceAll('$service', 'x')
    const at = (minute: number, value: number | null) => ({
      ...{ expr, eval_time: `${minute}m` },
      exp_samples: value === null ? [] : [{ labels, value }],
    })
    // 0 up to minute 5, 1 up to 16, 2 up to 27; then the history is cut, which is no restart.
    const input = { series: `oratio_health_service_restarts_total${labels}`, values: '0x5 1x10 2x10 1x10' }
    const free = [2, 5, 7, 10, 16, 18, 28, 30].map((minute) => at(minute, null))
    const promql_expr_test = [at(6, 1), at(17, 2), ...free]
    writeFileSync(
      test,
      JSON.stringify({ tests: [{ interval: '1m', input_series: [input], promql_expr_test }] }),
    )
    expect(await must(['promtool', 'test', 'rules', test])).toContain('SUCCESS')
  })
})
