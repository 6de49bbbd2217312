import { floorsOf } from './floors.ts'
import type { Growth } from './growth.ts'
import { partOf, type Track } from './track.ts'
import { curveOf, type Slope, senSlope } from './trend.ts'

export interface Onset {
  atMs: number
  slope: Slope
}

/**
 * When growth began: the bend of a line that is level (or slower) before and grows after, by least squares over the
 * floors; the first sample where such a bend explains no more than a line that grows all along.
 */
export const onsetOf = (track: Track, _found: Growth): Onset => {
  const floors = floorsOf(track, 60)
  const n = floors.atMs.length
  const straight = hinge(floors, 0)
  const bent = bend(floors)
  let best = { at: 0, square: straight.square, before: straight.after }
  for (let at = 1; at < n - 3; at++) {
    const { square, before } = hinge(floors, at)
    if (square < best.square) best = { at, square, before }
  }
  const isLate = best.square < straight.square * 0.6 && best.square < bent * 0.9
  const from = isLate ? best.at : 0
  const atMs = floors.atMs[from] as number
  let start = 0
  while (start < track.atMs.length - 5 && (track.atMs[start] as number) < atMs) start++
  return {
    atMs: isLate ? atMs : (track.atMs[0] as number),
    slope: senSlope(floorsOf(partOf(track, start), 24)),
  }
}

/** Least squares of a level that turns into a line at floor `at`. */
const hinge = ({ atMs, bytes }: Track, at: number): { square: number; before: number; after: number } => {
  const n = atMs.length
  const bendAt = atMs[at] as number
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const x = Math.max(0, (atMs[i] as number) - bendAt)
    const y = (bytes[i] as number) - (bytes[0] as number)
    sx += x
    sy += y
    sxx += x * x
    sxy += x * y
  }
  const after = (sxy - (sx * sy) / n) / (sxx - (sx * sx) / n || 1)
  const level = (sy - after * sx) / n
  let square = 0
  for (let i = 0; i < n; i++) {
    const x = Math.max(0, (atMs[i] as number) - bendAt)
    square += ((bytes[i] as number) - (bytes[0] as number) - level - after * x) ** 2
  }
  return { square, before: 0, after }
}

const bend = (floors: Track): number => {
  const n = floors.atMs.length
  const noise = curveNoise(floors)
  return noise * noise * Math.max(1, n - 3)
}

const curveNoise = (floors: Track): number => curveOf(floors).noise
