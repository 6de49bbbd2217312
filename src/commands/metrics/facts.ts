import type { Config } from '../../config/config.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { LastCheck, SeenService } from '../../core/seen.ts'
import { parseSize } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import type { MeasuredJob, MetricsFacts } from '../../report/metrics-text.ts'
import { historyFolder } from '../../store/history-file.ts'
import { parseLedger, readLedger } from '../../store/restart-ledger.ts'
import type { State } from '../../store/state.ts'
import type { RunContext } from '../command.ts'
import { recordedRuns } from '../status/jobs.ts'

/** The figures of the last check, and of what is kept of the runs before. */
export const metricsFacts = (
  { host, version, global }: RunContext,
  last: LastCheck | null,
  restarts: State['restarts'],
  journal: Config['journal'],
): MetricsFacts => {
  const ledger = parseLedger(readLedger(host.save, global.logDir))
  const countOf = (service: string, event: string): number =>
    ledger.filter((line) => line.service === service && line.event === event).length
  const services = last?.services ?? []
  // From 0 on, or the first restart would be no increase to Prometheus.
  const names = new Set([...services.map(({ facts }) => facts.name), ...ledger.map(({ service }) => service)])
  const own = [...names].map((service) => ({
    ...{ service, by: 'oratio-health' as const },
    count: countOf(service, 'restarted') + countOf(service, 'restart-failed'),
  }))
  const events = (event: string): number => ledger.filter((line) => line.event === event).length
  return {
    version,
    host: last?.host ?? null,
    services: services.map((service) => ({
      ...service,
      hasGivenUp: (restarts[service.facts.name]?.memory.gaveUpAtMs ?? null) !== null,
    })),
    jobs: jobsOf(host, global.stateDir),
    restarts: [...own, ...services.flatMap(restartsByOthers)],
    actions: [
      { kind: 'restart', outcome: 'done', count: events('restarted') },
      { kind: 'restart', outcome: 'failed', count: events('restart-failed') },
      { kind: 'restart', outcome: 'gave-up', count: events('gave-up') },
    ],
    stores: [
      { store: 'history', bytes: sizeOf(host, historyFolder(global.stateDir)) },
      { store: 'state', bytes: sizeOf(host, global.stateDir) },
      { store: 'logs', bytes: sizeOf(host, global.logDir) },
    ].flatMap(({ store, bytes }) => (bytes === null ? [] : [{ store, bytes }])),
    journal: journalsOf(host, journal),
  }
}

/** The engine's and systemd's own counters. */
const restartsByOthers = ({ facts }: SeenService): MetricsFacts['restarts'] => {
  const count = valueOrNull(facts.restarts)
  if (count === null) return []
  return [{ service: facts.name, by: facts.kind === 'container' ? 'engine' : 'systemd', count }]
}

const jobsOf = (host: Host, stateDir: string): MeasuredJob[] =>
  [...recordedRuns(host, stateDir)].flatMap(([command, runs]) => {
    const newest = runs.at(-1)
    const ended = runs.findLast(({ exitCode }) => exitCode !== null)
    return newest === undefined ? [] : [{ command, newest, ended: ended ?? null }]
  })

/** Of the files right in it. */
const sizeOf = (host: Host, folder: string): number | null => {
  const names = valueOrNull(host.save.list(folder))
  if (names === null) return null
  return names.reduce((sum, name) => {
    const info = valueOrNull(host.save.info(`${folder}/${name}`))
    return sum + (info?.kind === 'file' ? info.sizeBytes : 0)
  }, 0)
}

const journals = [
  { storage: 'disk', folder: '/var/log/journal', key: 'SystemMaxUse' },
  { storage: 'memory', folder: '/run/log/journal', key: 'RuntimeMaxUse' },
] as const

const bounds = { maxMs: 200, maxEntries: 10_000, named: null }

/** Only where the config has a cap: the size of a journal without one is no news. */
const journalsOf = (host: Host, journal: Config['journal']): MetricsFacts['journal'] =>
  journals.flatMap(({ storage, folder, key }) => {
    const capBytes = parseSize(journal[key] ?? '')
    if (capBytes === null) return []
    const size = valueOrNull(host.files.folderSize(folder, bounds))
    return size === null || !size.complete ? [] : [{ storage, bytes: size.bytes, capBytes }]
  })
