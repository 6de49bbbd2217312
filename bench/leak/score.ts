import { judgeLeak } from '../../src/leak/verdict.ts'
import type { Baseline } from './baselines.ts'
import type { Labelled } from './labelled.ts'

export interface Score {
  truePositives: number
  falsePositives: number
  falseNegatives: number
  precision: number
  recall: number
  f1: number
  /** Names of the series that were judged wrongly: kind and index. */
  wrong: string[]
}

const scoreOf = (set: readonly Labelled[], said: readonly boolean[]): Score => {
  const count = (leak: boolean, called: boolean): number =>
    set.filter((one, i) => one.leak === leak && said[i] === called).length
  const [hits, alarms, missed] = [count(true, true), count(false, true), count(true, false)]
  const precision = hits / Math.max(1, hits + alarms)
  const recall = hits / Math.max(1, hits + missed)
  return {
    truePositives: hits,
    falsePositives: alarms,
    falseNegatives: missed,
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    wrong: set.flatMap((one, i) => (one.leak === said[i] ? [] : [`${one.kind} ${i}`])),
  }
}

export const scoreBaseline = (set: readonly Labelled[], baseline: Baseline): Score =>
  scoreOf(set, set.map(baseline))

export interface OwnScore extends Score {
  /** Share of the leaks found whose onset is within 10 % of the length. */
  onsetWithin: number
  /** Median distance of the onset, as a share of the length. */
  onsetError: number
  /** Share of the leaks with a limit that meet it within the range. */
  coverage: number
  /** Median width of the range, as a share of the best guess. */
  width: number
}

export const scoreOwn = (set: readonly Labelled[]): OwnScore => {
  const verdicts = set.map(({ points, ceiling }) => judgeLeak(points, ceiling))
  const errors: number[] = []
  const covered: boolean[] = []
  const widths: number[] = []
  set.forEach(({ leak, points, onsetAtMs, hitAtMs }, i) => {
    const verdict = verdicts[i]
    const [first, last] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0]
    if (!leak || verdict?.verdict !== 'leak') return
    if (onsetAtMs !== null) errors.push(Math.abs((verdict.onsetAtMs ?? first) - onsetAtMs) / (last - first))
    if (hitAtMs === null) return
    const seconds = (hitAtMs - last) / 1000
    const range = verdict.secondsToLimit
    covered.push(range !== null && seconds >= range.low && (range.high === null || seconds <= range.high))
    if (range !== null && range.high !== null) widths.push((range.high - range.low) / Math.max(1, range.best))
  })
  const share = (all: readonly boolean[]): number => all.filter((one) => one).length / Math.max(1, all.length)
  return {
    ...scoreOf(
      set,
      verdicts.map(({ verdict }) => verdict === 'leak'),
    ),
    onsetWithin: share(errors.map((error) => error <= 0.1)),
    onsetError: middle(errors),
    coverage: share(covered),
    width: middle(widths),
  }
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
