import { fallsOf } from './falls.ts'
import type { Life } from './life.ts'
import { quantile, roughQuantile } from './robust.ts'
import { type IdentifiedTrack, partOf, spanMs, type Track } from './track.ts'

// More falls to the ground than that are the teeth of a garbage collector, not restarts.
const mostGuessed = 4

/**
 * The lifetimes of a series, oldest first. Where identities are not known, a fall to where the series began is taken
 * for a restart, as long as there are few of them.
 */
export const lifetimesOf = (track: IdentifiedTrack): Track[] => {
  const starts = track.identified ? track.bornAt : [0, ...guessedRestarts(track)]
  return starts.map((from, i) => partOf(track, from, starts[i + 1]))
}

const guessedRestarts = (track: Track): number[] => {
  const low = roughQuantile(track.bytes, 0.02)
  const range = roughQuantile(track.bytes, 0.98) - low
  const restarts = fallsOf(track).filter((at) => {
    const before = quantile(track.bytes.subarray(Math.max(0, at - 3), at), 0.5)
    const after = track.bytes[at] as number
    return after <= low + 0.3 * range && before - after >= 0.4 * range
  })
  const isLong = restarts.every((at, i) => at - (restarts[i - 1] ?? 0) >= 12)
  return restarts.length <= mostGuessed && isLong ? restarts : []
}

const endOf = ({ growth }: Life): number => growth.floors.bytes.at(-1) as number

/** An earlier life that did not leak has been as high, and went on: what rises now is a warm-up that is known. */
export const roseBefore = (own: Life, earlier: readonly Life[]): boolean =>
  earlier.some(
    (life) =>
      life.kind !== 'leak' && spanMs(life.track) > spanMs(own.track) && endOf(life) >= endOf(own) * 0.97,
  )

/**
 * The leak of the last lives, as long as this one does not contradict it: a restart must not hide a leak. Null when
 * they did not leak, or when this life is old enough to show that it does not.
 */
export const hiddenLeak = (current: Track, own: Life | null, earlier: readonly Life[]): Life | null => {
  const last = earlier.slice(-3).filter((life) => spanMs(life.track) >= spanMs(current) * 0.5)
  const leaking = last.filter(({ kind }) => kind === 'leak')
  const model = leaking.at(-1)
  if (model === undefined || leaking.length * 2 <= last.length) return null
  const { slope, gainBytes, strength } = model.growth
  const expectedBytes = slope.best * spanMs(current)
  const noise = gainBytes / strength
  if (own === null || expectedBytes < 4 * noise) return model
  return own.growth.slope.best * spanMs(current) >= expectedBytes * 0.4 ? model : null
}
