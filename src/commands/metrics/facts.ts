import type { Config } from '../../config/config.ts'
import { escapeControl } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { LastCheck, SeenService } from '../../core/seen.ts'
import type { Host } from '../../host/host.ts'
import { isRegular } from '../../plan/job-states.ts'
import { journalBytes } from '../../plan/journal-amounts.ts'
import type { MeasuredJob, MetricsFacts } from '../../report/metrics-text.ts'
import { historyFolder } from '../../store/history-file.ts'
import { type LedgerLine, parseLedger, readLedger } from '../../store/restart-ledger.ts'
import type { State } from '../../store/state.ts'
import { readTotals, type Totals } from '../../store/totals.ts'
import type { RunContext } from '../command.ts'
import { machineIdOf } from '../journal/machine-id.ts'
import { isHeld, recordedRuns } from '../status/jobs.ts'

/** What `check` knows by itself, and others by what it has left. */
export interface KnownByCheck {
  restarts: State['restarts']
  /** The commands that a schedule starts; to read crontabs each time would cost milliseconds. */
  scheduled: readonly string[]
}

/** The figures of the last check, and of what is kept of the runs before. */
export const metricsFacts = (
  { host, version, global }: RunContext,
  last: LastCheck | null,
  { restarts, scheduled }: KnownByCheck,
  journal: Config['journal'],
): MetricsFacts => {
  const ledger = parseLedger(readLedger(host.save, global.logDir))
  const services = last?.services ?? []
  const own = ownRestarts(
    ledger,
    services.map(({ facts }) => facts.name),
  )
  const events = (event: string): number => ledger.filter((line) => line.event === event).length
  const cleaned = readTotals(host.save, global.stateDir, 'cleanup-tmp')
  const ended = readTotals(host.save, global.stateDir, 'kill-orphans')
  return {
    version,
    host: last?.host ?? null,
    services: services.map((service) => ({
      ...service,
      hasGivenUp: (restarts[service.facts.name]?.memory.gaveUpAtMs ?? null) !== null,
    })),
    jobs: jobsOf(host, global.stateDir, scheduled),
    restarts: [...own, ...services.flatMap(restartsByOthers)],
    actions: [
      { kind: 'restart', outcome: 'done', count: events('restarted') },
      { kind: 'restart', outcome: 'failed', count: events('restart-failed') },
      { kind: 'restart', outcome: 'gave-up', count: events('gave-up') },
      ...countsOf('cleanup', cleaned, { removed: 'done', failed: 'failed' }),
      ...countsOf('orphan', ended, { ended: 'done', survived: 'failed' }),
    ],
    cleanedBytes: cleaned?.removedBytes ?? null,
    stores: [
      { store: 'history', bytes: sizeOf(host, historyFolder(global.stateDir)) },
      { store: 'state', bytes: sizeOf(host, global.stateDir) },
      { store: 'logs', bytes: sizeOf(host, global.logDir) },
    ].flatMap(({ store, bytes }) => (bytes === null ? [] : [{ store, bytes }])),
    journal: journalsOf(host, journal),
  }
}

/** Of the services that were seen last: what is gone from the config is gone from the figures, and names have a bound. */
const ownRestarts = (ledger: readonly LedgerLine[], seen: readonly string[]): MetricsFacts['restarts'] => {
  const counts = new Map<string, number>()
  for (const { service, event } of ledger)
    if (event === 'restarted' || event === 'restart-failed')
      counts.set(service, (counts.get(service) ?? 0) + 1)
  return seen.map((service) => ({
    ...{ service, by: 'oratio-health' },
    // From 0 on, or the first restart would be no increase to Prometheus; the ledger has names as a log has them.
    count: counts.get(escapeControl(service)) ?? 0,
  }))
}

const countsOf = (
  kind: string,
  totals: Totals | null,
  outcomes: Readonly<Record<string, string>>,
): MetricsFacts['actions'] =>
  Object.entries(outcomes).flatMap(([name, outcome]) => {
    const count = totals?.[name]
    return count === undefined ? [] : [{ kind, outcome, count }]
  })

/** The engine's and systemd's own counters. */
const restartsByOthers = ({ facts }: SeenService): MetricsFacts['restarts'] => {
  const count = valueOrNull(facts.restarts)
  if (count === null) return []
  return [{ service: facts.name, by: facts.kind === 'container' ? 'engine' : 'systemd', count }]
}

/** As a shell has it of a program that SIGKILL has ended. */
const killedStatus = 137

/**
 * How a job ended is only of what is started again and again: one that somebody has mistyped once would stay failed for
 * good. `check` writes the figures, so it is.
 */
const jobsOf = (host: Host, stateDir: string, scheduled: readonly string[]): MeasuredJob[] =>
  [...recordedRuns(host, stateDir)].flatMap(([command, runs]) => {
    const newest = runs.at(-1)
    if (newest === undefined) return []
    const isScheduled = scheduled.includes(command)
    if (!isScheduled && command !== 'check' && !isRegular(runs, host.now()))
      return [{ command, newest, ended: null }]
    const wasKilled = isScheduled && newest.exitCode === null && !isHeld(host, stateDir, command)
    const ended = wasKilled
      ? { ...newest, exitCode: killedStatus }
      : runs.findLast(({ exitCode }) => exitCode !== null)
    return [{ command, newest, ended: ended ?? null }]
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
const journalsOf = (host: Host, journal: Config['journal']): MetricsFacts['journal'] => {
  const id = machineIdOf(host)
  if (id === null) return []
  return journals.flatMap(({ storage, folder, key }) => {
    const capBytes = journalBytes(journal[key] ?? '')
    if (capBytes === null) return []
    const size = valueOrNull(host.files.folderSize(`${folder}/${id}`, bounds))
    return size === null || !size.complete ? [] : [{ storage, bytes: size.bytes, capBytes }]
  })
}
