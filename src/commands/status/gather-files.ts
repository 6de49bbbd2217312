import { boundedText, type GatheredCheck, type NoCheck } from '../../core/gathered.ts'
import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { gatheredDocument } from '../../parse/gathered-document.ts'
import { gatheredMetrics } from '../../parse/gathered-metrics.ts'
import type { GatheredFile } from '../../plan/fleet.ts'
import { failureWords } from '../../report/failure-words.ts'

export interface Gathered {
  files: GatheredFile[]
  /** Folders that could not be looked at. */
  troubles: string[]
  isDenied: boolean
}

/** 10,000 services are 15 MB of `check --json`. */
const mostBytes = 32 * 1024 ** 2
const mostEntries = 20_000

/**
 * What lies below folders of several hosts: FOLDER/HOST.json, FOLDER/HOST.prom, or any of these in FOLDER/HOST/. Files
 * can be named as well. Hidden entries and those of other names are left alone; symlinks are not followed, since who
 * fills the folder is not who reads it.
 */
export const gatherFiles = (host: Host, places: readonly string[]): Gathered => {
  const gathered: Gathered = { files: [], troubles: [], isDenied: false }
  for (const place of places) {
    const path = absolute(place, host.env.PWD)
    const real = host.files.resolve(path)
    const info = real.kind === 'value' ? host.files.info(real.value.path) : real
    if (info.kind !== 'value') {
      const isGone = info.kind === 'absent'
      gathered.troubles.push(
        `${place}: ${isGone ? 'is not there' : failureWords(info.cause, place, info.detail).why}`,
      )
      gathered.isDenied ||= info.kind === 'failed' && info.cause === 'denied'
    } else if (info.value.kind === 'folder') gatherFolder(host, place, path, gathered)
    else if (real.kind === 'value')
      // Who names a file may name a link.
      addFile(host, { path: real.value.path, file: place, group: place }, stemOf(baseName(place)), gathered)
  }
  return gathered
}

interface Found {
  path: string
  /** As the person wrote the folder. */
  file: string
  group: string
}

const gatherFolder = (host: Host, place: string, path: string, gathered: Gathered): void => {
  const shown = place.replace(/\/+$/, '') || '/'
  const names = entriesOf(host, path, shown, gathered)
  for (const name of names) {
    const inner = `${path}/${name}`
    const isFigures = form.test(name)
    const info = host.files.info(inner)
    const kind = info.kind === 'value' ? info.value.kind : 'file'
    if (kind === 'folder' && !isFigures) {
      if (name !== 'lost+found') gatherHost(host, inner, `${shown}/${name}`, name, gathered)
    } else if (isFigures) {
      const stem = stemOf(name)
      addFile(host, { path: inner, file: `${shown}/${name}`, group: `${shown}/${stem}` }, stem, gathered)
    }
  }
}

/** All in it is of one host. Files of other tools may lie beside ours, as they do for node_exporter. */
const gatherHost = (host: Host, path: string, shown: string, stem: string, gathered: Gathered): void => {
  const before = gathered.troubles.length
  const names = entriesOf(host, path, shown, gathered).filter((name) => form.test(name))
  if (gathered.troubles.length > before) {
    // A host of which nothing can be read is a host all the same.
    const why = gathered.troubles
      .splice(before)
      .join('; ')
      .slice(shown.length + 2)
    gathered.files.push({ group: shown, stem, file: shown, modifiedAtMs: null, read: { why } })
    return
  }
  const own: Gathered = { files: [], troubles: [], isDenied: false }
  const foreign: Gathered = { files: [], troubles: [], isDenied: false }
  for (const name of names)
    addFile(host, { path: `${path}/${name}`, file: `${shown}/${name}`, group: shown }, stem, own, foreign)
  if (own.files.length + foreign.files.length === 0)
    own.files.push({
      ...{ group: shown, stem, file: shown, modifiedAtMs: null },
      read: { why: 'holds no .json and no .prom: nothing was gathered' },
    })
  gathered.files.push(...(own.files.length > 0 ? own.files : foreign.files))
}

const form = /\.(?:json|prom)$/

const addFile = (
  host: Host,
  { path, file, group }: Found,
  stem: string,
  own: Gathered,
  foreign: Gathered = own,
): void => {
  const info = host.files.info(path)
  const modifiedAtMs = info.kind === 'value' ? info.value.modifiedAtMs : null
  const add = (to: Gathered, read: GatheredFile['read']): void => {
    to.files.push({ group, stem: boundedText(stem), file, modifiedAtMs, read })
  }
  const result = readOne(host, path)
  if (typeof result === 'string') add(own, { why: result })
  else if ('kind' in result) add(result.kind === 'foreign' ? foreign : own, { why: result.why })
  else add(own, { check: result })
}

/** What it tells, or why it tells nothing. */
const readOne = (host: Host, path: string): GatheredCheck | NoCheck | string => {
  const info = host.files.info(path)
  if (info.kind === 'value') {
    const { kind, sizeBytes } = info.value
    if (kind === 'symlink') return 'is a symbolic link, which is not followed: gather a copy'
    if (kind === 'folder') return 'is a folder, not a file'
    if (kind === 'other') return 'is no file: a FIFO, a socket or a device'
    if (sizeBytes === 0) return 'is empty: not gathered, or just being written'
    if (sizeBytes > mostBytes) return `has ${formatBytes(sizeBytes)}, more than ${formatBytes(mostBytes)}`
  }
  const text = host.files.readText(path, { maxBytes: mostBytes })
  if (text.kind === 'absent') return 'is gone'
  if (text.kind === 'failed') return `cannot be read: ${failureWords(text.cause, text.what, text.detail).why}`
  const isDocument = form.test(path) ? path.endsWith('.json') : /^\s*\{/.test(text.value.slice(0, 1000))
  return isDocument ? gatheredDocument(text.value) : gatheredMetrics(text.value)
}

const entriesOf = (host: Host, path: string, shown: string, gathered: Gathered): string[] => {
  const listing = host.files.list(path)
  if (listing.kind !== 'value') {
    const why =
      listing.kind === 'absent' ? 'is not there' : failureWords(listing.cause, shown, listing.detail).why
    gathered.troubles.push(`${shown}: ${why}`)
    gathered.isDenied ||= listing.kind === 'failed' && listing.cause === 'denied'
    return []
  }
  const names = listing.value.filter((name) => !name.startsWith('.')).sort()
  if (names.length > mostEntries)
    gathered.troubles.push(
      `${shown}: has ${names.length} entries, and only the first ${mostEntries} were read`,
    )
  return names.slice(0, mostEntries)
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const stemOf = (name: string): string => name.replace(form, '')

const absolute = (path: string, folder: string | undefined): string =>
  path.startsWith('/') || folder === undefined ? path : `${folder}/${path}`
