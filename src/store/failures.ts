import { bounded, type FailureEntry, type FailureMemory, failureBounds } from '../core/failure-memory.ts'
import { type Reading, value } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

export type FailureFile = 'failures' | 'cleanup-failures'

export const failuresPath = (stateDir: string, of: FailureFile = 'failures'): string =>
  `${stateDir}/${of}.json`

/**
 * What failed again and again. A file that cannot be used is moved aside and is none: then it is all tried anew, which
 * is what a person would do who knows nothing of it.
 */
export const loadFailures = (save: HostSave, path: string): FailureMemory => {
  const text = save.readText(path)
  if (text.kind !== 'value') return new Map()
  const read = readEntries(text.value)
  if (read === null) save.setAside(path)
  return new Map((read ?? []).map((entry) => [entry.key, entry]))
}

/** Written only when there is something to write, or to take back. */
export const saveFailures = (
  save: HostSave,
  path: string,
  before: FailureMemory,
  after: FailureMemory,
  nowMs: number,
): Reading<true> => {
  if (before === after) return value(true)
  const folder = save.ensureFolder(path.slice(0, path.lastIndexOf('/')))
  if (folder.kind !== 'value') return folder
  const entries = [...bounded(after, nowMs).values()]
  return save.replace(path, sealJson({ version: 1, entries }))
}

const readEntries = (text: string): FailureEntry[] | null => {
  const raw = unsealJson(text)
  if (typeof raw === 'string' || !Array.isArray(raw.entries)) return null
  return raw.entries.slice(0, failureBounds.entries).filter(isEntry)
}

const isEntry = (raw: unknown): raw is FailureEntry =>
  isRecord(raw) &&
  [raw.key, raw.circumstance, raw.cause].every(
    (text) => typeof text === 'string' && text.length <= failureBounds.textLength,
  ) &&
  [raw.failures, raw.skipped, raw.lastFailedAtMs].every(
    (number) => Number.isFinite(number) && (number as number) >= 0,
  )
