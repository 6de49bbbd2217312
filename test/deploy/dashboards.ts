import { projectFile } from '../e2e/environment.ts'

export interface Target {
  refId: string
  expr: string
  instant?: boolean
}

export interface Panel {
  id: number
  title: string
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets: Target[]
  options: Record<string, unknown>
  transformations?: { id: string; options: { renameByName?: Record<string, string> } }[]
  fieldConfig: {
    defaults: { custom?: Record<string, unknown> }
    overrides: { matcher: { options: string } }[]
  }
}

export interface Annotation {
  name: string
  expr: string
  step: string
  titleFormat?: string
  tagKeys?: string
}

export interface Dashboard {
  uid: string
  panels: Panel[]
  templating: { list: { name: string; type: string; query: string }[] }
  annotations?: { list: Annotation[] }
}

const read = (name: string): Dashboard => JSON.parse(projectFile(`deploy/grafana/dashboards/${name}.json`))

export const dashboards = { fleet: read('fleet'), service: read('service') }
