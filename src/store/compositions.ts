import {
  type Composition,
  listedParts,
  type MemoryKind,
  type NamePart,
  type ProcessPart,
} from '../core/composition.ts'
import type { Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { historyPath } from './history-file.ts'
import { sealJson, unsealJson } from './sealed-json.ts'

/** 40 and 10 × (12 + 12) parts of at most 64 letters: below 200 kB a service, usually 35. */
const bounds = { compositions: 40, former: 10, nameLength: 64 } as const

/** Beside the history of the service. */
export const compositionsPath = (stateDir: string, service: string): string =>
  historyPath(stateDir, service).replace(/\.hist$/, '.parts')

/** What was recorded of a service, oldest first. A file that cannot be used is moved aside and begun anew. */
export const loadCompositions = (save: HostSave, stateDir: string, service: string): Composition[] => {
  const path = compositionsPath(stateDir, service)
  const text = save.readText(path)
  if (text.kind !== 'value') return []
  const raw = unsealJson(text.value)
  if (typeof raw === 'string' || raw.service !== service || !Array.isArray(raw.compositions)) {
    save.setAside(path)
    return []
  }
  return raw.compositions.slice(-bounds.compositions - bounds.former).flatMap(read)
}

/**
 * Adds one; of too many the one that is missed least goes. Of the lifetime before some stay, so that what grew in it is
 * still told after the restart; of earlier ones none.
 */
export const addComposition = (
  save: HostSave,
  stateDir: string,
  service: string,
  composition: Composition,
): Reading<true> => {
  const before = loadCompositions(save, stateDir, service).filter(({ atMs }) => atMs < composition.atMs)
  const own = before.filter(({ identity }) => identity === composition.identity)
  const others = before.filter(({ identity }) => identity !== composition.identity)
  const former = others.filter(({ identity }) => identity === others.at(-1)?.identity)
  const compositions = [
    ...thinned(former, bounds.former),
    ...thinned([...own, bounded(composition)], bounds.compositions),
  ]
  return save.replace(
    compositionsPath(stateDir, service),
    sealJson({ version: 1, service, compositions: compositions.map(write) }),
  )
}

const bounded = (composition: Composition): Composition => ({
  ...composition,
  largest: composition.largest
    .slice(0, listedParts)
    .map((one) => ({ ...one, name: one.name.slice(0, bounds.nameLength) })),
  names: composition.names
    .slice(0, listedParts)
    .map((one) => ({ ...one, name: one.name.slice(0, bounds.nameLength) })),
})

/** The one between whose neighbours the least time lies, by how long ago that was; never the first nor the last. */
const thinned = (all: Composition[], most: number): Composition[] => {
  if (all.length <= most) return all
  const newestMs = all.at(-1)?.atMs ?? 0
  const gapAt = (i: number): number => {
    const [before, after] = [all[i - 1]?.atMs ?? 0, all[i + 1]?.atMs ?? 0]
    return (after - before) / (newestMs - before)
  }
  let least = 1
  for (let i = 2; i < all.length - 1; i++) if (gapAt(i) < gapAt(least)) least = i
  return thinned(
    all.filter((_, i) => i !== least),
    most,
  )
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
