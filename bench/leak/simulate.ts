import type { SeriesPoint } from '../../src/leak/series.ts'
import type { Labelled } from './labelled.ts'
import { type Random, randomOf } from './random.ts'

/**
 * Not curves, but a small model of a service that serves requests, collects garbage, fills a cache, is deployed, is
 * killed at its limit – and leaks per request, or does not. Nothing of `generate.ts` is used. The judge was looked at with
 * other seeds of this model while it was made, so it is no hold-out in the strict sense: only the reported seed is new.
 */
export const simulate = (seed: number, count: number): Labelled[] => {
  const random = randomOf(seed)
  const all: Labelled[] = []
  while (all.length < count) {
    const service = serviceOf(random, all.length % 2 === 0)
    const run = runOf(service, random)
    if (run !== null) all.push(run)
  }
  return all
}

interface Service {
  leaks: boolean
  stepSeconds: number
  steps: number
  startMs: number
  idleBytes: number
  /** Requests a second, on average. */
  requests: number
  load: 'even' | 'daily' | 'bursts'
  bytesInFlight: number
  garbageBytes: number
  /** Collected when garbage is that share of what lives. */
  collectAt: number
  cacheBytes: number
  /** Share of the requests that bring something new into the cache. */
  cacheMiss: number
  warmUpBytes: number
  warmUpSeconds: number
  leakBytes: number
  leakFromStep: number
  /** Leaks only with a failed job, in lumps of this many requests. */
  lump: number
  deploySteps: number[]
  batchEverySteps: number
  batchBytes: number
  limitBytes: number
  tellsIdentity: boolean
  grainBytes: number
  lost: number
}

const serviceOf = (random: Random, leaks: boolean): Service => {
  const stepSeconds = random.pick([10, 30, 60, 60, 120, 300, 600, 1800])
  const steps = Math.round(random.scaled(100, 3000))
  const seconds = stepSeconds * steps
  const idleBytes = random.scaled(30e6, 20e9)
  const requests = random.scaled(0.5, 200)
  const leakFromStep = random.chance(0.35) ? Math.floor(steps * random.between(0.2, 0.8)) : 0
  const leakedWanted = idleBytes * random.scaled(0.15, 3)
  const leakSeconds = seconds - leakFromStep * stepSeconds
  const isLong = seconds > 2.5 * 86_400
  return {
    leaks,
    stepSeconds,
    steps,
    startMs: 1_750_000_000_000 + random.whole(0, 86_400_000),
    idleBytes,
    requests,
    load: isLong && random.chance(0.6) ? 'daily' : random.pick(['even', 'even', 'bursts']),
    bytesInFlight: (idleBytes * random.scaled(0.005, 0.2)) / requests,
    garbageBytes: random.chance(0.5)
      ? (idleBytes * random.scaled(0.002, 0.05)) / (requests * stepSeconds)
      : 0,
    collectAt: random.between(0.1, 0.8),
    cacheBytes: random.chance(0.4) ? idleBytes * random.between(0.1, 1.5) : 0,
    cacheMiss: 0,
    warmUpBytes: random.chance(0.5) ? idleBytes * random.between(0.1, 1) : 0,
    warmUpSeconds: seconds * random.between(0.01, 0.08),
    leakBytes: leaks ? leakedWanted / (requests * leakSeconds) : 0,
    leakFromStep,
    lump: random.chance(0.3) ? random.scaled(1, 20) * requests * stepSeconds : 0,
    deploySteps: random.chance(0.3)
      ? Array.from({ length: random.whole(1, 2) }, () => random.whole(steps * 0.1, steps * 0.9))
      : [],
    batchEverySteps: random.chance(0.3) ? random.whole(20, Math.max(21, steps / 5)) : 0,
    batchBytes: idleBytes * random.between(0.1, 1.2),
    limitBytes: idleBytes * random.between(2.2, 12),
    tellsIdentity: random.chance(0.5),
    grainBytes: random.pick([1, 4096, 4096, 1e5]),
    lost: random.chance(0.3) ? random.between(0, 0.2) : 0,
  }
}

