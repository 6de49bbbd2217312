import type { SeriesPoint } from '../../src/leak/series.ts'
import type { Labelled } from './labelled.ts'
import { type Random, randomOf } from './random.ts'

/**
 * Labelled series, drawn as curves: a shape over the length of the series, times a scale, plus noise. Each kind varies
 * in scale (20 MB to 100 GB), length, sampling, noise and its autocorrelation, quantisation and missing samples.
 */
export const generate = (seed: number, eachKind: number): Labelled[] => {
  const random = randomOf(seed)
  return [...Object.entries(leaking), ...Object.entries(healthy)].flatMap(([kind, draw]) =>
    Array.from({ length: eachKind }, () => draw(frameOf(random), random, kind)),
  )
}

/** What all kinds have in common; times are shares of the series, 0 to 1. */
interface Frame {
  count: number
  stepMs: number
  startMs: number
  base: number
  /** Standard deviation, as a share of the base. */
  noise: number
  autocorrelation: number
}

type Draw = (frame: Frame, random: Random, kind: string) => Labelled
type Shape = (share: number, index: number) => number

const steps = [1, 5, 10, 30, 60, 60, 60, 60, 300, 300, 900, 3600]

const frameOf = (random: Random): Frame => {
  const stepMs = random.pick(steps) * 1000
  return {
    count: Math.round(random.scaled(120, 2500)),
    stepMs,
    startMs: 1_700_000_000_000 + Math.floor(random.between(0, 86_400_000)),
    base: random.scaled(20e6, 100e9),
    noise: random.scaled(0.001, 0.025),
    autocorrelation: random.chance(0.5) ? 0 : random.between(0.3, 0.95),
  }
}

/** A frame of some days, where the hour of the day shows. */
const days = (frame: Frame, random: Random, least = 2, most = 10): Frame => {
  const span = random.between(least, most) * 86_400_000
  const stepMs = random.pick([300, 600, 900, 1800, 3600]) * 1000
  return { ...frame, stepMs, count: Math.round(span / stepMs) }
}

const gainOf = (frame: Frame, random: Random): number =>
  random.scaled(Math.max(0.1, frame.noise * 6), Math.max(2.5, frame.noise * 20))

interface Extra {
  onset?: number
  identities?: (share: number) => string | null
  /** Share of samples that are missing, and shares of the length that are. */
  missing?: number
  gaps?: number
  jitter?: number
  /** The shape without its teeth and waves, for the forecast. */
  pure?: Shape
  forecastless?: boolean
}

const series = (
  kind: string,
  leak: boolean,
  frame: Frame,
  random: Random,
  shape: Shape,
  extra: Extra = {},
): Labelled => {
  const { count, stepMs, startMs, base, noise, autocorrelation } = frame
  const at = (share: number): number => startMs + share * count * stepMs
  const gaps = Array.from({ length: extra.gaps ?? 0 }, () => {
    const from = random.between(0.1, 0.85)
    return [from, from + random.between(0.02, 0.12)] as const
  })
  const grain = random.chance(0.25) ? base * 10 ** -random.between(2.5, 3.5) : 1
  const missing = extra.missing ?? (random.chance(0.2) ? random.between(0, 0.1) : 0)
  const points: SeriesPoint[] = []
  let drift = random.normal()
  for (let i = 0; i < count; i++) {
    drift = autocorrelation * drift + Math.sqrt(1 - autocorrelation ** 2) * random.normal()
    const share = i / count
    const off = (extra.jitter ?? 0) * random.between(-0.45, 0.45)
    const bytes = base * (shape(share, i) + noise * drift)
    const skip = random.chance(missing) || gaps.some(([from, to]) => share >= from && share < to)
    if (skip) continue
    points.push({
      atMs: Math.round(startMs + (i + off) * stepMs),
      bytes: Math.max(0, Math.round(bytes / grain) * grain),
      identity: extra.identities?.(share) ?? null,
    })
  }
  return { kind, leak, points, ...limits(leak, frame, random, points, at, extra.pure ?? shape, extra) }
}

