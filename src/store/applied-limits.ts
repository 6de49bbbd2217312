import type { MemoryLimits } from '../core/action.ts'
import type { Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

/** What `limits apply` found before it set a limit, so that `limits remove` can put it back. */
export interface AppliedLimit {
  service: string
  via: 'container' | 'unit'
  /** Id of the container, or name of the unit. */
  ref: string
  /** What `apply` has changed, as it was before; null: there was none. */
  before: MemoryLimits
  /** Of a unit: until the next boot only. */
  runtime: boolean
}

const most = 500

export const appliedLimitsPath = (stateDir: string): string => `${stateDir}/limits.json`

/** A file that cannot be used is moved aside: then it is not known what was before, which `remove` says. */
export const loadAppliedLimits = (save: HostSave, stateDir: string): AppliedLimit[] => {
  const text = save.readText(appliedLimitsPath(stateDir))
  if (text.kind !== 'value') return []
  const raw = unsealJson(text.value)
  if (typeof raw !== 'string' && Array.isArray(raw.applied))
    return raw.applied.filter(isApplied).slice(0, most)
  save.setAside(appliedLimitsPath(stateDir))
  return []
}

export const saveAppliedLimits = (
  save: HostSave,
  stateDir: string,
  applied: readonly AppliedLimit[],
): Reading<true> => {
  const folder = save.ensureFolder(stateDir)
  if (folder.kind !== 'value') return folder
  return save.replace(appliedLimitsPath(stateDir), sealJson({ version: 1, applied: applied.slice(-most) }))
}

const isBytes = (raw: unknown): boolean =>
  raw === undefined || raw === null || (Number.isSafeInteger(raw) && (raw as number) > 0)

const isApplied = (raw: unknown): raw is AppliedLimit =>
  isRecord(raw) &&
  typeof raw.service === 'string' &&
  (raw.via === 'container' || raw.via === 'unit') &&
  typeof raw.ref === 'string' &&
  typeof raw.runtime === 'boolean' &&
  isRecord(raw.before) &&
  isBytes(raw.before.memoryBytes) &&
  isBytes(raw.before.reservationBytes)
