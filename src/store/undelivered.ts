import type { Status } from '../core/finding.ts'
import { type Reading, value } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

/** What somebody has still to be told. */
export interface Undelivered {
  /** Which target, by its content: a config that changes drops what was meant for another. */
  target: string
  status: Status
  title: string
  lines: string[]
}

const bounds = { targets: 50, lines: 100, lineLength: 500 } as const

export const undeliveredPath = (stateDir: string): string => `${stateDir}/undelivered.json`

/** Nothing where there is no such file, or none that can be used: then only what is new is told. */
export const loadUndelivered = (save: HostSave, stateDir: string): Undelivered[] => {
  const text = save.readText(undeliveredPath(stateDir))
  if (text.kind !== 'value') return []
  const raw = unsealJson(text.value)
  if (typeof raw === 'string') save.setAside(undeliveredPath(stateDir))
  const entries = typeof raw === 'string' || !Array.isArray(raw.entries) ? [] : raw.entries
  return entries.filter(isUndelivered).slice(0, bounds.targets)
}

/** Of many lines the newest are kept. */
export const saveUndelivered = (
  save: HostSave,
  stateDir: string,
  entries: readonly Undelivered[],
): Reading<true> => {
  const path = undeliveredPath(stateDir)
  if (entries.length === 0) {
    const removed = save.remove(path)
    return removed.kind === 'failed' ? removed : value(true)
  }
  const folder = save.ensureFolder(stateDir)
  if (folder.kind !== 'value') return folder
  const kept = entries.slice(0, bounds.targets).map((entry) => ({
    ...entry,
    title: entry.title.slice(0, bounds.lineLength),
    lines: entry.lines.slice(-bounds.lines).map((line) => line.slice(0, bounds.lineLength)),
  }))
  return save.replace(path, sealJson({ version: 1, entries: kept }))
}

const isUndelivered = (raw: unknown): raw is Undelivered =>
  isRecord(raw) &&
  typeof raw.target === 'string' &&
  ['ok', 'warning', 'critical', 'unknown'].includes(raw.status as string) &&
  typeof raw.title === 'string' &&
  Array.isArray(raw.lines) &&
  raw.lines.every((line) => typeof line === 'string')
