import { ceilingOf } from '../../checks/service-growth.ts'
import type { ClockOffsets } from '../../core/civil-time.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip, escapeControl } from '../../core/escape.ts'
import { type HistoryRecord, type Tier, tiers } from '../../core/history.ts'
import type { Reading } from '../../core/reading.ts'
import { clockOffsetMinutes } from '../../core/stamp.ts'
import { formatDuration } from '../../core/units.ts'
import { byConcern, unseenMs } from '../../report/page/order.ts'
import { seconds } from '../../report/page/range.ts'
import type { ReportedService, ReportFacts } from '../../report/page/report-facts.ts'
import { type KeptRestart, restartsOf } from '../../report/page/restarts.ts'
import { rhythmOf, thinRecords } from '../../report/page/thin-records.ts'
import { historyFolder, historyPath, hostSeries, readHistory } from '../../store/history-file.ts'
import { recordsOf } from '../../store/history-series.ts'
import { verdictOf } from '../../store/history-verdict.ts'
import { loadMarks } from '../../store/marks.ts'
import { parseLedger, readLedger } from '../../store/restart-ledger.ts'
import type { RunContext } from '../command.ts'
import { recordedNames } from '../trend/read-recorded.ts'
import { readAlerts } from './read-alerts.ts'

/** More than a screen shows: 50 services of so many values make a page of less than 1 MB. */
const mostValues = 720
/** Names are of others: shown so, and no longer. */
const nameLength = 200

/** All that the page tells, the most pressing service first. */
export const gatherReport = async (context: RunContext, sinceSeconds: number): Promise<ReportFacts> => {
  const { host, global, version, loaded } = context
  const { stateDir, logDir } = global
  const nowMs = host.now()
  const fromMs = nowMs - sinceSeconds * 1000
  requireReadable(context)
  // Those of the config too: one that never ran has alerts all the same.
  const configured = Object.keys(loaded?.config.services ?? {})
  const names = [...new Set([...recordedNames(host, stateDir), ...configured])]
  const readings = new Map(
    [hostSeries, ...names].map((name) => [name, readOne(context, name, fromMs, nowMs)]),
  )
  const hostRecords = readIn(readings.get(hostSeries))?.records ?? []
  const alerts = await readAlerts(host, logDir, names, fromMs)
  const kept: KeptRestart[] = parseLedger(readLedger(host.save, logDir)).map(({ detail, ...line }) => ({
    ...line,
    detail: clip(detail, 100),
  }))
  const services: ReportedService[] = []
  const notes: string[] = []
  let unread = 0
  for (const [name, reading] of readings) {
    const isHost = name === hostSeries
    if (reading.kind === 'failed') {
      unread++
      notes.push(`${isHost ? 'the host' : clip(name, 60)} is not on this page: ${clip(reading.detail, 200)}`)
    }
    const read = readIn(reading)
    if (read === null || read.records.length === 0) continue
    const shown = isHost ? clip(host.hostname, nameLength) : clip(name, nameLength)
    const whole = thinRecords(read.records, read.stepMs, mostValues)
    const ceiling = ceilingIn(read.records, isHost ? [] : hostRecords)
    services.push({
      name: shown,
      isHost,
      ...whole,
      memoryBytes: read.newestBytes,
      rhythmMs: read.rhythmMs,
      ceiling,
      verdict: read.verdictFor(ceiling),
      // The ledger has names as they are escaped for a log.
      restarts: isHost ? [] : restartsOf(escapeControl(name), whole.records, whole.stepMs, kept),
      alerts: alerts.of(isHost ? null : name),
    })
  }
  const silent = [...readings]
    .filter(
      ([name, one]) =>
        one.kind !== 'failed' && (readIn(one)?.records.length ?? 0) === 0 && name !== hostSeries,
    )
    .map(([name]) => ({ name, alerts: alerts.of(name).length }))
  if (silent.length > 0 && services.length > 0) notes.push(silentText(silent))
  const sinceLast = services.map((service) => unseenMs(service, nowMs) ?? 0)
  if (services.length > 0 && Math.min(...sinceLast) > 0)
    notes.push(
      `nothing was recorded for ${formatDuration(Math.min(...sinceLast) / 1000)}: does check still run?`,
    )
  return {
    hostname: clip(host.hostname, nameLength),
    version,
    nowMs,
    fromMs,
    offsets: offsetsOf(fromMs, nowMs),
    services: services.sort(byConcern),
    marks: loadMarks(host.save, stateDir)
      .filter(({ atMs }) => atMs >= fromMs && atMs <= nowMs)
      .map(({ atMs, text }) => ({ atMs, text: clip(text, 200) })),
    alertsFromMs: alerts.fromMs,
    notes: [...notes, ...alerts.notes],
    unread,
  }
}

