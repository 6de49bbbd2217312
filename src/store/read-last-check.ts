import type { Finding, Status } from '../core/finding.ts'
import { absent, failed, type Reading, value } from '../core/reading.ts'
import type { LastCheck, SeenHost, SeenService } from '../core/seen.ts'
import type { HostSave } from '../host/host.ts'
import { lastCheckBounds, lastCheckPaths } from './last-check.ts'
import { isRecord, unsealJson } from './sealed-json.ts'

/**
 * What `check` saw last: the newer of the two records that is whole. Absent when it has recorded nothing; failed when
 * neither can be used: broken, of another version, another user's. A service or a finding that is not whole is left out.
 */
export const readLastCheck = (save: HostSave, stateDir: string): Reading<LastCheck> => {
  const read = lastCheckPaths(stateDir).map((path) => readOne(save, path))
  const whole = read.flatMap((one) => (one.kind === 'value' ? [one.value] : []))
  const newest = whole.sort((a, b) => b.sequence - a.sequence)[0]
  if (newest !== undefined) return value(newest.last)
  return read.find((one) => one.kind === 'failed') ?? absent('the record of a check')
}

const readOne = (save: HostSave, path: string): Reading<{ sequence: number; last: LastCheck }> => {
  const text = save.readText(path)
  if (text.kind !== 'value') return text
  // Behind it lies the end of a longer one that it was written over.
  const document = unsealJson(text.value.slice(0, text.value.indexOf('\n') + 1))
  if (typeof document === 'string') return failed('malformed', path, document)
  const host = hostOf(document.host)
  if (host === null) return failed('malformed', path, 'it does not say when it was written')
  const services = Array.isArray(document.services) ? document.services : []
  return value({
    sequence: isNumber(document.sequence) ? document.sequence : 0,
    last: {
      version: 1,
      host,
      services: services.slice(0, lastCheckBounds.services).flatMap((one) => serviceOf(one) ?? []),
    },
  })
}

const hostOf = (raw: unknown): SeenHost | null =>
  isRecord(raw) && isStamp(raw.atMs) && isStatus(raw.status)
    ? { atMs: raw.atMs, status: raw.status, findings: findingsOf(raw.findings) }
    : null

const serviceOf = (raw: unknown): SeenService | null => {
  if (!isRecord(raw) || !isRecord(raw.facts)) return null
  const { atMs, status, failedChecks, action, facts } = raw
  const isWhole =
    isStamp(atMs) &&
    isStatus(status) &&
    isNumber(failedChecks) &&
    (action === null || isAction(action)) &&
    isFacts(facts)
  if (!isWhole) return null
  const { attribution: _, ...known } = facts
  return {
    ...raw,
    facts: { ...known, pids: [] },
    findings: findingsOf(raw.findings),
  } as unknown as SeenService
}

const states = ['running', 'starting', 'paused', 'restarting', 'stopped', 'failed', 'missing', 'unknown']

const isFacts = (raw: Record<string, unknown>): boolean =>
  isText(raw.name) &&
  oneOf(raw.kind, ['container', 'unit', 'process']) &&
  isTarget(raw.target) &&
  typeof raw.configured === 'boolean' &&
  oneOf(raw.state, states) &&
  isText(raw.stateDetail) &&
  isTextOrNull(raw.identity) &&
  isNumberOrNull(raw.mainPid) &&
  (raw.health === null || oneOf(raw.health, ['healthy', 'unhealthy', 'starting'])) &&
  isReading(raw.memory, isMemory) &&
  [raw.processes, raw.openFiles, raw.threads, raw.restarts, raw.uptimeSeconds, raw.oomKills].every((one) =>
    isReading(one, isNumber),
  ) &&
  (raw.matchedProcesses === undefined || isReading(raw.matchedProcesses, isNumber)) &&
  (raw.growth === undefined || isGrowth(raw.growth))

const isTarget = (raw: unknown): boolean => {
  if (!isRecord(raw)) return false
  if (raw.type === 'container' || raw.type === 'unit') return isText(raw.ref)
  if (raw.type === 'pidfile') return isText(raw.path)
  return raw.type === 'process' && isText(raw.match) && isTextOrNull(raw.user) && isTextOrNull(raw.exe)
}

const isMemory = (raw: unknown): boolean =>
  isRecord(raw) &&
  [raw.leakBytes, raw.usedBytes, raw.swapBytes].every(isNumber) &&
  isNumberOrNull(raw.limitBytes) &&
  isTextOrNull(raw.limitAt)

const isGrowth = (raw: unknown): boolean =>
  isRecord(raw) && isNumberOrNull(raw.bytesPerMinute) && isNumberOrNull(raw.secondsToLimit)

const causes = ['denied', 'timeout', 'refused', 'malformed', 'vanished', 'io', 'tool-missing']

const isReading = (raw: unknown, isValue: (value: unknown) => boolean): boolean => {
  if (!isRecord(raw)) return false
  if (raw.kind === 'value') return isValue(raw.value)
  if (raw.kind === 'absent') return isText(raw.what)
  return raw.kind === 'failed' && oneOf(raw.cause, causes) && isText(raw.what) && isText(raw.detail)
}

const isAction = (raw: unknown): boolean =>
  isRecord(raw) &&
  isText(raw.kind) &&
  oneOf(raw.outcome, ['done', 'skipped', 'dry-run', 'failed']) &&
  isText(raw.reason)

const units = ['bytes', 'percent', 'count', 'seconds', 'bytes-per-minute']

const findingsOf = (raw: unknown): Finding[] => (Array.isArray(raw) ? raw.filter(isFinding) : [])

const isFinding = (raw: unknown): raw is Finding =>
  isRecord(raw) &&
  isText(raw.check) &&
  isText(raw.code) &&
  isStatus(raw.status) &&
  (raw.item === undefined || isText(raw.item)) &&
  (raw.unit === null || oneOf(raw.unit, units)) &&
  [raw.value, raw.warn, raw.crit].every(isNumberOrNull) &&
  (raw.args === undefined || (isRecord(raw.args) && Object.values(raw.args).every(isArg)))

const isArg = (raw: unknown): boolean => raw === null || isText(raw) || isNumber(raw)

const isStatus = (raw: unknown): raw is Status => oneOf(raw, ['ok', 'warning', 'critical', 'unknown'])

const isStamp = (raw: unknown): raw is number => isNumber(raw) && raw >= 0 && raw < 8.64e15

const isNumber = (raw: unknown): raw is number => Number.isFinite(raw)

const isNumberOrNull = (raw: unknown): boolean => raw === null || isNumber(raw)

const isText = (raw: unknown): raw is string => typeof raw === 'string'

const isTextOrNull = (raw: unknown): boolean => raw === null || isText(raw)

const oneOf = (raw: unknown, known: readonly string[]): boolean => isText(raw) && known.includes(raw)
