import type { Mark } from '../core/acceptance.ts'
import type { Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

const bounds = { marks: 50, textLength: 200 } as const

export const marksPath = (stateDir: string): string => `${stateDir}/marks.json`

/** What `verify --mark` noted, oldest first. A file that cannot be used is moved aside and begun anew. */
export const loadMarks = (save: HostSave, stateDir: string): Mark[] => {
  const text = save.readText(marksPath(stateDir))
  if (text.kind !== 'value') return []
  const raw = unsealJson(text.value)
  if (typeof raw === 'string' || !Array.isArray(raw.marks)) {
    save.setAside(marksPath(stateDir))
    return []
  }
  return raw.marks.slice(-bounds.marks).flatMap(readMark)
}

/** Adds one; the oldest of too many go. */
export const addMark = (save: HostSave, stateDir: string, mark: Mark): Reading<true> => {
  const folder = save.ensureFolder(stateDir)
  if (folder.kind !== 'value') return folder
  const marks = [...loadMarks(save, stateDir), { ...mark, text: mark.text.slice(0, bounds.textLength) }]
  return save.replace(marksPath(stateDir), sealJson({ version: 1, marks: marks.slice(-bounds.marks) }))
}

const readMark = (raw: unknown): Mark[] =>
  isRecord(raw) && Number.isFinite(raw.atMs) && (raw.atMs as number) >= 0 && typeof raw.text === 'string'
    ? [{ atMs: raw.atMs as number, text: raw.text.slice(0, bounds.textLength) }]
    : []
