import type { SeriesPoint } from './series.ts'

/** A series in order: strictly rising times, finite sizes from 0 up. */
export interface Track {
  atMs: Float64Array
  bytes: Float64Array
}

export interface IdentifiedTrack extends Track {
  /** Index at which each lifetime begins by its identity; the first is 0. */
  bornAt: number[]
  /** Whether identities were known at all; where they were not, restarts may be guessed from the curve. */
  identified: boolean
}

/** In order of time; of doubles the lowest; what is no size or no time is left out. */
export const trackOf = (points: readonly SeriesPoint[]): IdentifiedTrack => {
  const usable = points.filter(
    ({ atMs, bytes }) => Number.isFinite(atMs) && Number.isFinite(bytes) && bytes >= 0,
  )
  if (!usable.every((point, i) => i === 0 || point.atMs >= (usable[i - 1] as SeriesPoint).atMs))
    usable.sort((a, b) => a.atMs - b.atMs)
  const atMs = new Float64Array(usable.length)
  const bytes = new Float64Array(usable.length)
  const bornAt = [0]
  let identity: string | null = null
  let count = 0
  for (const point of usable) {
    const isNew = point.identity !== null && identity !== null && point.identity !== identity
    if (point.identity !== null) identity = point.identity
    if (count > 0 && atMs[count - 1] === point.atMs && !isNew) {
      bytes[count - 1] = Math.min(bytes[count - 1] as number, point.bytes)
      continue
    }
    if (isNew && bornAt.at(-1) !== count) bornAt.push(count)
    atMs[count] = point.atMs
    bytes[count] = point.bytes
    count++
  }
  return {
    atMs: atMs.subarray(0, count),
    bytes: bytes.subarray(0, count),
    bornAt,
    identified: identity !== null,
  }
}

export const partOf = (track: Track, from: number, to = track.atMs.length): Track => ({
  atMs: track.atMs.subarray(from, to),
  bytes: track.bytes.subarray(from, to),
})

export const spanMs = ({ atMs }: Track): number =>
  atMs.length === 0 ? 0 : (atMs[atMs.length - 1] as number) - (atMs[0] as number)
