// What a fleet costs a real Prometheus: a simulated fleet's figures, scraped on loopback.
//
//   node bench/scale.mjs [--hosts 1000] [--services 10] [--minutes 4] [--interval 15]
//
// One host's file is real: `check` writes it, of services that run here. What needs hours of history (the leak, its rate,
// the time to the limit) is added to it by the form of src/report/metrics-text.ts. Names and values differ by host, and
// values change once a minute, as with a check each minute. Wants Debian's prometheus (with promtool).
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')
const { values: given } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1000' },
    services: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '4' },
    interval: { type: 'string', default: '15' },
  },
})
const [hosts, services, minutes, interval] = ['hosts', 'services', 'minutes', 'interval'].map((name) =>
  Number(given[name]),
)
const work = mkdtempSync(join(tmpdir(), 'oratio-scale-'))
const prometheusScript = join(top, 'scripts/real/prometheus.sh')
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (what, value) => process.stdout.write(`${what.padEnd(58)} ${value}\n`)

/** The file that a real check writes of real services. */
const realFile = () => {
  const children = Array.from({ length: services }, () => spawn('sleep', ['600'], { stdio: 'ignore' }))
  try {
    const config = join(work, 'config.yaml')
    const file = join(work, 'real.prom')
    const lines = children.map(({ pid }, i) => {
      writeFileSync(join(work, `${i}.pid`), `${pid}\n`)
      return `  service-${i}: { pidfile: ${work}/${i}.pid, memory: { warn: 1G, crit: 2G } }`
    })
    writeFileSync(config, `services:\n${lines.join('\n')}\nmetrics: { textfile: ${file} }\n`, { mode: 0o600 })
    const folders = ['--state-dir', join(work, 'state'), '--log-dir', join(work, 'log')]
    // The second one has the time that the first took.
    for (let i = 0; i < 2; i++)
      spawnSync(process.execPath, [
        join(top, 'bin/oratio-health.js'),
        'check',
        '-q',
        '-c',
        config,
        ...folders,
      ])
    return readFileSync(file, 'utf8')
  } finally {
    for (const child of children) child.kill()
  }
}

/** Gauges of a service that has a history, beside what the real file has. */
const withForecasts = (text) => {
  const p = 'oratio_health_service'
  const of = (line) =>
    Array.from({ length: services }, (_, i) => line.replaceAll('NAME', `service-${i}`)).join('\n')
  const families = [
    [`${p}_limit_bytes`, [`${p}_limit_bytes{service="NAME"} 1610612736`]],
    [`${p}_leak`, [`${p}_leak{service="NAME"} 0`]],
    [`${p}_growth_bytes_per_second`, [`${p}_growth_bytes_per_second{service="NAME"} 13863.7`]],
    [
      `${p}_seconds_to_limit`,
      ['best', 'low', 'high'].map((e) => `${p}_seconds_to_limit{service="NAME",estimate="${e}"} 864000`),
    ],
    [`${p}_restarts_total`, [`${p}_restarts_total{service="NAME",by="oratio-health"} 3`]],
  ].filter(([name]) => !text.includes(`\n${name}{`))
  const added = families
    .map(([name, lines]) => `# TYPE ${name} gauge\n${lines.map(of).join('\n')}\n`)
    .join('')
  // One service of each host leaks: two alerts.
  const leaking = added
    .replace('leak{service="service-0"} 0', 'leak{service="service-0"} 1')
    .replaceAll(/(seconds_to_limit\{service="service-0",.*\}) 864000/g, '$1 46560')
  return text.replace('# EOF\n', `${leaking}# EOF\n`)
}

const moving =
  /(memory_bytes|growth_bytes|seconds_to_limit|uptime|last_run|duration|store_bytes|open_files|threads)/

/** As it stands in a minute on a host; the same for who asks twice. */
const bodyOf = (template, host, minute) => {
  let seed = (host + 1) * 7919 + minute * 104_729
  const noise = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  return template.map(([head, value, isMoving, name]) => {
    if (!isMoving) return `${head} ${value}`
    const next =
      name === 'uptime' || name === 'last_run'
        ? value + minute * 60
        : value * (1 + 0.001 * minute + 0.02 * noise())
    return `${head} ${name === 'duration' ? next : Math.round(next)}`
  })
}

