import { checksum } from '../core/checksum.ts'
import { runtimeFolder } from '../core/own-folders.ts'
import { absent, type Reading, value } from '../core/reading.ts'
import type { Host, HostSave } from '../host/host.ts'
import { sealJson, unsealJson } from './sealed-json.ts'

/** Where in memory a file of the state folder is kept while it cannot be written there. */
export interface SecondPlace {
  /** Of this user alone. */
  folder: string
  uid: number
  /** Tells one state folder from another. */
  mark: string
  nowMs(): number
}

const folderMode = 0o700
const maxBytes = 8 * 1024 * 1024

/**
 * Null where there is none: for a user whose session has no folder in memory, and for a state folder that is named from
 * the current folder, since another one may have the same name.
 */
export const secondPlaceOf = (
  { uid, env, now }: Pick<Host, 'uid' | 'env' | 'now'>,
  stateDir: string,
): SecondPlace | null => {
  const folder = runtimeFolder(uid, env)
  return folder === null || !stateDir.startsWith('/')
    ? null
    : { folder, uid, mark: checksum(stateDir.replace(/\/+$/, '')), nowMs: now }
}

/**
 * As `save`, but what cannot be written (a full disk, one that has become read-only) is kept in the second place, and
 * the newer of the two is read: else each run would know nothing of the run before, and tell everything anew. What is
 * written in its own place again is taken out of the second. For files of the state folder alone.
 */
export const withSecondPlace = (save: HostSave, place: SecondPlace | null): HostSave => {
  if (place === null) return save
  return {
    ...save,
    // When it cannot be made the file cannot be written either, and that has its second place.
    ensureFolder(path) {
      const made = save.ensureFolder(path)
      return made.kind === 'value' || !isUsable(save, place) ? made : value(true)
    },
    readText: (path) => newer(save, place, path),
    replace(path, text, mode) {
      const written = save.replace(path, text, mode)
      if (written.kind === 'value') removeSecond(save, place, path)
      else if (keepSecond(save, place, path, text)) return value(true)
      return written
    },
    remove(path) {
      const removed = save.remove(path)
      if (removed.kind !== 'failed') removeSecond(save, place, path)
      else if (keepSecond(save, place, path, null)) return value(true)
      return removed
    },
  }
}

/** After the file was written in its own place. */
export const removeSecond = (save: HostSave, place: SecondPlace | null, path: string): void => {
  // Mostly there is none, which is asked in microseconds.
  if (place === null || save.info(secondPath(place, path)).kind === 'absent') return
  if (isOwnFolder(save, place)) save.remove(secondPath(place, path))
}

const secondPath = ({ folder, mark }: SecondPlace, path: string): string =>
  `${folder}/${mark}-${path.slice(path.lastIndexOf('/') + 1)}`

/** @param text null: the file is no more */
const keepSecond = (save: HostSave, place: SecondPlace, path: string, text: string | null): boolean =>
  isUsable(save, place) &&
  save.replace(secondPath(place, path), sealJson({ version: 1, savedAtMs: place.nowMs(), text })).kind ===
    'value'

const newer = (save: HostSave, place: SecondPlace, path: string): Reading<string> => {
  const second = readSecond(save, place, path)
  if (second === null) return save.readText(path)
  const own = save.info(path)
  // A stamp of the future is of a clock that was wrong: the second place is there because the first could not be written.
  const ownAtMs = own.kind === 'value' && own.value.modifiedAtMs <= place.nowMs() ? own.value.modifiedAtMs : 0
  if (ownAtMs > second.savedAtMs) return save.readText(path)
  return second.text === null ? absent(path) : value(second.text)
}

/** Null: there is none, or none that nobody else could have written. */
const readSecond = (
  save: HostSave,
  place: SecondPlace,
  path: string,
): { savedAtMs: number; text: string | null } | null => {
  const at = secondPath(place, path)
  const info = save.info(at)
  if (info.kind !== 'value' || info.value.kind !== 'file' || info.value.sizeBytes > maxBytes) return null
  if ((info.value.mode & 0o022) !== 0 || !isOwnFolder(save, place)) return null
  const text = save.positioned(at, 'read', (file) =>
    value(new TextDecoder().decode(file.read(0, info.value.sizeBytes))),
  )
  const raw = text.kind === 'value' ? unsealJson(text.value) : ''
  if (typeof raw === 'string' || typeof raw.savedAtMs !== 'number') return null
  return typeof raw.text === 'string' || raw.text === null
    ? { savedAtMs: raw.savedAtMs, text: raw.text }
    : null
}

/** Made when it is missing, and only where nobody else could swap it: in a folder of root's or of this user's own. */
const isUsable = (save: HostSave, place: SecondPlace): boolean => {
  const above = save.info(place.folder.slice(0, place.folder.lastIndexOf('/')))
  if (above.kind !== 'value' || above.value.kind !== 'folder') return false
  if (above.value.uid !== place.uid || (above.value.mode & 0o022) !== 0) return false
  return save.ensureFolder(place.folder, folderMode).kind === 'value' && isOwnFolder(save, place)
}

const isOwnFolder = (save: HostSave, { folder, uid }: SecondPlace): boolean => {
  const info = save.info(folder)
  return (
    info.kind === 'value' &&
    info.value.kind === 'folder' &&
    info.value.uid === uid &&
    (info.value.mode & 0o077) === 0
  )
}
