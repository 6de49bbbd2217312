import { fitBy } from './fit.ts'
import { floorsOf } from './floors.ts'
import type { Life } from './life.ts'
import { partOf, spanMs, type Track } from './track.ts'

// Neighbouring floors are not independent; a model must be that much better for each parameter more.
const floorsPerFact = 3
const fewestOnASide = 3

/**
 * When growth began: at the bend of a line that is level or slow before and grows after it, with a warm-up before it
 * or not, where that explains the floors better than growth all along, steady or speeding up, does.
 */
export const onsetOf = ({ track, growth }: Life): number => {
  const width = spanMs(growth.floors) / Math.max(1, growth.floors.atMs.length - 1)
  const floors = floorsOf(track, Math.min(48, Math.max(16, Math.round((2 * spanMs(track)) / width))))
  const n = floors.atMs.length
  const x = timesOf(floors)
  const allAlong = Math.min(
    costOf(fitBy(powers(x, 1), floors.bytes).square, n, 2),
    costOf(fitBy(powers(x, 3), floors.bytes).square, n, 4),
  )
  let best = { cost: allAlong, at: 0 }
  for (const warm of warmUps(n)) {
    const warmUp =
      warm === 0 ? 0 : fitBy(powers(x.subarray(0, warm), 2), floors.bytes.subarray(0, warm)).square
    const part = partOf(floors, warm)
    const rest = x.subarray(warm)
    const extra = warm === 0 ? 0 : 4
    const straight = costOf(warmUp + fitBy(powers(rest, 1), part.bytes).square, n, 2 + extra)
    if (straight < best.cost) best = { cost: straight, at: 0 }
    for (let at = fewestOnASide; at <= rest.length - fewestOnASide - 1; at++) {
      const { square, before, after } = bend(rest, part.bytes, at)
      const cost = costOf(warmUp + square, n, 4 + extra)
      if (cost < best.cost) best = { cost, at: before < after * 0.4 ? warm + at : 0 }
    }
  }
  return (best.at === 0 ? track : floors).atMs[best.at] as number
}

/** Floors that a warm-up may take at the beginning. */
const warmUps = (n: number): number[] =>
  [0, 0.06, 0.12, 0.18, 0.25, 0.35].map((share) => Math.round(share * n)).filter((at) => at === 0 || at >= 3)

/** Bayes' information criterion, but for a constant. */
const costOf = (square: number, n: number, parameters: number): number =>
  (n / floorsPerFact) * Math.log(square + 1) + parameters * Math.log(n)

/** From -1 to 1. */
const timesOf = (floors: Track): Float64Array =>
  floors.atMs.map((at) => (2 * (at - (floors.atMs[0] as number))) / Math.max(1, spanMs(floors)) - 1)

const powers = (x: Float64Array, degree: number): Float64Array[] =>
  Array.from({ length: degree + 1 }, (_, power) => x.map((one) => one ** power))

const bend = (
  x: Float64Array,
  bytes: Float64Array,
  at: number,
): { square: number; before: number; after: number } => {
  const hinge = x.map((one) => Math.max(0, one - (x[at] as number)))
  const { square, rest } = fitBy([...powers(x, 1), hinge], bytes)
  const fitted = (i: number): number => (bytes[i] as number) - (rest[i] as number)
  const slope = (from: number, to: number): number =>
    (fitted(to) - fitted(from)) / ((x[to] as number) - (x[from] as number))
  return { square, before: slope(0, at), after: slope(at, x.length - 1) }
}
