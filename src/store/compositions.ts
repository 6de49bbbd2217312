import type { Composition, MemoryKind, NamePart, ProcessPart } from '../core/composition.ts'
import type { Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { historyPath } from './history-file.ts'
import { sealJson, unsealJson } from './sealed-json.ts'

/** 40 × (12 + 12) parts of at most 64 letters: below 160 kB a service, usually 30. */
const bounds = { compositions: 40, parts: 12, nameLength: 64 } as const

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
  return raw.compositions.slice(-bounds.compositions).flatMap(read)
}

/** Adds one. Of another lifetime all that were before go; of too many the one that is missed least. */
export const addComposition = (
  save: HostSave,
  stateDir: string,
  service: string,
  composition: Composition,
): Reading<true> => {
  const before = loadCompositions(save, stateDir, service).filter(
    ({ identity, atMs }) => identity === composition.identity && atMs < composition.atMs,
  )
  const compositions = thinned([...before, bounded(composition)])
  return save.replace(
    compositionsPath(stateDir, service),
    sealJson({ version: 1, service, compositions: compositions.map(write) }),
  )
}

const bounded = (composition: Composition): Composition => ({
  ...composition,
  largest: composition.largest
    .slice(0, bounds.parts)
    .map((one) => ({ ...one, name: one.name.slice(0, bounds.nameLength) })),
  names: composition.names
    .slice(0, bounds.parts)
    .map((one) => ({ ...one, name: one.name.slice(0, bounds.nameLength) })),
})

/** The one between whose neighbours the least time lies, by how long ago that was; never the first nor the last. */
const thinned = (all: Composition[]): Composition[] => {
  if (all.length <= bounds.compositions) return all
  const newestMs = all.at(-1)?.atMs ?? 0
  const gapAt = (i: number): number => {
    const [before, after] = [all[i - 1]?.atMs ?? 0, all[i + 1]?.atMs ?? 0]
    return (after - before) / (newestMs - before)
  }
  let least = 1
  for (let i = 2; i < all.length - 1; i++) if (gapAt(i) < gapAt(least)) least = i
  return thinned(all.filter((_, i) => i !== least))
}

const kindOrder: readonly MemoryKind[] = ['anonymous', 'shared', 'file', 'kernel', 'sockets']

const write = (one: Composition): unknown[] => [
  one.atMs,
  one.identity,
  kindOrder.map((kind) => one.kinds[kind]),
  [one.processes, one.openFiles, one.threads],
  one.largest.map(({ pid, startTicks, name, bytes }) => [pid, startTicks, name, bytes]),
  one.names.map(({ name, processes, bytes }) => [name, processes, bytes]),
]

const isFigure = (raw: unknown): raw is number => Number.isFinite(raw) && (raw as number) >= 0
const figureOrNull = (raw: unknown): number | null => (isFigure(raw) ? raw : null)

const read = (raw: unknown): Composition[] => {
  if (!Array.isArray(raw)) return []
  const [atMs, identity, kinds, counts, largest, names] = raw as unknown[]
  if (!isFigure(atMs) || !isFigure(identity)) return []
  if (![kinds, counts, largest, names].every(Array.isArray)) return []
  const [processes, openFiles, threads] = (counts as unknown[]).map(figureOrNull)
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
      largest: (largest as unknown[]).slice(0, bounds.parts).flatMap(readProcess),
      names: (names as unknown[]).slice(0, bounds.parts).flatMap(readName),
    },
  ]
}

const readProcess = (raw: unknown): ProcessPart[] => {
  const [pid, startTicks, name, bytes] = Array.isArray(raw) ? (raw as unknown[]) : []
  return isFigure(pid) && isFigure(startTicks) && isFigure(bytes) && typeof name === 'string'
    ? [{ pid, startTicks, name, bytes }]
    : []
}

const readName = (raw: unknown): NamePart[] => {
  const [name, processes, bytes] = Array.isArray(raw) ? (raw as unknown[]) : []
  return isFigure(processes) && isFigure(bytes) && typeof name === 'string'
    ? [{ name, processes, bytes }]
    : []
}
