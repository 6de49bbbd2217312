import { expect, it } from 'vitest'
import { lbr, mannKendallFloors, ols, precogMf } from '../../bench/leak/baselines.ts'
import { generate } from '../../bench/leak/generate.ts'
import { scoreBaseline, scoreOwn } from '../../bench/leak/score.ts'
import { reported } from '../../bench/leak/seeds.ts'
import { simulate } from '../../bench/leak/simulate.ts'

const curves = generate(reported.curves, reported.curvesEachKind)

it('meets the bar on the reported seed, ahead of the usual methods', () => {
  expect(curves.length).toBeGreaterThanOrEqual(400)
  const own = scoreOwn(curves)
  expect(own.wrong.length, own.wrong.join(', ')).toBeLessThanOrEqual(curves.length * 0.02)
  expect(own.precision).toBeGreaterThanOrEqual(0.98)
  expect(own.recall).toBeGreaterThanOrEqual(0.98)
  expect(own.onsetWithin).toBeGreaterThanOrEqual(0.9)
  expect(own.coverage).toBeGreaterThanOrEqual(0.8)
  // A range that covers everything says nothing.
  expect(own.width).toBeLessThan(1)
  for (const baseline of [ols, lbr, precogMf, mannKendallFloors])
    expect(scoreBaseline(curves, baseline).f1).toBeLessThan(own.f1)
})

it('alarms on no healthy service of the simulation, and finds most that leak', () => {
  const services = simulate(reported.services, 200)
  const { precision, recall } = scoreOwn(services)
  expect(precision).toBeGreaterThanOrEqual(0.98)
  expect(recall).toBeGreaterThanOrEqual(0.85)
})