const limits = (
  leak: boolean,
  { base }: Frame,
  random: Random,
  points: readonly SeriesPoint[],
  at: (share: number) => number,
  pure: Shape,
  extra: Extra,
): Pick<Labelled, 'onsetAtMs' | 'ceiling' | 'hitAtMs'> => {
  if (!leak || extra.forecastless)
    return { onsetAtMs: leak ? at(extra.onset ?? 0) : null, ceiling: null, hitAtMs: null }
  const top = points.reduce((most, { bytes }) => Math.max(most, bytes), 0)
  const used = points.at(-1)?.bytes ?? 0
  const limitBytes = Math.round(top + (pure(1, 0) - pure(0.5, 0)) * base * random.between(0.2, 2))
  let hitAtMs: number | null = null
  for (let share = 1; share < 12 && hitAtMs === null; share += 0.005)
    if (pure(share, 0) * base >= limitBytes) hitAtMs = at(share)
  return { onsetAtMs: at(extra.onset ?? 0), ceiling: { limitBytes, usedBytes: used }, hitAtMs }
}

/** 0 to 1 over a day, shaped like an office's or a shop's load. */
const loadOf = (frame: Frame, random: Random): Shape => {
  const peak = random.between(0, 1)
  const sharp = random.between(0.6, 2.5)
  return (share) => {
    const day = (share * frame.count * frame.stepMs) / 86_400_000
    return (0.5 + 0.5 * Math.cos(2 * Math.PI * (day - peak))) ** sharp
  }
}

const teeth = (random: Random, amplitude: number, periods: number): Shape => {
  const ragged = Array.from({ length: Math.ceil(periods * 14) + 2 }, () => random.between(0.75, 1.1))
  return (share) => {
    const tooth = share * periods
    return amplitude * (tooth - Math.floor(tooth)) * (ragged[Math.floor(tooth)] ?? 1)
  }
}

const leaking: Record<string, Draw> = {
  linear(frame, random, kind) {
    const gain = gainOf(frame, random)
    return series(kind, true, frame, random, (share) => 1 + gain * share)
  },
  stair(frame, random, kind) {
    const gain = Math.max(0.2, gainOf(frame, random))
    const count = random.whole(6, 25)
    const shift = random.next()
    const shape: Shape = (share) => 1 + (gain * Math.floor(share * count + shift)) / count
    return series(kind, true, frame, random, shape)
  },
  sawtooth(frame, random, kind) {
    const gain = Math.max(0.2, gainOf(frame, random))
    const saw = teeth(random, random.between(0.1, 0.8), random.whole(8, 60))
    return series(kind, true, frame, random, (share) => 1 + gain * share + saw(share, 0))
  },
  late(frame, random, kind) {
    const onset = random.between(0.25, 0.85)
    const gain = Math.max(0.25, gainOf(frame, random))
    const shape: Shape = (share) => 1 + (gain * Math.max(0, share - onset)) / (1 - onset)
    return series(kind, true, frame, random, shape, { onset })
  },
  'daily-leak'(given, random, kind) {
    const frame = days(given, random)
    const gain = Math.max(0.2, gainOf(frame, random))
    const load = loadOf(frame, random)
    const height = random.between(0.1, 0.5)
    const shape: Shape = (share) => 1 + gain * share + height * load(share, 0)
    return series(kind, true, frame, random, shape)
  },
  'restarts-leak'(given, random, kind) {
    const frame = { ...given, count: Math.max(300, given.count) }
    const lives = random.whole(2, 5)
    const edges = Array.from({ length: lives - 1 }, (_, i) => (i + 1 + random.between(-0.25, 0.25)) / lives)
    const gain = Math.max(0.4, gainOf(frame, random)) * lives
    const born = (share: number): number => edges.reduce((last, edge) => (share >= edge ? edge : last), 0)
    const known = random.chance(0.5)
    return series(kind, true, frame, random, (share) => 1 + gain * (share - born(share)), {
      identities: (share) => (known ? `life ${born(share).toFixed(4)}` : null),
      pure: (share) => 1 + gain * (share - (edges.at(-1) as number)),
    })
  },
  gaps(frame, random, kind) {
    const gain = gainOf(frame, random)
    return series(kind, true, frame, random, (share) => 1 + gain * share, {
      gaps: random.whole(1, 3),
      missing: random.between(0.05, 0.4),
      jitter: 1,
    })
  },
  accelerating(frame, random, kind) {
    const gain = Math.max(0.3, gainOf(frame, random))
    const power = random.between(1.4, 2.6)
    return series(kind, true, frame, random, (share) => 1 + gain * share ** power)
  },
}

