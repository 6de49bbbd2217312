import { checksum } from '../core/checksum.ts'
import { failed, type Reading, value } from '../core/reading.ts'
import type { HostSave, PositionedFile } from '../host/host.ts'
import {
  decodeHeaders,
  encodeHeader,
  headerBytes,
  headersBytes,
  historyVersion,
} from '../parse/history-header.ts'

/** The series of the host as a whole; no service can have this name in the config. */
export const hostSeries = ''

export const historyFolder = (stateDir: string): string => `${stateDir}/history`

/** Readable for people, and of its own for every name: `web_1-1a2b3c4d.hist`. */
export const historyPath = (stateDir: string, name: string): string =>
  name === hostSeries
    ? `${historyFolder(stateDir)}/host.hist`
    : `${historyFolder(stateDir)}/${name.slice(0, 60).replace(/[^A-Za-z0-9_.-]/g, '_')}-${checksum(name)}.hist`

export interface WrittenHistory {
  /** Where a file that could not be trusted is kept now. */
  setAsideTo: string | null
  detail: string | null
}

/**
 * Opens the history of a service to be written, made when missing. What is there and is no history of this version, or
 * another user's, is moved aside: it is neither trusted nor lost.
 */
export const writeHistory = (
  save: HostSave,
  uid: number,
  path: string,
  name: string,
  use: (file: PositionedFile) => void,
): Reading<WrittenHistory> => {
  const attempt = (): Reading<string | null> =>
    save.positioned<string | null>(path, 'write', (file) => {
      const wrong = prepare(file, name)
      if (wrong === null) use(file)
      return value(wrong)
    })
  const foreign = foreignOwner(save, uid, path)
  const first = foreign === null ? attempt() : value(foreign)
  if (first.kind !== 'value') return first
  if (first.value === null) return value({ setAsideTo: null, detail: null })
  const aside = save.setAside(path)
  if (aside.kind !== 'value') return aside
  const again = attempt()
  if (again.kind !== 'value') return again
  return again.value === null
    ? value({ setAsideTo: aside.value, detail: first.value })
    : failed('malformed', path, again.value)
}

/** Why the file cannot be used; null when it can, with both copies of its header whole. */
const prepare = (file: PositionedFile, name: string): string | null => {
  const bytes = file.read(0, headersBytes)
  if (bytes.length > 0) {
    const wrong = wrongIn(bytes, name)
    if (wrong !== null) return wrong
  }
  const wanted = encodeHeader(name)
  for (const at of [0, headerBytes]) if (!isSame(bytes, at, wanted)) file.write(at, wanted)
  return null
}

const isSame = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean =>
  bytes.length >= at + wanted.length && wanted.every((one, i) => bytes[at + i] === one)

const wrongIn = (bytes: Uint8Array, name: string): string | null => {
  const header = decodeHeaders(bytes)
  if (header === 'broken') return 'its header is broken'
  if (header.version !== historyVersion) return `it is of version ${header.version}`
  return name.startsWith(header.name) ? null : 'it is the history of another service'
}

const foreignOwner = (save: HostSave, uid: number, path: string): string | null => {
  const info = save.info(path)
  if (info.kind !== 'value') return null
  if (info.value.kind !== 'file') return `it is a ${info.value.kind}, not a file`
  return info.value.uid === uid ? null : `it belongs to user ${info.value.uid}`
}

/** Opens a history to be read; absent when nothing was recorded under this name. */
export const readHistory = <T>(
  save: HostSave,
  path: string,
  name: string,
  use: (file: PositionedFile) => T,
): Reading<T> =>
  save.positioned<T>(path, 'read', (file) => {
    const wrong = wrongIn(file.read(0, headersBytes), name)
    return wrong === null ? value(use(file)) : failed('malformed', path, wrong)
  })
