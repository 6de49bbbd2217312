import { fallsOf } from './falls.ts'
import { quantile } from './robust.ts'
import { type IdentifiedTrack, partOf, type Track } from './track.ts'

// More falls to the ground than that are the teeth of a garbage collector, not restarts.
const mostGuessed = 5

/**
 * The lifetimes of a series, oldest first. Where identities are not known, a fall to where the series began is taken
 * for a restart, as long as there are few of them.
 */
export const lifetimesOf = (track: IdentifiedTrack): Track[] => {
  const starts = track.identified ? track.bornAt : [0, ...guessedRestarts(track)]
  return starts.map((from, i) => partOf(track, from, starts[i + 1]))
}

const guessedRestarts = (track: Track): number[] => {
  const low = quantile(track.bytes, 0.02)
  const range = quantile(track.bytes, 0.98) - low
  const restarts = fallsOf(track).filter((at) => {
    const before = quantile(track.bytes.subarray(Math.max(0, at - 3), at), 0.5)
    const after = track.bytes[at] as number
    return after <= low + 0.3 * range && before - after >= 0.4 * range
  })
  const isLong = restarts.every((at, i) => at - (restarts[i - 1] ?? 0) >= 12)
  return restarts.length <= mostGuessed && isLong ? restarts : []
}
