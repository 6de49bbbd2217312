import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, projectFile, until } from '../e2e/environment.ts'

const script = join(import.meta.dirname, '..', '..', 'scripts', 'real', 'prometheus.sh')
export const deployed = (name: string): string => join(import.meta.dirname, '..', '..', 'deploy', name)

export interface Sample {
  labels: Record<string, string>
  value: number
}

export interface Stack {
  nodeExporter: string
  prometheus: string
  /** An instant query. */
  query(expression: string): Promise<Sample[]>
  /** Of the last minutes. */
  range(
    expression: string,
    seconds: number,
    stepSeconds: number,
  ): Promise<{ labels: Record<string, string> }[]>
  api(path: string, parameters?: Record<string, string>): Promise<unknown>
  stop(): Promise<void>
}

/**
 * So that a test need not wait for what a person would: minutes become seconds, hours minutes, and seconds one second.
 * Only how long a state has to last before it is told; no expression, no label, no route.
 */
export const shortened = (text: string): string =>
  text.replace(
    /^(\s*(?:for|group_wait|group_interval|repeat_interval): )(\d+)([smh])$/gm,
    (_, key: string, count: string, unit: string) =>
      `${key}${unit === 'h' ? `${count}m` : unit === 'm' ? `${count}s` : '1s'}`,
  )

/** One program of a host; also again, after it was stopped. */
export const startNodeExporter = (folder: string, textfiles: string, before?: string): Promise<string> =>
  must(
    [
      ...[script, 'start', join(folder, 'programs'), 'node-exporter'],
      // What the rules and dashboards need: other collectors wait for each mount of this host, also for one that hangs.
      '--collector.disable-defaults',
      '--collector.time',
      '--collector.textfile',
      `--collector.textfile.directory=${textfiles}`,
    ],
    before === undefined ? {} : { env: { PROMETHEUS_PORT: new URL(before).port } },
  )

export const startAlertmanager = (folder: string, webhook: string): Promise<string> => {
  const example = projectFile('deploy/prometheus/alertmanager.example.yml')
  const config = join(folder, 'alertmanager.yml')
  writeFileSync(config, shortened(example).replace(/http:\/\/127\.0\.0\.1:9094\/hook/, webhook))
  return must([script, 'start', join(folder, 'programs'), 'alertmanager', `--config.file=${config}`])
}

export const stopPrograms = (folder: string): Promise<string> =>
  must([script, 'stop', join(folder, 'programs')])

/** A host with its node_exporter, a Prometheus that asks it each second, with the project's own rules. */
export const startStack = async (
  folder: string,
  textfiles: string,
  alertmanager: string | null,
): Promise<Stack> => {
  mkdirSync(textfiles, { recursive: true })
  const nodeExporter = await startNodeExporter(join(folder, 'host'), textfiles)
  const rules = join(folder, 'rules.yml')
  writeFileSync(rules, shortened(projectFile('deploy/prometheus/rules.yml')))
  const config = join(folder, 'prometheus.yml')
  const target = (url: string, labels = {}) => ({ targets: [url.replace('http://', '')], labels })
  writeFileSync(
    config,
    // JSON is YAML.
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      alerting: {
        alertmanagers: alertmanager === null ? [] : [{ static_configs: [target(alertmanager)] }],
      },
      scrape_configs: [{ job_name: 'node', static_configs: [target(nodeExporter, { instance: 'host-a' })] }],
    }),
  )
  const prometheus = await must([
    ...[script, 'start', join(folder, 'programs'), 'prometheus', `--config.file=${config}`],
  ])
  const api: Stack['api'] = async (path, parameters = {}) => {
    const answer = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const body = (await answer.json()) as { status: string; error?: string; data: unknown }
    if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`)
    return body.data
  }
  const result = async (path: string, parameters: Record<string, string>) =>
    (
      (await api(path, parameters)) as {
        result: { metric: Record<string, string>; value?: [number, string] }[]
      }
    ).result
  return {
    ...{ nodeExporter, prometheus, api },
    query: async (expression) =>
      (await result('query', { query: expression })).map(({ metric, value }) => ({
        ...{ labels: metric, value: Number(value?.[1]) },
      })),
    range: async (expression, seconds, stepSeconds) => {
      const end = Date.now() / 1000
      const times = { start: String(end - seconds), end: String(end), step: String(stepSeconds) }
      return (await result('query_range', { query: expression, ...times })).map(({ metric }) => ({
        labels: metric,
      }))
    },
    stop: async () => {
      await stopPrograms(folder)
      await stopPrograms(join(folder, 'host'))
    },
  }
}

/** Once Prometheus has it. */
export const untilSeen = (stack: Stack, expression: string, timeoutMs = 100_000): Promise<Sample[]> =>
  until(
    expression,
    async () => {
      const samples = await stack.query(expression)
      return samples.length > 0 ? samples : null
    },
    timeoutMs,
  )
