import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { projectFile } from '../e2e/environment.ts'
import { type Dashboard, dashboards } from './dashboards.ts'

/**
 * Grafana's own types (test/fixtures/grafana, made of @grafana/schema), strict: no key they do not know. What a data
 * source adds is not in them, so it has its list here.
 */
const ajv = new Ajv({ strict: false, allErrors: true })
ajv.addSchema(JSON.parse(projectFile('test/fixtures/grafana/dashboard.schema.json')), 'grafana')
const errorsOf = (part: string, value: unknown): string[] => {
  const validate = ajv.compile({ $ref: `grafana#/definitions/Out/properties/${part}` })
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${part}${instancePath} ${message} ${JSON.stringify(params)}`,
      )
}

const prometheusQuery = {
  type: 'object',
  required: ['refId', 'datasource', 'expr'],
  additionalProperties: false,
  properties: {
    refId: { type: 'string', pattern: '^[A-Z]$' },
    datasource: { $ref: 'grafana#/definitions/DataSourceRef' },
    expr: { type: 'string' },
    instant: { type: 'boolean' },
    range: { type: 'boolean' },
    format: { enum: ['table', 'time_series'] },
    legendFormat: { type: 'string' },
  },
}
const prometheusAnnotation = {
  type: 'object',
  required: ['expr', 'step'],
  additionalProperties: false,
  properties: {
    expr: { type: 'string' },
    step: { type: 'string', pattern: '^\\d+s$' },
    titleFormat: { type: 'string' },
    tagKeys: { type: 'string' },
  },
}

const faultsOf = (dashboard: Dashboard): string[] => {
  const { annotations, ...rest } = dashboard
  const faults: string[] = []
  const list = (annotations?.list ?? []).map(({ expr, step, titleFormat, tagKeys, ...known }) => {
    const validate = ajv.compile(prometheusAnnotation)
    if (!validate(JSON.parse(JSON.stringify({ expr, step, titleFormat, tagKeys }))))
      faults.push(`${known.name}: ${ajv.errorsText(validate.errors)}`)
    return known
  })
  faults.push(...errorsOf('dashboard', { ...rest, annotations: { list } }))
  const validateQuery = ajv.compile(prometheusQuery)
  for (const panel of dashboard.panels) {
    faults.push(...errorsOf('panel', panel), ...errorsOf(`${panel.type}Options`, panel.options))
    const { custom } = panel.fieldConfig.defaults
    if (custom !== undefined) faults.push(...errorsOf(`${panel.type}Field`, custom))
    for (const target of panel.targets)
      if (!validateQuery(target)) faults.push(`${panel.title}: ${ajv.errorsText(validateQuery.errors)}`)
  }
  return faults
}

describe.each(Object.entries(dashboards))('the dashboard %s', (_, dashboard) => {
  it('is as Grafana has it', () => {
    expect(faultsOf(dashboard)).toEqual([])
  })

  it('would not be with a key or a value that Grafana does not know', () => {
    const [first] = dashboard.panels
    if (first === undefined) throw new Error('no panel')
    const broken = (panel: object): Dashboard => ({ ...dashboard, panels: [{ ...first, ...panel }] })
    expect(faultsOf(broken({ targest: [] })).join()).toContain('targest')
    expect(faultsOf(broken({ options: { ...first.options, graphMode: 'spark' } }))).not.toEqual([])
    expect(faultsOf(broken({ targets: [{ ...first.targets[0], exprs: '' }] })).join()).toContain('additional')
  })

  it('names each panel once, none lies on another, and every name in its tables is one of its columns', () => {
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    for (const [i, one] of panels.entries())
      for (const other of panels.slice(i + 1)) {
        const [a, b] = [one.gridPos, other.gridPos]
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
        expect(apart, `${one.title} and ${other.title}`).toBe(true)
      }
    for (const { type, title, transformations, fieldConfig } of panels) {
      if (type !== 'table') continue
      const columns = transformations?.flatMap(({ options }) => Object.values(options.renameByName ?? {}))
      for (const { matcher } of fieldConfig.overrides) expect(columns, title).toContain(matcher.options)
    }
  })
})

describe('provisioning', () => {
  it('has a data source and the place of the dashboards', () => {
    const yaml = (name: string) => parse(projectFile(`deploy/grafana/provisioning/${name}.yaml`))
    expect(yaml('datasources/prometheus')).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus' }],
    })
    expect(yaml('dashboards/oratio-health')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', options: { path: expect.stringMatching(/^\//) } }],
    })
  })

  it('links lead from one dashboard to the other', () => {
    const uids = Object.values(dashboards).map(({ uid }) => uid)
    const links = JSON.stringify(dashboards).matchAll(/"url":"\/d\/([\w-]+)/g)
    expect([...links].map(([, uid]) => uid).filter((uid) => !uids.includes(uid ?? ''))).toEqual([])
  })
})
