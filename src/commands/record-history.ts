import { bootIdOf } from '../checks/boot-id.ts'
import { readMemoryInfo } from '../checks/memory.ts'
import type { Finding } from '../core/finding.ts'
import type { HistorySample } from '../core/history.ts'
import { identityHash } from '../core/identity-hash.ts'
import { type Absent, type Failed, valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import { parseCpuStat } from '../parse/cpu-stat.ts'
import { historyFolder, historyPath, hostSeries, writeHistory } from '../store/history-file.ts'
import { pruneHistory } from '../store/history-prune.ts'
import { recordSample } from '../store/history-record.ts'
import { pruneIsDue } from '../store/prune.ts'
import type { RunContext } from './command.ts'
import { type Processes, processesOf, serviceSample } from './history-sample.ts'
import { ownFinding, recordsRun } from './record.ts'

/**
 * Adds what was seen to the history of each service and of the host. What was not measured leaves a gap. A history that
 * cannot be written is a finding, one for all of them, and the run goes on.
 *
 * @param savedAtMs when the run before saved its state; null: there was none
 */
export const recordHistory = (
  context: RunContext,
  services: readonly ServiceFacts[],
  savedAtMs: number | null,
): Finding[] => {
  if (!recordsRun(context)) return []
  const { host, global } = context
  const folder = host.save.ensureFolder(historyFolder(global.stateDir))
  if (folder.kind !== 'value') return [unwritable(folder)]
  if (pruneIsDue(savedAtMs, host.now())) pruneHistory(host.save, global.stateDir, host.now())
  const processes = processesOf(host)
  const series: { name: string; sample: HistorySample | null }[] = [
    { name: hostSeries, sample: hostSample(host, processes) },
    ...services.map((facts) => ({ name: facts.name, sample: serviceSample(host, facts, processes) })),
  ]
  const findings = series.flatMap(({ name, sample }) => (sample === null ? [] : write(context, name, sample)))
  const isUnwritable = ({ code }: Finding): boolean => code === 'unwritable'
  return [
    ...findings.filter((finding) => !isUnwritable(finding)),
    ...findings.filter(isUnwritable).slice(0, 1),
  ]
}

const write = ({ host, global }: RunContext, name: string, sample: HistorySample): Finding[] => {
  const path = historyPath(global.stateDir, name)
  const written = writeHistory(host.save, host.uid, path, name, (file) => recordSample(file, sample))
  if (written.kind !== 'value') return [unwritable(written)]
  const { detail, setAsideTo } = written.value
  return detail === null
    ? []
    : [ownFinding('history', 'broken', 'warning', { detail, setAsideTo, file: path }, name)]
}

const unwritable = (reading: Absent | Failed): Finding =>
  ownFinding(
    'history',
    'unwritable',
    'warning',
    reading.kind === 'failed'
      ? { cause: reading.cause, what: reading.what, detail: reading.detail }
      : { cause: 'io', what: reading.what, detail: 'is not there' },
  )

/** Of the whole host, who has ended too. */
const busySeconds = (host: Host): number | null => {
  const stat = valueOrNull(host.files.readText('/proc/stat'))
  const times = stat === null ? null : valueOrNull(parseCpuStat(stat))
  return times === null ? null : (times.totalTicks - times.idleTicks) / host.processes.ticksPerSecond
}

/** What nobody could reclaim stands for the leak number; the lifetime is the boot. */
const hostSample = (host: Host, processes: Processes): HistorySample | null => {
  const memory = valueOrNull(readMemoryInfo(host))
  if (memory === null || memory.availableBytes === null) return null
  const usedBytes = memory.totalBytes - memory.availableBytes
  const swapBytes = memory.swapTotalBytes - memory.swapFreeBytes
  const all = [...processes.values()]
  return {
    atMs: host.now(),
    leakBytes: Math.max(0, usedBytes + swapBytes),
    usedBytes,
    limitBytes: memory.totalBytes,
    swapBytes,
    cpuSeconds: busySeconds(host),
    processes: all.length === 0 ? null : all.length,
    openFiles: null,
    threads: all.length === 0 ? null : all.reduce((sum, { threads }) => sum + threads, 0),
    identity: identityHash(bootIdOf(host) || null),
  }
}
