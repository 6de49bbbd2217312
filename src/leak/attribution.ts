import {
  type Attribution,
  type Composition,
  type CountGrowth,
  type Culprit,
  type KindGrowth,
  listedParts,
  type MemoryKind,
  type NamePart,
  type PartGrowth,
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
  const most = mostOf(kinds)
  // Memory that many have mapped is in each of them: who holds what is told without it, unless it is what grew.
  const sizeOf: SizeOf = most?.kind === 'shared' ? ({ sharedBytes }) => sharedBytes : ({ bytes }) => bytes
  const names = namesOf(then, now, sizeOf)
  const processes = processesOf(then, now, sizeOf)
  return {
    sinceMs: then.atMs,
    gainBytes,
    kinds,
    processes: processes.slice(0, shownParts),
    names: names.slice(0, shownParts),
    openFiles: countOf(then.openFiles, now.openFiles),
    threads: countOf(then.threads, now.threads),
    culprit: culpritOf(gainBytes, processes, names, most),
    unread: now.unread,
  }
}

interface Sizes {
  bytes: number
  sharedBytes: number
}

type SizeOf = (part: Sizes) => number

const gainOf = ({ thenBytes, nowBytes }: { thenBytes: number; nowBytes: number }): number =>
  nowBytes - thenBytes

const fastestFirst = (a: PartGrowth, b: PartGrowth): number => gainOf(b) - gainOf(a)

/** A kind that was not measured at both ends is left out: it may have grown, and nobody can tell. */
const kindsOf = (then: Composition, now: Composition): KindGrowth[] =>
  (Object.keys(now.kinds) as MemoryKind[]).flatMap((kind) => {
    const [thenBytes, nowBytes] = [then.kinds[kind], now.kinds[kind]]
    return thenBytes === null || nowBytes === null ? [] : [{ kind, thenBytes, nowBytes }]
  })

/** The kind that grew most; the page cache is given back, and is none. */
const mostOf = (kinds: readonly KindGrowth[]): KindGrowth | null =>
  kinds
    .filter(({ kind }) => kind !== 'file')
    .reduce<KindGrowth | null>(
      (best, one) => (best === null || gainOf(one) > gainOf(best) ? one : best),
      null,
    )

/** What one that was there and not listed had at most. */
const smallestOf = (listed: readonly Sizes[]): number =>
  listed.reduce((least, { bytes, sharedBytes }) => Math.min(least, bytes + sharedBytes), Infinity)

/**
 * One that started since is counted from nothing. One that was there, and too small to be listed among so many, is
 * counted from the smallest that was listed: of thirty workers alike it is chance who is listed, and none of them grew
 * by all that it holds.
 */
const processesOf = (then: Composition, now: Composition, sizeOf: SizeOf): PartGrowth[] => {
  const wasCut = then.processes === null || then.processes > then.largest.length
  const smallest = smallestOf(then.largest)
  return now.largest
    .map((one): PartGrowth => {
      const { pid, startTicks, name } = one
      const same = then.largest.find((other) => other.pid === pid && other.startTicks === startTicks)
      const wasThere = same !== undefined || (wasCut && startTicks <= then.newestTicks)
      const nowBytes = sizeOf(one)
      const thenBytes = same !== undefined ? sizeOf(same) : wasThere ? Math.min(nowBytes, smallest) : 0
      return { name, pid, thenBytes, nowBytes, thenProcesses: wasThere ? 1 : 0, nowProcesses: 1 }
    })
    .sort(fastestFirst)
}

const namesOf = (then: Composition, now: Composition, sizeOf: SizeOf): PartGrowth[] => {
  const wasCut = then.names.length >= listedParts
  const smallest = smallestOf(then.names)
  return now.names
    .map((one: NamePart): PartGrowth => {
      const same = then.names.find(({ name }) => name === one.name)
      const nowBytes = sizeOf(one)
      const unlisted = wasCut ? Math.min(nowBytes, smallest) : 0
      return {
        name: one.name,
        pid: null,
        thenBytes: same === undefined ? unlisted : sizeOf(same),
        nowBytes,
        thenProcesses: same?.processes ?? (wasCut ? null : 0),
        nowProcesses: one.processes,
      }
    })
    .sort(fastestFirst)
}

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
  most: KindGrowth | null,
): Culprit | null => {
  if (gainBytes < leastGainBytes) return null
  const isMost = (gain: number): boolean => gain >= leastShare * gainBytes
  const [name] = names
  const gainOfName = new Map(names.map((one) => [one.name, gainOf(one)]))
  // A worker that took the place of another of its name has grown by no more than the name.
  const ownGain = (one: PartGrowth): number => Math.min(gainOf(one), gainOfName.get(one.name) ?? gainOf(one))
  const [one, next] = [...processes].sort((a, b) => ownGain(b) - ownGain(a))
  const isOfOne = one !== undefined && isMost(ownGain(one))
  // The same memory that several have mapped is in each of them.
  const isOfMany = next !== undefined && most?.kind === 'shared' && isMost(ownGain(next))
  // What the kernel or a tmpfs holds stands in no process, so it is told apart by its kind.
  const isOwn = most === null || most.kind === 'anonymous' || (most.kind === 'shared' && isOfOne)
  const kind = most?.kind ?? null
  if (isOwn && isOfOne && !isOfMany)
    return { of: 'process', name: one.name, pid: one.pid, gainBytes: ownGain(one), kind }
  if (isOwn && name !== undefined && isMost(gainOf(name)))
    return {
      of: 'name',
      name: name.name,
      pid: null,
      gainBytes: kind === 'shared' ? Math.min(gainOf(name), gainBytes) : gainOf(name),
      kind,
    }
  return most !== null && isMost(gainOf(most))
    ? { of: 'kind', kind: most.kind, gainBytes: gainOf(most) }
    : null
}