const templateOf = (text) =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const at = line.lastIndexOf(' ')
      const name = moving.exec(line)?.[1]
      return [line.slice(0, at), Number(line.slice(at + 1)), name !== undefined, name]
    })

const serve = (template) =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const host = Number(request.url?.slice(2) ?? 0)
      const minute = Math.floor(Date.now() / 60_000) % 10_000
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end(`${bodyOf(template, host, minute).join('\n')}\n`)
    })
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

const startPrometheus = (port) => {
  const config = join(work, 'prometheus.yml')
  const targets = Array.from({ length: hosts }, (_, i) => `'h${i}'`).join(',')
  writeFileSync(
    config,
    `global: { scrape_interval: ${interval}s, evaluation_interval: ${interval}s }
rule_files: ['${join(top, 'deploy/prometheus/rules.yml')}']
scrape_configs:
  - job_name: node
    static_configs: [{ targets: [${targets}] }]
    relabel_configs:
      - { source_labels: [__address__], target_label: instance }
      - { source_labels: [__address__], target_label: __metrics_path__, replacement: '/$1' }
      - { target_label: __address__, replacement: '127.0.0.1:${port}' }
`,
  )
  return execFileSync(
    'bash',
    [prometheusScript, 'start', join(work, 'prom'), 'prometheus', `--config.file=${config}`],
    {
      encoding: 'utf8',
    },
  ).trim()
}

const ask = async (url, query) => {
  const from = performance.now()
  const answer = await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)).json()
  const ms = performance.now() - from
  if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`)
  return { ms, result: answer.data.result }
}

const scalar = async (url, query) => Number((await ask(url, query)).result[0]?.value[1] ?? Number.NaN)

const bytesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0)

/** The queries of the dashboard, where there is one; otherwise those of the alerts and of a table of all hosts. */
const queries = () => {
  const folder = join(top, 'deploy/grafana')
  const texts = existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => String(name).endsWith('.json'))
        .map((name) => readFileSync(join(folder, String(name)), 'utf8'))
    : []
  const found = texts.flatMap((text) =>
    [...text.matchAll(/"expr":\s*("(?:[^"\\]|\\.)*")/g)].map(([, expr]) => JSON.parse(expr)),
  )
  const plain = [...new Set(found)].map((expr) =>
    expr
      .replace(/\$__(rate_interval|interval|range)/g, '5m')
      .replace(/\$\{?instance\b\}?/g, 'h1')
      .replace(/\$\{?service\b\}?/g, 'service-1'),
  )
  return plain.length > 0
    ? plain
    : [
        'max by (instance) (oratio_health_service_status)',
        'topk(50, -oratio_health_service_seconds_to_limit{estimate="best"})',
        'sum(oratio_health_service_leak == 1)',
        'time() - oratio_health_last_run_timestamp_seconds',
        'oratio_health_service_memory_bytes{instance="h1"}',
        'increase(oratio_health_service_restarts_total[5m]) > 0',
      ]
}

/** Bytes a sample in blocks, by promtool: some hosts, four hours. */
const onDisk = (template) => {
  const [some, samples] = [20, 240]
  const start = Math.floor(Date.now() / 7_200_000) * 7200 - 14_400
  const file = join(work, 'history.om')
  const perSeries = template.map(() => [])
  for (let host = 0; host < some; host++)
    for (let minute = 0; minute < samples; minute++) {
      const lines = bodyOf(template, host, minute)
      lines.forEach((line, i) => {
        const at = line.lastIndexOf(' ')
        const head = line.slice(0, at)
        const labelled = head.endsWith('}')
          ? `${head.slice(0, -1)},instance="h${host}",job="node"}`
          : `${head}{instance="h${host}",job="node"}`
        perSeries[i].push(`${labelled}${line.slice(at)} ${start + minute * 60}`)
      })
    }
  const families = new Map()
  perSeries.forEach((lines) => {
    const name = /^\w+/.exec(lines[0])[0]
    families.set(name, [...(families.get(name) ?? []), ...lines])
  })
  const text = [...families].map(([name, lines]) => `# TYPE ${name} unknown\n${lines.join('\n')}\n`).join('')
  writeFileSync(file, `${text}# EOF\n`)
  const out = join(work, 'blocks')
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, out], { stdio: 'ignore' })
  const blocks = readdirSync(out).filter((name) => existsSync(join(out, name, 'meta.json')))
  const stats = blocks.map((name) => JSON.parse(readFileSync(join(out, name, 'meta.json'), 'utf8')).stats)
  const sum = (key) => stats.reduce((all, one) => all + one[key], 0)
  const chunks = blocks.reduce((all, name) => all + bytesBelow(join(out, name, 'chunks')), 0)
  return { samples: sum('numSamples'), series: sum('numSeries'), chunks, all: bytesBelow(out) }
}