const healthy: Record<string, Draw> = {
  noise: (frame, random, kind) => series(kind, false, frame, random, () => 1),
  'warm-up'(frame, random, kind) {
    const rise = random.scaled(0.2, 4)
    const speed = random.between(4, 30)
    return series(kind, false, frame, random, (share) => 1 + rise * (1 - Math.exp(-speed * share)))
  },
  daily(given, random, kind) {
    const frame = days(given, random, 1.5)
    const load = loadOf(frame, random)
    const height = random.between(0.1, 1)
    return series(kind, false, frame, random, (share) => 1 + height * load(share, 0))
  },
  spikes(frame, random, kind) {
    const count = random.whole(3, 20)
    const spikes = Array.from({ length: count }, () => ({
      from: random.next(),
      length: random.between(0.003, 0.03),
      height: random.between(0.2, 2),
    }))
    const shape: Shape = (share) =>
      1 +
      spikes.reduce(
        (sum, { from, length, height }) => sum + (share >= from && share < from + length ? height : 0),
        0,
      )
    return series(kind, false, frame, random, shape)
  },
  deploys(frame, random, kind) {
    const changes = Array.from({ length: random.whole(1, 3) }, () => ({
      from: random.between(0.1, 0.9),
      height: random.between(-0.15, 0.4),
    }))
    return series(kind, false, frame, random, (share) =>
      changes.reduce((sum, { from, height }) => sum + (share >= from ? height : 0), 1),
    )
  },
  gc(frame, random, kind) {
    const saw = teeth(random, random.between(0.1, 1), random.whole(8, 80))
    return series(kind, false, frame, random, (share) => 1 + saw(share, 0))
  },
  restarts(given, random, kind) {
    const frame = { ...given, count: Math.max(300, given.count) }
    const lives = random.whole(2, 6)
    const edges = Array.from({ length: lives - 1 }, (_, i) => (i + 1 + random.between(-0.3, 0.3)) / lives)
    const rise = random.between(0.1, 1.5)
    const speed = random.between(8, 60) * lives
    const born = (share: number): number => edges.reduce((last, edge) => (share >= edge ? edge : last), 0)
    const known = random.chance(0.5)
    const shape: Shape = (share) => 1 + rise * (1 - Math.exp(-speed * (share - born(share))))
    return series(kind, false, frame, random, shape, {
      identities: (share) => (known ? `life ${born(share).toFixed(4)}` : null),
    })
  },
  cache(frame, random, kind) {
    const full = random.between(0.15, 0.7)
    const rise = random.scaled(0.3, 3)
    return series(kind, false, frame, random, (share) => 1 + rise * Math.min(1, share / full))
  },
  bursts(frame, random, kind) {
    const bursts = Array.from({ length: random.whole(3, 8) }, () => ({
      from: random.next() * 0.95,
      length: random.between(0.02, 0.08),
      height: random.between(0.2, 1),
    }))
    const shape: Shape = (share) =>
      1 +
      bursts.reduce((sum, { from, length, height }) => {
        const inside = (share - from) / length
        return inside > 0 && inside < 1 ? sum + height * Math.sin(Math.PI * inside) ** 2 : sum
      }, 0)
    return series(kind, false, frame, random, shape)
  },
  walk(frame, random, kind) {
    const reach = random.between(0.1, 0.5)
    const stride = reach * random.between(0.01, 0.15)
    let place = random.between(-reach, reach)
    const path = Array.from({ length: frame.count }, () => {
      place += stride * random.normal()
      if (place > reach) place = 2 * reach - place
      if (place < -reach) place = -2 * reach - place
      return place
    })
    return series(kind, false, frame, random, (_, index) => 1 + (path[index] ?? 0))
  },
}
