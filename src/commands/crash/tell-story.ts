import { valueOrNull } from '../../core/reading.ts'
import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { parseMeminfo } from '../../parse/meminfo.ts'
import { parsePressure } from '../../parse/pressure.ts'
import { mergeEvents } from '../../plan/crash-merge.ts'
import { findSuspects } from '../../plan/crash-suspects.ts'
import type { CrashReport } from '../../report/crash-text.ts'
import { ledgerText, parseLedger, readLedger } from '../../store/restart-ledger.ts'
import type { RunContext } from '../command.ts'
import { bootSource, pstoreSource, raspberrySource } from './boots.ts'
import { readGivenFiles } from './given-files.ts'
import { growthBefore } from './growth.ts'
import { journalSource } from './journal.ts'
import { kernelSource } from './kernel.ts'
import { containerSource, serviceLogSource, unitSource } from './services.ts'
import type { Gathering } from './source.ts'

const daySeconds = 86_400

/** Asks every source at once, each within its own time, and makes one story of what they tell. */
export const tellStory = async (context: RunContext): Promise<CrashReport> => {
  const { host, version, loaded, options } = context
  const given = options.from as string[] | undefined
  const since = (options.since as number | undefined) ?? null
  const gathering = startGathering(host, given === undefined ? (since ?? daySeconds) : since)
  if (given !== undefined) await readGivenFiles(gathering, given)
  else {
    await Promise.all(
      [kernelSource, journalSource, containerSource, bootSource, pstoreSource, raspberrySource].map(
        (source) => source(gathering),
      ),
    )
    await Promise.all([unitSource(gathering), serviceLogSource(gathering, loaded?.config ?? null)])
  }
  const own = given === undefined ? ownHistory(context, gathering) : []
  const events = mergeEvents(gathering.events)
  const { restarts, containerNames } = gathering
  const growth = given === undefined ? growthBefore(context, events, containerNames) : []
  return {
    hostname: host.hostname,
    version,
    story: {
      sinceMs:
        given === undefined || since !== null ? gathering.sinceMs : (events[0]?.atMs ?? gathering.nowMs),
      untilMs: gathering.nowMs,
      events,
      suspects: findSuspects(events, { restarts, growth, containerNames }),
      sources: gathering.outcomes,
    },
    hostNow: given === undefined ? hostNow(host) : [],
    ownActions: own,
  }
}

const startGathering = (host: Host, seconds: number | null): Gathering => {
  const nowMs = host.now()
  return {
    host,
    sinceMs: seconds === null ? Number.NEGATIVE_INFINITY : nowMs - seconds * 1000,
    nowMs,
    clock: { endMs: nowMs, bootAtMs: valueOrNull(host.processes.bootAtMs()) },
    pageBytes: host.processes.pageBytes,
    events: [],
    outcomes: [],
    restarts: [],
    containerNames: new Map(),
    containers: [],
  }
}

/** Restarts by this toolkit and those it has counted, within the window. */
const ownHistory = ({ host, global }: RunContext, gathering: Gathering): string[] => {
  const lines = parseLedger(readLedger(host.save, global.logDir)).filter(
    ({ atMs }) => atMs >= gathering.sinceMs,
  )
  for (const service of new Set(lines.map((line) => line.service))) {
    const count = lines.filter((line) => line.service === service && line.event === 'restarted').length
    if (count > 0) gathering.restarts.push({ name: service, kind: 'unit', count })
  }
  return lines.map((line) => ledgerText(line).trimEnd())
}

const hostNow = (host: Host): string[] => {
  const text = host.files.readText('/proc/meminfo')
  const memory = text.kind === 'value' ? valueOrNull(parseMeminfo(text.value)) : null
  const psi = host.files.readText('/proc/pressure/memory')
  const pressure = psi.kind === 'value' ? valueOrNull(parsePressure(psi.value)) : null
  return [
    ...(memory === null
      ? []
      : [
          `memory: ${formatBytes(memory.availableBytes ?? memory.freeBytes)} of ${formatBytes(memory.totalBytes)} available`,
          memory.swapTotalBytes === 0
            ? 'swap: none'
            : `swap: ${formatBytes(memory.swapFreeBytes)} of ${formatBytes(memory.swapTotalBytes)} free`,
        ]),
    ...(pressure?.full == null
      ? []
      : [`memory pressure: ${pressure.full.avg60}% of the last minute in which every task waited`]),
  ]
}
