import {
  type Composition,
  listedParts,
  type MemoryKind,
  type NamePart,
  type ProcessPart,
} from '../core/composition.ts'
import { sealJson, unsealJson } from './sealed-json.ts'

/** A block of every file system; what is left of it is blanks, so that `less` shows the file. */
export const placeBytes = 4096

const bounds = { nameLength: 64, serviceLength: 100 } as const

export interface Sequenced {
  /** Counts up with each that is written: the order, whatever the clock did. */
  sequence: number
  composition: Composition
}

/** Names that escape to six bytes a letter may take more than there is: then the smallest parts are left out. */
export const encodePlace = (service: string, sequence: number, composition: Composition): Uint8Array => {
  const short = <T extends { name: string }>(parts: readonly T[], most: number): T[] =>
    parts.slice(0, most).map((one) => ({ ...one, name: one.name.slice(0, bounds.nameLength) }))
  for (let most = listedParts; ; most--) {
    const { largest, names } = composition
    const row = write({ ...composition, largest: short(largest, most), names: short(names, most) })
    const text = sealJson({ version: 1, service: service.slice(0, bounds.serviceLength), sequence, row })
    const bytes = new TextEncoder().encode(text)
    if (bytes.length > placeBytes && most > 0) continue
    const place = new Uint8Array(placeBytes).fill(blank)
    place.set(bytes.subarray(0, placeBytes))
    return place
  }
}

const blank = 0x20

/** Empty: never written, torn, of another version or another service. */
export const decodePlace = (bytes: Uint8Array, service: string): Sequenced[] => {
  const text = new TextDecoder().decode(bytes)
  const raw = unsealJson(text.slice(0, text.indexOf('\n') + 1))
  if (typeof raw === 'string' || raw.sum === undefined) return []
  const { sequence } = raw
  if (raw.service !== service.slice(0, bounds.serviceLength) || !isFigure(sequence)) return []
  return read(raw.row).map((composition) => ({ sequence, composition }))
}

const kindOrder: readonly MemoryKind[] = ['anonymous', 'shared', 'file', 'kernel', 'sockets']

const write = (one: Composition): unknown[] => [
  one.atMs,
  one.identity,
  kindOrder.map((kind) => one.kinds[kind]),
  [one.processes, one.openFiles, one.threads, one.unread, one.newestTicks],
  one.largest.map(({ pid, startTicks, name, bytes, sharedBytes }) => [
    pid,
    startTicks,
    name,
    bytes,
    sharedBytes,
  ]),
  one.names.map(({ name, processes, bytes, sharedBytes }) => [name, processes, bytes, sharedBytes]),
]

const isFigure = (raw: unknown): raw is number => Number.isFinite(raw) && (raw as number) >= 0
const figureOrNull = (raw: unknown): number | null => (isFigure(raw) ? raw : null)

const read = (raw: unknown): Composition[] => {
  if (!Array.isArray(raw)) return []
  const [atMs, identity, kinds, counts, largest, names] = raw as unknown[]
  if (!isFigure(atMs) || !isFigure(identity)) return []
  if (![kinds, counts, largest, names].every(Array.isArray)) return []
  const [processes, openFiles, threads, unread, newestTicks] = (counts as unknown[]).map(figureOrNull)
  if (unread == null || newestTicks == null) return []
  return [
    {
      atMs,
      identity,
      kinds: Object.fromEntries(
        kindOrder.map((kind, i) => [kind, figureOrNull((kinds as unknown[])[i])]),
      ) as Composition['kinds'],
      processes: processes ?? null,
      openFiles: openFiles ?? null,
      threads: threads ?? null,
      unread,
      newestTicks,
      largest: (largest as unknown[]).slice(0, listedParts).flatMap(readProcess),
      names: (names as unknown[]).slice(0, listedParts).flatMap(readName),
    },
  ]
}

const readProcess = (raw: unknown): ProcessPart[] => {
  const [pid, startTicks, name, bytes, sharedBytes] = Array.isArray(raw) ? (raw as unknown[]) : []
  if (!isFigure(pid) || !isFigure(startTicks) || typeof name !== 'string') return []
  return isFigure(bytes) && isFigure(sharedBytes) ? [{ pid, startTicks, name, bytes, sharedBytes }] : []
}

const readName = (raw: unknown): NamePart[] => {
  const [name, processes, bytes, sharedBytes] = Array.isArray(raw) ? (raw as unknown[]) : []
  if (!isFigure(processes) || typeof name !== 'string') return []
  return isFigure(bytes) && isFigure(sharedBytes) ? [{ name, processes, bytes, sharedBytes }] : []
}
