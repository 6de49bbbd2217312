import { absent, valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { mergeEvents } from '../../plan/crash-merge.ts'
import { findSuspects } from '../../plan/crash-suspects.ts'
import type { CrashReport } from '../../report/crash-text.ts'
import type { RunContext } from '../command.ts'
import { bootSource, raspberrySource } from './boots.ts'
import { countedRestarts, recordedRestarts } from './counted-restarts.ts'
import { engineEventSource } from './engine-events.ts'
import { readGivenFiles } from './given-files.ts'
import { growthBefore } from './growth.ts'
import { fullDisks, hostNow } from './host-now.ts'
import { journalSource } from './journal.ts'
import { kernelSource } from './kernel.ts'
import { countOomKills } from './oom-counts.ts'
import { ownActions } from './own-ledger.ts'
import { pstoreSource } from './pstore.ts'
import { containerSource, serviceLogSource, unitSource } from './services.ts'
import { type Gathering, settleEvents } from './source.ts'
import { namedServices } from './suspect-name.ts'

const daySeconds = 86_400

/** Asks every source at once, each within its own time, and makes one story of what they tell. */
export const tellStory = async (context: RunContext): Promise<CrashReport> => {
  const { host, version, loaded, options, global } = context
  const config = loaded?.config ?? null
  const given = options.from as string[] | undefined
  const since = (options.since as number | undefined) ?? null
  const gathering = startGathering(host, given === undefined ? (since ?? daySeconds) : since)
  if (given !== undefined) await readGivenFiles(gathering, given)
  else {
    await Promise.all(
      [
        ...[kernelSource, journalSource, containerSource, engineEventSource],
        ...[bootSource, pstoreSource, raspberrySource],
      ].map((source) => source(gathering)),
    )
    await Promise.all([unitSource(gathering), serviceLogSource(gathering, config)])
  }
  const services = given === undefined ? namedServices(config?.services ?? {}, gathering) : []
  if (given === undefined) await countOomKills(gathering, config?.services ?? {}, services)
  const undated =
    given === undefined ? countedRestarts(gathering, services, recordedRestarts(host, global.stateDir)) : []
  // Below another root there is another host, and what is recorded here is none of it.
  const hasRecords = given === undefined && host.live
  const own = hasRecords ? ownActions(gathering, global.logDir, services) : []
  const warnings = given === undefined ? await fullDisks(gathering, config) : []
  const now = given === undefined ? [...hostNow(gathering), ...undated] : []
  settleEvents(gathering)
  const events = mergeEvents(gathering.events)
  const { restarts, oomCounts, containerNames } = gathering
  const growth = hasRecords ? growthBefore(context, events, services) : []
  return {
    hostname: host.hostname,
    version,
    story: {
      sinceMs:
        given === undefined || since !== null ? gathering.sinceMs : (events[0]?.atMs ?? gathering.nowMs),
      untilMs: gathering.nowMs,
      events,
      suspects: findSuspects(events, { restarts, oomCounts, growth, containerNames }),
      warnings,
      sources: gathering.outcomes,
    },
    hostNow: now,
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
    left: { events: 0 },
    outcomes: [],
    restarts: [],
    containerNames: new Map(),
    containers: [],
    oomCounts: [],
    engineSaid: absent('container engine'),
    systemdSaid: absent('systemd'),
  }
}