/** Plays the service; null when the outcome has no honest label. */
const runOf = (service: Service, random: Random): Labelled | null => {
  const { stepSeconds, steps, startMs } = service
  const cacheFillSteps = steps * random.between(0.05, 0.4)
  let life = 0
  let bornStep = 0
  let [garbage, cached, leaked, pendingLump, fragments] = [0, 0, 0, 0, 0]
  let leakedInAll = 0
  const history: { step: number; filling: number; leaked: number }[] = []
  let burst = 0
  let killed = 0
  let collections = 0
  const points: SeriesPoint[] = []
  for (let step = 0; step < steps; step++) {
    const day = (startMs / 1000 + step * stepSeconds) / 86_400
    if (service.load === 'bursts') burst = random.chance(0.02) ? random.between(0.5, 4) : burst * 0.85
    const wave = service.load === 'daily' ? 1 + 0.8 * Math.sin(2 * Math.PI * day) : 1 + burst
    const rate = Math.max(0, service.requests * wave * (1 + 0.1 * random.normal()))
    const served = rate * stepSeconds
    garbage += served * service.garbageBytes
    cached += (service.cacheBytes - cached) * (1 - Math.exp(-3 / cacheFillSteps)) * Math.min(2, wave)
    if (service.leaks && step >= service.leakFromStep) {
      pendingLump += served
      if (service.lump === 0 || pendingLump >= service.lump) {
        leaked += pendingLump * service.leakBytes
        leakedInAll += pendingLump * service.leakBytes
        pendingLump = 0
      }
    }
    const age = (step - bornStep) * stepSeconds
    const warm = service.warmUpBytes * (1 - Math.exp(-age / service.warmUpSeconds))
    history.push({ step, filling: warm + cached, leaked })
    const live = service.idleBytes + warm + cached + leaked
    if (garbage > live * service.collectAt) {
      garbage *= random.between(0, 0.1)
      collections++
    }
    fragments = 0.97 * fragments + 0.003 * service.idleBytes * random.normal()
    const isBatch = service.batchEverySteps > 0 && step % service.batchEverySteps < 3 && step > 5
    const used =
      live + garbage + rate * service.bytesInFlight + fragments + (isBatch ? service.batchBytes : 0)
    if (!random.chance(service.lost))
      points.push({
        atMs: startMs + step * stepSeconds * 1000 + random.whole(0, stepSeconds * 50),
        bytes: Math.round(Math.max(0, used) / service.grainBytes) * service.grainBytes,
        identity: service.tellsIdentity ? `${life}` : null,
      })
    if (used > service.limitBytes) killed++
    if (used > service.limitBytes || service.deploySteps.includes(step)) {
      life++
      bornStep = step + 1
      ;[garbage, cached, leaked, pendingLump, fragments] = [0, 0, 0, 0, 0]
    }
  }
  return labelOf(service, points, {
    leakedInAll,
    bornStep,
    killed,
    collections,
    ...newerHalf(history, bornStep),
  })
}

interface Outcome {
  leakedInAll: number
  bornStep: number
  killed: number
  collections: number
  /** By warm-up and cache, in the newer half of the last life. */
  filled: number
  leakedLately: number
}

const newerHalf = (
  history: readonly { step: number; filling: number; leaked: number }[],
  bornStep: number,
): Pick<Outcome, 'filled' | 'leakedLately'> => {
  const last = history.at(-1)
  const middle = history.find(({ step }) => step >= (bornStep + (last?.step ?? 0)) / 2)
  if (last === undefined || middle === undefined) return { filled: 0, leakedLately: 0 }
  return { filled: last.filling - middle.filling, leakedLately: last.leaked - middle.leaked }
}

const labelOf = (
  service: Service,
  points: SeriesPoint[],
  { leakedInAll, bornStep, killed, collections, filled, leakedLately }: Outcome,
): Labelled | null => {
  const { leaks, steps, idleBytes, leakFromStep, stepSeconds, startMs } = service
  // A healthy service that its limit is too small for, one that was restarted every few samples, and one whose last
  // life is too young or leaked too little to show anything by itself: no label would be honest.
  if (points.length < 40 || (!leaks && killed > 0) || killed > 5) return null
  if (leaks && leakedInAll < idleBytes * 0.12) return null
  // A garbage collector that hardly ran yet looks like a leak to everybody.
  if (service.garbageBytes > 0 && collections < 8) return null
  const age = (steps - bornStep) / steps
  if (age < 0.2) return null
  if (leaks && (steps - leakFromStep) / steps < 0.12) return null
  if (leaks && bornStep > 0 && leakFromStep > 0 && leakFromStep > bornStep - steps * 0.1) return null
  // What stays must be more than what comes and goes, and than a cache that is still filling.
  const waves = service.requests * service.bytesInFlight * (service.load === 'even' ? 0.3 : 1)
  const noise =
    idleBytes * 0.02 + waves + (service.garbageBytes > 0 ? idleBytes * service.collectAt * 0.1 : 0)
  if (leaks && (leakedLately < 1.5 * noise || leakedLately < 2 * filled)) return null
  if (!leaks && filled > 0.05 * idleBytes) return null
  const flavour = [
    leaks ? 'leak' : 'ok',
    service.load,
    service.garbageBytes > 0 ? 'gc' : '',
    service.cacheBytes > 0 ? 'cache' : '',
    service.lump > 0 && leaks ? 'lumps' : '',
    bornStep > 0 ? 'restarts' : '',
    leakFromStep > 0 && leaks ? 'late' : '',
  ]
  return {
    kind: flavour.filter((one) => one !== '').join(' '),
    leak: leaks,
    points,
    onsetAtMs: leaks && bornStep === 0 ? startMs + leakFromStep * stepSeconds * 1000 : null,
    ceiling: null,
    hitAtMs: null,
  }
}