/** @throws HealthError 77 when the records are there and are not for this user: an empty page would say that there are none */
const requireReadable = ({ host, global }: RunContext): void => {
  const listing = host.save.list(historyFolder(global.stateDir))
  if (listing.kind === 'failed' && listing.cause === 'denied')
    throw new HealthError(
      exitCode.noPermission,
      `the history cannot be read: ${listing.what}: ${listing.detail}`,
      'run it as the user that runs check, or give --state-dir',
    )
}

interface ReadSeries {
  records: HistoryRecord[]
  stepMs: number
  newestBytes: number
  rhythmMs: number
  verdictFor(ceiling: ReportedService['ceiling']): ReportedService['verdict']
}

const readOne = (
  { host, global }: RunContext,
  name: string,
  fromMs: number,
  nowMs: number,
): Reading<ReadSeries> => {
  const path = historyPath(global.stateDir, name)
  return readHistory(host.save, path, name, (file) => {
    const records = recordsOf(file, fromMs, nowMs, nowMs)
    const lastAtMs = records.at(-1)?.lastAtMs ?? nowMs
    // By the minute: within a longer period it may have begun anew.
    const lately = recordsOf(file, lastAtMs - hourMs, lastAtMs, nowMs)
    const newest = lately.at(-1) ?? records.at(-1)
    const stepMs = rhythmOf(records, tierFor(nowMs - fromMs).periodMs)
    return {
      records,
      newestBytes: newest?.meanBytes ?? 0,
      rhythmMs: lately.length > 2 ? rhythmOf(lately, minuteMs) : Math.max(stepMs, hourMs),
      stepMs,
      verdictFor(ceiling) {
        const judged = readHistory(host.save, path, name, (again) => verdictOf(again, nowMs, ceiling))
        if (judged.kind === 'value') return judged.value
        throw new Error(`the history of ${name} went while it was read`)
      },
    }
  })
}

const readIn = (reading: Reading<ReadSeries> | undefined): ReadSeries | null =>
  reading?.kind === 'value' ? reading.value : null

/** As check has it: the own limit, or the end of the host's memory, whichever is nearer. */
const ceilingIn = (
  records: readonly HistoryRecord[],
  hostRecords: readonly HistoryRecord[],
): ReportedService['ceiling'] => {
  const [last, host] = [records.at(-1), hostRecords.at(-1)]
  if (last === undefined) return null
  const usedBytes = last.usedBytes ?? last.floorBytes
  const availableBytes =
    host === undefined ||
    host.limitBytes === null ||
    host.usedBytes === null ||
    host.lastAtMs < last.lastAtMs - 600_000
      ? null
      : Math.max(0, host.limitBytes - host.usedBytes)
  const memory = {
    usedBytes,
    leakBytes: last.floorBytes,
    swapBytes: 0,
    limitBytes: last.limitBytes,
    limitAt: null,
  }
  return ceilingOf(memory, availableBytes)
}

const [minuteMs, hourMs] = [60_000, 3_600_000]

/** The finest that reaches back so long, as recordsOf takes it. */
const tierFor = (spanMs: number): Tier =>
  tiers.find(({ periodMs, slots }) => spanMs <= periodMs * slots) ?? (tiers.at(-1) as Tier)

/** Found by the hour: clocks are changed on the hour, but for half an hour on Lord Howe Island. */
const offsetsOf = (fromMs: number, toMs: number): ClockOffsets => {
  const offsets: [number, number][] = [[seconds(fromMs), clockOffsetMinutes(fromMs)]]
  for (let atMs = Math.ceil(fromMs / hourMs) * hourMs; atMs <= toMs; atMs += hourMs) {
    const minutes = clockOffsetMinutes(atMs)
    if (minutes !== offsets.at(-1)?.[1]) offsets.push([seconds(atMs), minutes])
  }
  return offsets
}

const silentText = (silent: readonly { name: string; alerts: number }[]): string => {
  const shown = [...silent]
    .sort((a, b) => b.alerts - a.alerts)
    .slice(0, 5)
    .map(({ name, alerts }) => {
      const told = alerts === 0 ? '' : ` (${alerts} ${alerts === 1 ? 'alert' : 'alerts'})`
      return `${clip(name, 60)}${told}`
    })
  const more = silent.length > shown.length ? ` and ${silent.length - shown.length} more` : ''
  return `nothing was recorded in this time of ${shown.join(', ')}${more}`
}
