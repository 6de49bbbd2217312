import type {
  AcceptanceFacts,
  AcceptanceReason,
  AcceptanceSample,
  Criteria,
  Criterion,
  CriterionName,
} from '../core/acceptance.ts'
import { growthOver } from './acceptance-growth.ts'
import { coverageOf, livesOf } from './acceptance-window.ts'

/**
 * The acceptance table of a fix. It fails closed: a bound that was broken by any sample is a failure, and one that was
 * not is passed only when the samples are all there to show it.
 */
export const judgeAcceptance = (facts: AcceptanceFacts, criteria: Criteria): Criterion[] => {
  const { samples } = facts
  const lives = livesOf(samples)
  const settled = lives.flatMap((life, i) => life.slice(settledFrom(life, i, facts, criteria.warmUpSeconds)))
  const most = (name: CriterionName, bound: number | null, of: readonly AcceptanceSample[], read: Read) =>
    bound === null ? [] : [judgeMost(name, bound, of.map(read), facts)]
  return [
    ...most('max-memory', criteria.maxMemoryBytes, settled, ({ memoryBytes }) => memoryBytes),
    ...ask(criteria.maxGrowthBytesPerMinute, (bound) => growthOver(settled, bound, facts)),
    ...most('max-swap', criteria.maxSwapBytes, samples, ({ swapBytes }) => swapBytes),
    ...ask(criteria.maxCpuPercent, (bound) => judgeCpu(lives, bound, facts)),
    ...ask(criteria.minUptimeSeconds, (bound) => judgeUptime(lives, bound, facts)),
    ...most('max-processes', criteria.maxProcesses, samples, ({ processes }) => processes),
  ]
}

type Read = (sample: AcceptanceSample) => number | null

const ask = (bound: number | null, judge: (bound: number) => Criterion): Criterion[] =>
  bound === null ? [] : [judge(bound)]

/** Index in a life from which it is no longer warming up. */
const settledFrom = (
  life: readonly AcceptanceSample[],
  index: number,
  { samples, window, uptimeSeconds }: AcceptanceFacts,
  warmUpSeconds: number,
): number => {
  const first = life[0]
  if (first === undefined || warmUpSeconds === 0) return 0
  const isNewest = life.at(-1) === samples.at(-1)
  const born =
    isNewest && uptimeSeconds !== null
      ? window.toMs - uptimeSeconds * 1000
      : // When the first life began is not known: then it counts from where it is seen.
        index === 0
        ? Math.min(window.fromMs, first.atMs)
        : first.atMs
  const from = life.findIndex(({ atMs }) => atMs >= born + warmUpSeconds * 1000)
  return from < 0 ? life.length : from
}

const base = (name: CriterionName, bound: number): Pick<Criterion, 'name' | 'bound' | 'range'> => ({
  name,
  bound,
  range: null,
})

const insufficient = (
  name: CriterionName,
  bound: number,
  measured: number | null,
  reason: AcceptanceReason,
): Criterion => ({ ...base(name, bound), measured, result: 'insufficient', reason })

/** The highest of what was measured must not be above the bound. */
const judgeMost = (
  name: CriterionName,
  bound: number,
  figures: readonly (number | null)[],
  facts: AcceptanceFacts,
): Criterion => {
  const known = figures.filter((figure): figure is number => figure !== null)
  if (known.length === 0)
    return insufficient(name, bound, null, {
      code: facts.samples.length === 0 ? 'no-samples' : 'not-measured',
    })
  const measured = known.reduce((highest, one) => Math.max(highest, one), 0)
  if (measured > bound) return { ...base(name, bound), measured, result: 'fail', reason: null }
  const { had, expected, complete } = coverageOf(facts)
  if (!complete || known.length < figures.length)
    return insufficient(name, bound, measured, {
      code: 'gaps',
      had: had - (figures.length - known.length),
      expected,
    })
  return { ...base(name, bound), measured, result: 'pass', reason: null }
}

/**
 * On average over the lives, in percent of one CPU. Where the time of a service is that of its processes alive, it falls
 * when one has ended: then more was used than is seen.
 */
const judgeCpu = (
  lives: readonly (readonly AcceptanceSample[])[],
  bound: number,
  facts: AcceptanceFacts,
): Criterion => {
  let usedSeconds = 0
  let overSeconds = 0
  let falls = 0
  for (const life of lives)
    for (const [i, sample] of life.entries()) {
      const before = life[i - 1]
      const isLess = (sample.cpuSeconds ?? Infinity) < (before?.cpuSeconds ?? 0)
      if (sample.cpuFell || isLess) falls++
      if (before === undefined || sample.cpuSeconds === null || before.cpuSeconds === null) continue
      usedSeconds += Math.max(0, sample.cpuSeconds - before.cpuSeconds)
      overSeconds += (sample.atMs - before.atMs) / 1000
    }
  if (overSeconds === 0)
    return insufficient('max-cpu', bound, null, {
      code: facts.samples.length === 0 ? 'no-samples' : 'not-measured',
    })
  const measured = (usedSeconds * 100) / overSeconds
  if (measured > bound) return { ...base('max-cpu', bound), measured, result: 'fail', reason: null }
  const { had, expected, complete } = coverageOf(facts)
  const unknown = facts.samples.filter(({ cpuSeconds }) => cpuSeconds === null).length
  if (falls > 0) return insufficient('max-cpu', bound, measured, { code: 'cpu-lost', times: falls })
  return complete && unknown === 0
    ? { ...base('max-cpu', bound), measured, result: 'pass', reason: null }
    : insufficient('max-cpu', bound, measured, { code: 'gaps', had: had - unknown, expected })
}

const judgeUptime = (
  lives: readonly (readonly AcceptanceSample[])[],
  bound: number,
  { samples, window, uptimeSeconds }: AcceptanceFacts,
): Criterion => {
  const name = 'min-uptime'
  const first = lives.at(-1)?.[0]
  if (first === undefined) return insufficient(name, bound, null, { code: 'no-samples' })
  if (samples.every(({ identity }) => identity === null) && uptimeSeconds === null)
    return insufficient(name, bound, null, { code: 'not-measured' })
  const seen = ((samples.at(-1)?.atMs ?? first.atMs) - first.atMs) / 1000
  const measured = Math.max(seen, uptimeSeconds ?? 0)
  const restarts = lives.length - 1
  if (restarts > 0 && measured < bound)
    return {
      ...base(name, bound),
      measured,
      result: 'fail',
      reason: { code: 'restarted', atMs: first.atMs, restarts },
    }
  if (measured < bound)
    return insufficient(name, bound, measured, { code: 'too-young', uptimeSeconds: measured })
  // Up long enough, but is it up still?
  const isFresh = window.toMs - (samples.at(-1)?.atMs ?? 0) <= 2.5 * window.stepMs
  const { had, expected } = coverageOf({ samples, window })
  return isFresh
    ? { ...base(name, bound), measured, result: 'pass', reason: null }
    : insufficient(name, bound, measured, { code: 'gaps', had, expected })
}
