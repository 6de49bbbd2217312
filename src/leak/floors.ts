import { quantileOfSorted, select } from './robust.ts'
import { partOf, spanMs, type Track } from './track.ts'

// Low enough to be the foot of a sawtooth, high enough that one false reading is not the floor.
const floorQuantile = 0.1

/** Reorders `bytes`. */
const floorOf = (bytes: Float64Array): number =>
  bytes.length < 60
    ? quantileOfSorted(bytes.sort(), floorQuantile)
    : select(bytes, Math.round((bytes.length - 1) * floorQuantile))

/**
 * The floor of each of `count` equal spans of time: what memory comes back to. Spans without samples are left out;
 * few samples are taken as they are.
 */
export const floorsOf = (track: Track, count: number): Track => {
  const { atMs, bytes } = track
  const n = atMs.length
  if (n <= count) return track
  const first = atMs[0] as number
  const width = spanMs(track) / count
  const times: number[] = []
  const floors: number[] = []
  let from = 0
  for (let bin = 0; bin < count && from < n; bin++) {
    const end = bin === count - 1 ? Number.POSITIVE_INFINITY : first + width * (bin + 1)
    let to = from
    while (to < n && (atMs[to] as number) < end) to++
    if (to > from) {
      times.push(((atMs[from] as number) + (atMs[to - 1] as number)) / 2)
      floors.push(floorOf(bytes.slice(from, to)))
    }
    from = to
  }
  return { atMs: Float64Array.from(times), bytes: Float64Array.from(floors) }
}

export const fewestFeet = 6

/**
 * The feet of a sawtooth whose teeth are too wide for bins: the lowest after each great fall, up to the next one. Null
 * when there are not enough teeth to tell. What comes after the last foot is a tooth that has not ended.
 */
export const feetOf = (track: Track, falls: readonly number[]): Track | null => {
  if (falls.length < fewestFeet) return null
  // The first tooth begins with the start of the program, which is no foot.
  const edges = [...falls, track.atMs.length]
  const times: number[] = []
  const feet: number[] = []
  for (let i = 0; i + 1 < edges.length; i++) {
    const { atMs, bytes } = partOf(track, edges[i] as number, edges[i + 1])
    let lowest = 0
    for (let j = 1; j < bytes.length; j++) if ((bytes[j] as number) < (bytes[lowest] as number)) lowest = j
    times.push(atMs[lowest] as number)
    feet.push(bytes[lowest] as number)
  }
  return { atMs: Float64Array.from(times), bytes: Float64Array.from(feet) }
}
