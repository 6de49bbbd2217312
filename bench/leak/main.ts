import type { SeriesPoint } from '../../src/leak/series.ts'
import { judgeLeak } from '../../src/leak/verdict.ts'
import { type Baseline, lbr, mannKendallFloors, mannKendallRaw, ols, precogMf } from './baselines.ts'
import { generate } from './generate.ts'
import type { Labelled } from './labelled.ts'
import { randomOf } from './random.ts'
import { scoreBaseline, scoreOwn } from './score.ts'
import { reported } from './seeds.ts'
import { simulate } from './simulate.ts'

const baselines: [string, Baseline][] = [
  ['OLS, R² > 0.8', ols],
  ['LBR', lbr],
  ['PrecogMF', precogMf],
  ['Mann-Kendall + Sen, raw', mannKendallRaw],
  ['Mann-Kendall + Sen, floors', mannKendallFloors],
]

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

const tableOf = (title: string, set: readonly Labelled[]): string[] => {
  const timed = <T>(work: () => T): { result: T; ms: string } => {
    const began = performance.now()
    const result = work()
    return { result, ms: ((performance.now() - began) / set.length).toFixed(2) }
  }
  // Once before, so that no method pays for the compiler.
  scoreOwn(set.slice(0, 60))
  const own = timed(() => scoreOwn(set))
  const { onsetWithin, onsetError, coverage, width } = own.result
  const rows = [
    ['oratio-health', own],
    ...baselines.map(([name, judge]) => [name, timed(() => scoreBaseline(set, judge))] as const),
  ] as const
  return [
    title,
    '',
    '| method | precision | recall | F1 | false alarms | missed | ms a series |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(([name, { result, ms }]) => {
      const { precision, recall, f1, falsePositives, falseNegatives } = result
      return `| ${name} | ${precision.toFixed(3)} | ${recall.toFixed(3)} | ${f1.toFixed(3)} | ${falsePositives} | ${falseNegatives} | ${ms} |`
    }),
    '',
    `Onset within 10 % of the length: ${percent(onsetWithin)} (median error ${percent(onsetError)}).`,
    Number.isFinite(width)
      ? `Limit met within the range: ${percent(coverage)} of leaks; median width of the range ${percent(width)} of the time left.`
      : '',
    own.result.wrong.length > 0 ? `Wrong: ${own.result.wrong.join(', ')}.` : '',
    '',
  ]
}

/** Samples that have grown until it is called a leak, over ten seeds, one sample a minute. */
const samplesToDetect = (level: number, perMinute: number, noise: number, quiet: number): number => {
  const found = Array.from({ length: 10 }, (_, seed) => {
    const random = randomOf(seed + 1)
    const points: SeriesPoint[] = []
    for (let i = 0; i < quiet + 300; i++) {
      const bytes = (level + perMinute * Math.max(0, i - quiet) + noise * random.normal()) * 1024 ** 2
      points.push({ atMs: i * 60_000, bytes, identity: 'a' })
      if (judgeLeak(points, null).verdict === 'leak') return quiet > 0 ? i - quiet : i + 1
    }
    return Number.POSITIVE_INFINITY
  })
  return Math.max(...found)
}

const services = simulate(reported.services, reported.servicesCount)
const curves = generate(reported.curves, reported.curvesEachKind)
const lines = [
  ...tableOf(`### Drawn curves: ${curves.length} series, seed ${reported.curves}`, curves),
  ...tableOf(`### Simulated services: ${services.length} series, seed ${reported.services}`, services),
  '### Time to detect, one sample a minute, the worst of ten seeds',
  '',
  '| leak | samples |',
  '|---|---|',
  `| 500 MiB, then 220 MiB/min, noise 5 MiB | ${samplesToDetect(500, 220, 5, 0)} |`,
  `| 500 MiB for an hour, then 220 MiB/min, noise 10 MiB | ${samplesToDetect(500, 220, 10, 60)} |`,
  `| 241 MiB, then 123 MiB/min, noise 5 MiB | ${samplesToDetect(241, 123, 5, 0)} |`,
  `| 1.9 GiB, then 400 MiB/h, noise 10 MiB | ${samplesToDetect(1900, 400 / 60, 10, 0)} |`,
]
process.stdout.write(`${lines.join('\n')}\n`)
