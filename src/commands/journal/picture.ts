import type { Host } from '../../host/host.ts'
import { type ConfFile, effectiveConf } from '../../plan/journal-effective.ts'
import { limitFaults, limitStates, type WantedLimits } from '../../plan/journal-limits.ts'
import type { JournalPicture } from '../../report/journal-text.ts'
import { askTraffic, systemdVersion } from './ask.ts'
import { journalStorage } from './storage.ts'

/** What holds by these files, and how much journald keeps; `withTraffic`: also what it is told, which takes a second. */
export const journalPicture = async (
  host: Host,
  files: readonly ConfFile[],
  wanted: WantedLimits,
  withTraffic: boolean,
): Promise<JournalPicture> => {
  const [traffic, version] = host.live
    ? await Promise.all([withTraffic ? askTraffic(host) : null, systemdVersion(host)])
    : [null, null]
  const states = limitStates(files, wanted)
  return {
    states,
    faults: limitFaults(states, version),
    ignored: effectiveConf(files).ignored,
    storage: journalStorage(host, files),
    traffic,
    nowMs: host.now(),
  }
}

export interface JournalChange {
  change: 'drop-in' | 'removal' | 'take-up' | 'vacuum' | 'roll-back'
  outcome: 'done' | 'skipped' | 'dry-run' | 'failed'
  detail: string
}

/** `journal-limits@1`. */
export const journalBody = (
  picture: JournalPicture,
  changes: readonly JournalChange[],
): Record<string, unknown> => {
  const { states, faults, ignored, storage, traffic, nowMs } = picture
  const usage = (at: 'disk' | 'memory'): number | null => {
    const place = storage.places.find((one) => one.at === at)
    return place?.usage.kind === 'value' ? place.usage.value : null
  }
  const said = traffic?.kind === 'value' ? traffic.value : null
  return {
    keys: states,
    storage: storage.kind,
    diskUsageBytes: usage('disk'),
    runtimeUsageBytes: usage('memory'),
    faults,
    ignored,
    linesPerMinute: said?.linesPerMinute ?? null,
    loudest: said?.loudest ?? null,
    suppressed: said?.suppressed ?? null,
    historySeconds:
      said?.oldestAtMs == null ? null : Math.max(0, Math.round((nowMs - said.oldestAtMs) / 1000)),
    changes,
  }
}