try {
  const text = withForecasts(realFile())
  const template = templateOf(text)
  say('series of a host, its file', `${template.length}, ${text.length} bytes`)
  const disk = onDisk(template)
  say(
    'bytes a sample in 2 h blocks: chunks, all',
    `${(disk.chunks / disk.samples).toFixed(2)}, ${(disk.all / disk.samples).toFixed(2)}`,
  )
  const server = await serve(template)
  const url = startPrometheus(server.address().port)
  const cpuAt = async () => {
    const page = await (await fetch(`${url}/metrics`)).text()
    const of = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(page)?.[1])
    return {
      cpu: of('process_cpu_seconds_total'),
      memory: of('process_resident_memory_bytes'),
      series: of('prometheus_tsdb_head_series'),
      samples:
        of('prometheus_tsdb_head_samples_appended_total{type="float"}'.replace(/[{}]/g, '\\$&')) ||
        of('prometheus_tsdb_head_samples_appended_total'),
      rules: Math.max(
        ...[...page.matchAll(/^prometheus_rule_group_last_duration_seconds\{[^}]*\} (\S+)/gm)].map(([, v]) =>
          Number(v),
        ),
      ),
    }
  }
  // The first round makes the series, which costs more than adding to them.
  await sleep(interval * 2000)
  const before = await cpuAt()
  const from = performance.now()
  await sleep(minutes * 60_000)
  const after = await cpuAt()
  const seconds = (performance.now() - from) / 1000
  say(`hosts scraped each ${interval} s, up`, `${hosts}, ${await scalar(url, 'sum(up)')}`)
  say('series in the head', after.series)
  say('samples a second', ((after.samples - before.samples) / seconds).toFixed(0))
  say('CPU of Prometheus, % of a core', (((after.cpu - before.cpu) / seconds) * 100).toFixed(1))
  say('memory of Prometheus (RSS)', `${(after.memory / 1024 ** 2).toFixed(0)} MiB`)
  say(
    'WAL and head on the disk',
    `${(bytesBelow(join(work, 'prom/prometheus/data')) / 1024 ** 2).toFixed(0)} MiB`,
  )
  say(
    'scrape of a host: mean, longest',
    `${((await scalar(url, 'avg(scrape_duration_seconds)')) * 1000).toFixed(1)} ms, ${((await scalar(url, 'max(scrape_duration_seconds)')) * 1000).toFixed(1)} ms`,
  )
  say('evaluation of all rules', `${(after.rules * 1000).toFixed(0)} ms`)
  for (const query of queries()) {
    const runs = []
    let rows = 0
    for (let i = 0; i < 5; i++) {
      const { ms, result } = await ask(url, query)
      runs.push(ms)
      rows = result.length
    }
    runs.sort((a, b) => a - b)
    say(
      `query: ${query.length > 50 ? `${query.slice(0, 49)}…` : query}`,
      `${runs[2].toFixed(0)} ms, ${rows} rows`,
    )
  }
  server.closeAllConnections()
  server.close()
} finally {
  mkdirSync(join(work, 'prom'), { recursive: true })
  spawnSync('bash', [prometheusScript, 'stop', join(work, 'prom')])
  rmSync(work, { recursive: true, force: true })
}
