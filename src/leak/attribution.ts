import type {
  Attribution,
  Composition,
  CountGrowth,
  Culprit,
  KindGrowth,
  MemoryKind,
  NamePart,
  PartGrowth,
  ProcessPart,
} from '../core/composition.ts'

const shownParts = 5
/** Who makes less than this share of the growth is not called its culprit. */
const leastShare = 0.5
/** Below this nothing is worth a culprit. */
const leastGainBytes = 1024 ** 2

/**
 * The composition that growth since `onsetMs` is compared with: the newest of this lifetime that is not after it, else
 * the oldest. Null: this lifetime has none that is older than `now`.
 */
export const baseOf = (
  recorded: readonly Composition[],
  now: Pick<Composition, 'atMs' | 'identity'>,
  onsetMs: number | null,
): Composition | null => {
  const own = recorded.filter(({ identity, atMs }) => identity === now.identity && atMs < now.atMs)
  const before = onsetMs === null ? undefined : own.findLast(({ atMs }) => atMs <= onsetMs)
  return before ?? own[0] ?? null
}

/** What grew from `then` to `now`, and who is to blame. Both are of one lifetime. */
export const attribute = (then: Composition, now: Composition): Attribution => {
  const kinds = kindsOf(then, now)
  const gainBytes = kinds.reduce((sum, one) => sum + (one.kind === 'file' ? 0 : gainOf(one)), 0)
  const names = namesOf(then.names, now.names)
  const processes = processesOf(then, now.largest)
  return {
    sinceMs: then.atMs,
    gainBytes,
    kinds,
    processes: processes.slice(0, shownParts),
    names: names.slice(0, shownParts),
    openFiles: countOf(then.openFiles, now.openFiles),
    threads: countOf(then.threads, now.threads),
    culprit: culpritOf(gainBytes, processes, names, kinds),
  }
}

const gainOf = ({ thenBytes, nowBytes }: { thenBytes: number; nowBytes: number }): number =>
  nowBytes - thenBytes

const fastestFirst = (a: PartGrowth, b: PartGrowth): number => gainOf(b) - gainOf(a)

/** A kind that was not measured at both ends is left out: it may have grown, and nobody can tell. */
const kindsOf = (then: Composition, now: Composition): KindGrowth[] =>
  (Object.keys(now.kinds) as MemoryKind[]).flatMap((kind) => {
    const [thenBytes, nowBytes] = [then.kinds[kind], now.kinds[kind]]
    return thenBytes === null || nowBytes === null ? [] : [{ kind, thenBytes, nowBytes }]
  })

/** One that was not listed then was smaller than all that were: it is counted from nothing. */
const processesOf = (then: Composition, now: readonly ProcessPart[]): PartGrowth[] =>
  now
    .map(({ pid, startTicks, name, bytes }): PartGrowth => {
      const same = then.largest.find((one) => one.pid === pid && one.startTicks === startTicks)
      return {
        ...{ name, pid, thenBytes: same?.bytes ?? 0, nowBytes: bytes },
        ...{ thenProcesses: same === undefined ? 0 : 1, nowProcesses: 1 },
      }
    })
    .sort(fastestFirst)

const namesOf = (then: readonly NamePart[], now: readonly NamePart[]): PartGrowth[] =>
  now
    .map(({ name, processes, bytes }): PartGrowth => {
      const same = then.find((one) => one.name === name)
      return {
        ...{ name, pid: null, thenBytes: same?.bytes ?? 0, nowBytes: bytes },
        ...{ thenProcesses: same?.processes ?? 0, nowProcesses: processes },
      }
    })
    .sort(fastestFirst)

const countOf = (before: number | null, now: number | null): CountGrowth | null =>
  before === null || now === null ? null : { before, now }

/**
 * One process when it alone makes most of the growth; else all processes of one name, as where 200 small ones are left
 * behind; else memory that belongs to no process. The kind named with a process is the one of the service that grew most.
 */
const culpritOf = (
  gainBytes: number,
  processes: readonly PartGrowth[],
  names: readonly PartGrowth[],
  kinds: readonly KindGrowth[],
): Culprit | null => {
  if (gainBytes < leastGainBytes) return null
  const most = kinds
    .filter(({ kind }) => kind !== 'file')
    .reduce<KindGrowth | null>(
      (best, one) => (best === null || gainOf(one) > gainOf(best) ? one : best),
      null,
    )
  const isMost = (gain: number): boolean => gain >= leastShare * gainBytes
  const [name] = names
  const gainOfName = new Map(names.map((one) => [one.name, gainOf(one)]))
  // A worker that took the place of another of its name has grown by no more than the name.
  const ownGain = (one: PartGrowth): number => Math.min(gainOf(one), gainOfName.get(one.name) ?? gainOf(one))
  const one = [...processes].sort((a, b) => ownGain(b) - ownGain(a))[0]
  // What the kernel or a tmpfs holds stands in no process, so it is told apart by its kind.
  const isOwn =
    most === null || most.kind === 'anonymous' || (most.kind === 'shared' && isMost(gainOf(name ?? none)))
  const kind = most?.kind ?? null
  if (isOwn && one !== undefined && isMost(ownGain(one)))
    return { of: 'process', name: one.name, pid: one.pid, gainBytes: ownGain(one), kind }
  if (isOwn && name !== undefined && isMost(gainOf(name)))
    return { of: 'name', name: name.name, pid: null, gainBytes: gainOf(name), kind }
  return most !== null && isMost(gainOf(most))
    ? { of: 'kind', kind: most.kind, gainBytes: gainOf(most) }
    : null
}

const none = { thenBytes: 0, nowBytes: 0 }
