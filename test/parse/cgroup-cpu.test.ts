import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCgroupCpu } from '../../src/parse/cgroup-cpu.ts'

describe('parseCgroupCpu', () => {
  it.each([
    ['v2', 'usage_usec 12500000\nuser_usec 9000000\nsystem_usec 3500000\nnr_periods 0\n', 12.5],
    ['v1', 'nr_periods 0\nnr_throttled 0\nthrottled_time 0\n', null],
    ['empty', '', null],
    ['no number', 'usage_usec x\n', null],
    ['another key that ends so', 'core_sched.usage_usec 5\n', null],
    ['negative', 'usage_usec -1\n', null],
  ])('%s', (_, text, seconds) => {
    expect(parseCgroupCpu(text)).toBe(seconds)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const seconds = parseCgroupCpu(text)
        return seconds === null || seconds >= 0
      }),
    )
  })
})
