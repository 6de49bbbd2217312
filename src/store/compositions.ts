import type { Composition } from '../core/composition.ts'
import { type Reading, value } from '../core/reading.ts'
import type { HostSave, PositionedFile } from '../host/host.ts'
import { decodePlace, encodePlace, placeBytes, type Sequenced } from './composition-place.ts'
import { historyPath } from './history-file.ts'

/** Of the lifetime that is, and of the one before. */
const bounds = { compositions: 40, former: 10 } as const
const places = bounds.compositions + bounds.former

/** Beside the history of the service; 200 KiB at most. */
export const compositionsPath = (stateDir: string, service: string): string =>
  historyPath(stateDir, service).replace(/\.hist$/, '.parts')

interface Placed extends Sequenced {
  place: number
}

/** What was recorded of a service, oldest first; what is broken or another service's is left out. */
export const loadCompositions = (save: HostSave, stateDir: string, service: string): Composition[] => {
  const read = save.positioned(compositionsPath(stateDir, service), 'read', (file) =>
    value(keptOf(placedIn(file, service))),
  )
  return read.kind === 'value' ? read.value.map(({ composition }) => composition) : []
}

/**
 * Adds one, by one write of 4 KiB at a place of its own that does not wait for the disk: cut off it damages nothing but
 * itself. Of too many the one that is missed least goes. Of the lifetime before some stay, so that what grew in it is
 * still told after the restart; of earlier ones none. What is no file of ours is moved aside.
 */
export const addComposition = (
  save: HostSave,
  stateDir: string,
  service: string,
  composition: Composition,
): Reading<true> => {
  const path = compositionsPath(stateDir, service)
  const attempt = (): Reading<true> =>
    save.positioned<true>(path, 'write', (file) => {
      const all = placedIn(file, service)
      const sequence = all.reduce((newest, one) => Math.max(newest, one.sequence), 0) + 1
      const kept = new Set(keptOf([...all, { place: -1, sequence, composition }]).map(({ place }) => place))
      const free = Array.from({ length: places }, (_, place) => place).find((place) => !kept.has(place)) ?? 0
      file.write(free * placeBytes, encodePlace(service, sequence, composition))
      return value(true)
    })
  const first = attempt()
  if (first.kind === 'value') return first
  const info = save.info(path)
  const isForeign = first.kind === 'failed' && first.cause === 'denied'
  if (info.kind !== 'value' || (info.value.kind === 'file' && !isForeign)) return first
  const aside = save.setAside(path)
  return aside.kind === 'value' ? attempt() : aside
}

const placedIn = (file: PositionedFile, service: string): Placed[] => {
  const bytes = file.read(0, places * placeBytes)
  return Array.from({ length: places }, (_, place) =>
    decodePlace(bytes.subarray(place * placeBytes, (place + 1) * placeBytes), service).map((one) => ({
      place,
      ...one,
    })),
  ).flat()
}

/** In the order they were written, without those of a time that the clock was ahead: the newest is right. */
const keptOf = (all: readonly Placed[]): Placed[] => {
  let before = Number.POSITIVE_INFINITY
  const inTime: Placed[] = []
  for (const one of [...all].sort((a, b) => b.sequence - a.sequence)) {
    if (one.composition.atMs >= before) continue
    before = one.composition.atMs
    inTime.unshift(one)
  }
  const identity = inTime.at(-1)?.composition.identity
  const others = inTime.filter(({ composition }) => composition.identity !== identity)
  const formerIdentity = others.at(-1)?.composition.identity
  return [
    ...thinned(
      others.filter(({ composition }) => composition.identity === formerIdentity),
      bounds.former,
    ),
    ...thinned(
      inTime.filter(({ composition }) => composition.identity === identity),
      bounds.compositions,
    ),
  ]
}

/** The one between whose neighbours the least time lies, by how long ago that was; never the first nor the last. */
const thinned = (all: Placed[], most: number): Placed[] => {
  if (all.length <= most) return all
  const newestMs = all.at(-1)?.composition.atMs ?? 0
  const gapAt = (i: number): number => {
    const [before, after] = [all[i - 1]?.composition.atMs ?? 0, all[i + 1]?.composition.atMs ?? 0]
    return (after - before) / (newestMs - before)
  }
  let least = 1
  for (let i = 2; i < all.length - 1; i++) if (gapAt(i) < gapAt(least)) least = i
  return thinned(
    all.filter((_, i) => i !== least),
    most,
  )
}
