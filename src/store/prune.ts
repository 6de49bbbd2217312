import type { Failed } from '../core/reading.ts'
import { dayStamp } from '../core/stamp.ts'
import type { HostSave } from '../host/host.ts'

const dayMs = 86_400_000

export interface OwnFile {
  name: string
  sizeBytes: number
  modifiedAtMs: number
}

export interface PruneBounds {
  maxAgeDays: number
  maxTotalBytes: number
}

export const defaultPruneBounds: PruneBounds = { maxAgeDays: 30, maxTotalBytes: 200 * 1024 * 1024 }

/** The dated files of the contract, with their local day. `restart_history.log` has none: its writer bounds it. */
const datedLog =
  /^(?:(?:health|cleanup|journal|limits|orphans)_(\d{8})\.log|investigation_(\d{8})_\d{6}(?:-\d{1,2})?\.(?:txt|md|json|html))$/

/**
 * Names of the own logs that go: those of a day longer ago than `maxAgeDays`, then the oldest until the rest is not
 * above `maxTotalBytes`. Never a file of today, which may be open, and never one that is not named as ours are.
 */
export const logsToPrune = (files: readonly OwnFile[], nowMs: number, bounds: PruneBounds): string[] => {
  const today = dayStamp(nowMs)
  const firstKept = dayStamp(nowMs - bounds.maxAgeDays * dayMs)
  // Days and names as `20260131` sort by time. Of one day the reports go before the logs by their names only.
  const ours = files
    .flatMap((file) => ({ ...file, day: dayOf(file.name) }))
    .filter((file): file is OwnFile & { day: string } => file.day !== null)
    .sort((a, b) => (a.day + a.name < b.day + b.name ? -1 : 1))
  let totalBytes = ours.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const pruned: string[] = []
  for (const { name, day, sizeBytes } of ours) {
    if (day === today || (day >= firstKept && totalBytes <= bounds.maxTotalBytes)) continue
    totalBytes -= sizeBytes
    pruned.push(name)
  }
  return pruned
}

const dayOf = (name: string): string | null => {
  const match = datedLog.exec(name)
  return match ? (match[1] ?? match[2] ?? null) : null
}

/** What a run that was killed while it wrote left behind (host/replace-file.ts), once no run can still be at it. */
export const leftoversToPrune = (files: readonly OwnFile[], nowMs: number): string[] =>
  files
    .filter(({ name, modifiedAtMs }) => temporary.test(name) && nowMs - modifiedAtMs > dayMs)
    .map(({ name }) => name)

const temporary = /^\..+\.\d+-[a-z0-9]{1,8}\.tmp$/

/** True on the first run of a local day. `savedAtMs`: when the state was saved last; null when never. */
export const pruneIsDue = (savedAtMs: number | null, nowMs: number): boolean =>
  savedAtMs === null || dayStamp(savedAtMs) !== dayStamp(nowMs)

export interface Pruned {
  removed: string[]
  failed: Failed[]
}

/** Prunes the own logs and what killed runs left in the log and state folders. A missing folder is fine. */
export const prune = (
  save: HostSave,
  folders: { logDir: string; stateDir: string },
  nowMs: number,
  bounds: PruneBounds = defaultPruneBounds,
): Pruned => {
  const pruned: Pruned = { removed: [], failed: [] }
  pruneFolder(save, folders.logDir, pruned, (files) => [
    ...logsToPrune(files, nowMs, bounds),
    ...leftoversToPrune(files, nowMs),
  ])
  pruneFolder(save, folders.stateDir, pruned, (files) => leftoversToPrune(files, nowMs))
  return pruned
}

const pruneFolder = (
  save: HostSave,
  folder: string,
  pruned: Pruned,
  choose: (files: OwnFile[]) => string[],
): void => {
  const names = save.list(folder)
  if (names.kind === 'failed') pruned.failed.push(names)
  if (names.kind !== 'value') return
  for (const name of choose(ownFiles(save, folder, names.value))) {
    const path = `${folder}/${name}`
    const removed = save.remove(path)
    if (removed.kind === 'failed') pruned.failed.push(removed)
    else pruned.removed.push(path)
  }
}

/** Regular files only: a symlink that is named like a log is not ours. */
const ownFiles = (save: HostSave, folder: string, names: readonly string[]): OwnFile[] =>
  names
    .filter((name) => datedLog.test(name) || temporary.test(name))
    .flatMap((name) => {
      const info = save.info(`${folder}/${name}`)
      if (info.kind !== 'value' || info.value.kind !== 'file') return []
      return [{ name, sizeBytes: info.value.sizeBytes, modifiedAtMs: info.value.modifiedAtMs }]
    })
