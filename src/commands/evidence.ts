import type { JudgedService } from '../checks/judge.ts'
import { clip } from '../core/escape.ts'
import { flatMapReading, type Reading } from '../core/reading.ts'
import { fileStamp } from '../core/stamp.ts'
import { formatBytes } from '../core/units.ts'
import type { Host } from '../host/host.ts'
import { parseMeminfo } from '../parse/meminfo.ts'
import { attributionLines } from '../report/attribution-text.ts'
import { type EvidenceSection, evidenceText } from '../report/evidence-text.ts'
import { messageOf } from '../report/sentence.ts'
import { attributionOf } from './attribute.ts'
import type { RunContext } from './command.ts'
import { kernelSection, logSection } from './evidence-logs.ts'
import { biggestSection, cgroupSection, processSection } from './evidence-processes.ts'
import { freePath } from './free-path.ts'
import { recordsRun } from './record.ts'

export interface TakenEvidence {
  /** Of the file; null when none was written. */
  path: string | null
  /** Why not, one line. */
  why: string | null
}

const mebibyte = 1024 * 1024
/** A host that is out of memory is not helped by a report of it; its disk neither. */
const spare = { memoryBytes: 64 * mebibyte, memoryShare: 0.02, diskBytes: 100 * mebibyte, diskShare: 0.05 }

/** For what is read from files; what programs and sockets tell has time-outs of its own, all below 5 s. */
const filesMs = 1500

/**
 * Writes down what is known of a service before it is restarted: `investigation_YYYYMMDD_HHMMSS.txt` in the log folder,
 * 0600, at most 1 MiB, in at most 5 s. Only with memory and disk to spare. Reads no environment of any process. Never
 * throws: a restart does not fail for want of evidence.
 */
export const takeEvidence = async (
  context: RunContext,
  service: Pick<JudgedService, 'facts' | 'findings'>,
  reason: string,
): Promise<TakenEvidence> => {
  try {
    if (!recordsRun(context)) return { path: null, why: 'nothing is written in this run' }
    const why = lackOf(context)
    return why === null ? await write(context, service, reason) : { path: null, why }
  } catch (error) {
    return { path: null, why: `defect: ${clip(error instanceof Error ? error.message : String(error), 200)}` }
  }
}

/** What there is too little of, or could not be measured; null: there is enough. */
const lackOf = ({ host, global }: RunContext): string | null => {
  const memory = flatMapReading(host.files.readText('/proc/meminfo'), parseMeminfo)
  if (memory.kind !== 'value') return `free memory is not known: ${wordsOf(memory)}`
  const { totalBytes, freeBytes, availableBytes } = memory.value
  const haveBytes = availableBytes ?? freeBytes
  if (haveBytes < Math.max(spare.memoryBytes, totalBytes * spare.memoryShare))
    return `only ${formatBytes(haveBytes)} of memory are available`
  const folder = host.save.ensureFolder(global.logDir)
  if (folder.kind !== 'value') return `there is no log folder: ${wordsOf(folder)}`
  const disk = host.files.diskUsage(global.logDir)
  if (disk.kind !== 'value') return `free space of ${clip(global.logDir, 200)} is not known: ${wordsOf(disk)}`
  return disk.value.availableBytes < Math.max(spare.diskBytes, disk.value.totalBytes * spare.diskShare)
    ? `only ${formatBytes(disk.value.availableBytes)} of disk space are free in ${clip(global.logDir, 200)}`
    : null
}

const wordsOf = (reading: Exclude<Reading<unknown>, { kind: 'value' }>): string =>
  reading.kind === 'failed'
    ? clip(`${reading.what}: ${reading.detail}`, 200)
    : `no ${clip(reading.what, 200)}`

const write = async (
  context: RunContext,
  { facts, findings }: Pick<JudgedService, 'facts' | 'findings'>,
  reason: string,
): Promise<TakenEvidence> => {
  const { host, version, global } = context
  const startedMs = host.elapsedMs()
  const atMs = host.now()
  // Asked first, so that they answer while the files are read.
  const logs = Promise.all([logSection(host, facts), kernelSection(host)])
  const isLate = (): boolean => host.elapsedMs() - startedMs > filesMs
  const found: EvidenceSection = {
    title: 'What was found',
    text: findings.map((one) => `${one.status}: ${messageOf(one, 'service')}`).join('\n'),
  }
  const files = [
    memorySection(host),
    processSection(host, facts.pids, isLate),
    biggestSection(host),
    cgroupSection(host, facts.mainPid ?? facts.pids[0] ?? null),
  ]
  const sections = [found, growthSection(context, facts), ...files, ...(await logs)]
  const text = evidenceText({
    hostname: host.hostname,
    version,
    service: facts.name,
    reason,
    atMs,
    tookMs: host.elapsedMs() - startedMs,
    sections,
  })
  const path = freePath(host, `${global.logDir}/investigation_${fileStamp(atMs)}`, 'txt')
  if (path === null) return { path, why: 'there are too many of this second' }
  // It holds command lines and logs of others: for root alone.
  const written = host.save.replace(path, text, 0o600)
  return written.kind === 'value' ? { path, why: null } : { path: null, why: wordsOf(written) }
}

/** Taken anew, since after the restart nobody can tell any more. */
const growthSection = (context: RunContext, facts: JudgedService['facts']): EvidenceSection => {
  const title = 'What grew in it'
  const attribution = attributionOf(context, facts, false)
  if (attribution === null) return { title, note: 'there is no earlier look at its parts to compare with' }
  const lines = attributionLines(facts.name, attribution, context.host.now(), 100, (_, text) => text)
  return { title, text: lines.join('\n') }
}

const memorySection = (host: Host): EvidenceSection => {
  const text = host.files.readText('/proc/meminfo')
  return text.kind === 'value'
    ? { title: 'Memory of the host', text: text.value }
    : { title: 'Memory of the host', note: wordsOf(text) }
}
